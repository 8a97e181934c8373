-- Texts that a dry run keeps are of real people: whose they are is kept beside them, so that who is
-- erased is forgotten there too. Which screenings show somebody; the ids stand with the texts.
CREATE TABLE sampled_people (
    tenant_id uuid NOT NULL,
    subscriber_id uuid NOT NULL,
    session_id uuid NOT NULL,
    content_version integer NOT NULL,
    PRIMARY KEY (tenant_id, subscriber_id, session_id, content_version),
    FOREIGN KEY (tenant_id, session_id, content_version)
        REFERENCES content_versions (tenant_id, session_id, version)
);
CALL secure_tenant_table('sampled_people', 'SELECT, INSERT, DELETE');

-- What a case showed stays with the case, but the text of somebody who is nobody's subscriber any
-- more: it may be emptied and nothing else. Digests of what was shown stay with the votes.
CREATE OR REPLACE FUNCTION cases_keep_shown() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF new.rescreening = old.rescreening AND new.changes = old.changes
        AND new.content_hash = old.content_hash AND new.bounds IS NOT DISTINCT FROM old.bounds
        AND new.score = old.score
        AND new.dry_run - '{renderings,hosts}'::text[] = old.dry_run - '{renderings,hosts}'::text[]
        AND NOT EXISTS (
            SELECT FROM (VALUES
                (old.dry_run -> 'renderings', new.dry_run -> 'renderings',
                    '{text,links,hits,subscriber_id}'::text[]),
                (old.dry_run -> 'hosts', new.dry_run -> 'hosts', '{sample,subscriber_id}'::text[]),
                (old.hits, new.hits, '{text,span,matched,subscriber_id}'::text[])
            ) AS part (was, stands, emptied)
            WHERE jsonb_array_length(was) <> jsonb_array_length(stands) OR EXISTS (
                SELECT FROM jsonb_array_elements(was) WITH ORDINALITY AS b (one, n)
                JOIN jsonb_array_elements(stands) WITH ORDINALITY AS a (one, n) USING (n)
                WHERE a.one <> b.one AND NOT (a.one - emptied = b.one - emptied
                    AND b.one ->> 'subscriber_id' IS NOT NULL
                    AND a.one ->> 'subscriber_id' IS NULL AND a.one ->> emptied[1] = '')))
    THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'what a case showed stays with the case'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'cases_keep_shown';
END $$;

-- A second factor may be given another name; nothing else of it changes by hand.
GRANT UPDATE (name) ON second_factors TO clearsend_doorway;
