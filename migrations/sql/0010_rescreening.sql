-- A session that comes back to validation is rendered again for everybody before anyone rules.

-- none: what screening saw is new. pending: being rendered again, nobody takes it. done: it shows
-- who would get what now. failed: it could not be rendered, so it cannot be approved.
ALTER TABLE cases
    ADD COLUMN rescreening text NOT NULL DEFAULT 'none'
        CHECK (rescreening IN ('none', 'pending', 'done', 'failed')),
    -- [{what, before, after, allowed, added, removed}] against what was approved
    ADD COLUMN changes jsonb NOT NULL DEFAULT '[]',
    ADD CHECK (rescreening <> 'pending' OR lease_holder IS NULL);
CREATE INDEX cases_pending ON cases (opened_at) WHERE rescreening = 'pending' AND state = 'open';
GRANT UPDATE (rescreening, changes, content_hash, dry_run, hits, bounds, score) ON cases
    TO clearsend_tenant;

CREATE FUNCTION cases_keep_shown() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what a case showed stays with the case'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'cases_keep_shown';
END $$;
REVOKE ALL ON FUNCTION cases_keep_shown() FROM PUBLIC;
CREATE TRIGGER keep_shown
    BEFORE UPDATE OF rescreening, changes, content_hash, dry_run, hits, bounds, score ON cases
    FOR EACH ROW WHEN (old.rescreening <> 'pending' OR old.state <> 'open')
    EXECUTE FUNCTION cases_keep_shown();

ALTER TABLE queue_rows ADD COLUMN rescreening text NOT NULL DEFAULT 'none';
