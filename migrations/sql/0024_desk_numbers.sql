-- The desk's numbers by the hour: folded by the clock, so that no page counts millions of decisions.

-- What one moderator did in one hour of one lane. How long tenants waited is kept as a histogram
-- (backend/statistics/waits.py), so that the median of a week is made of its hours.
CREATE TABLE desk_hours (
    hour timestamptz NOT NULL CHECK (date_trunc('hour', hour, 'UTC') = hour),
    lane text NOT NULL,
    moderator_id uuid NOT NULL,
    moderator_name text NOT NULL,
    approved integer NOT NULL CHECK (approved >= 0),
    changes_requested integer NOT NULL CHECK (changes_requested >= 0),
    refused integer NOT NULL CHECK (refused >= 0),
    -- decided after the deadline
    late integer NOT NULL CHECK (late >= 0),
    -- rulings of this moderator that were taken back in this hour
    overturned integer NOT NULL CHECK (overturned >= 0),
    wait_buckets smallint[] NOT NULL,
    wait_cases integer[] NOT NULL CHECK (cardinality(wait_cases) = cardinality(wait_buckets)),
    PRIMARY KEY (hour, lane, moderator_id)
);

-- What came in and what stood there. The last two are as the clock last saw them in that hour.
CREATE TABLE lane_hours (
    hour timestamptz NOT NULL CHECK (date_trunc('hour', hour, 'UTC') = hour),
    lane text NOT NULL,
    opened integer NOT NULL CHECK (opened >= 0),
    -- nobody decided in time, and the send was missed
    lapsed integer NOT NULL CHECK (lapsed >= 0),
    waiting integer CHECK (waiting >= 0),
    oldest_seconds integer CHECK (oldest_seconds >= 0),
    PRIMARY KEY (hour, lane)
);

-- The first hour that is not final yet; one row.
CREATE TABLE desk_fold (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    next_hour timestamptz,
    folded_at timestamptz
);
INSERT INTO desk_fold (id) VALUES (1);

CREATE PROCEDURE secure_desk_figures(name text, verbs text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY platform ON %I TO clearsend_platform USING (true) WITH CHECK (true)',
        name);
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
    EXECUTE format('GRANT %s ON %I TO clearsend_platform', verbs, name);
END $$;
CALL secure_desk_figures('desk_hours', 'SELECT, INSERT, DELETE');
CALL secure_desk_figures('lane_hours', 'SELECT, INSERT, UPDATE');
CALL secure_desk_figures('desk_fold', 'SELECT, UPDATE');
DROP PROCEDURE secure_desk_figures;

-- One hour of each is read at a time.
CREATE INDEX decisions_decided ON decisions (decided_at);
CREATE INDEX decisions_revoked ON decisions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX queue_rows_opened ON queue_rows (opened_at);
CREATE INDEX queue_rows_lapsed ON queue_rows (closed_at) WHERE state = 'lapsed';

-- The history of all tenants, newest first, also of one person or one verdict; words of titles.
CREATE INDEX decisions_history ON decisions (id DESC);
CREATE INDEX decisions_of_person ON decisions (decided_by, id DESC);
CREATE INDEX decisions_of_verdict ON decisions (verdict, id DESC) WHERE verdict <> 'approve';
CREATE INDEX queue_rows_words ON queue_rows USING gin (to_tsvector('simple', title));

CREATE VIEW pub_moderation_rulings WITH (security_invoker = true) AS
SELECT d.tenant_id, d.id, d.verdict, d.decided_by, d.decided_by_name, d.decided_at, d.lane, q.kind,
    q.opened_at, q.due_at
FROM decisions d JOIN queue_rows q ON q.tenant_id = d.tenant_id AND q.case_id = d.case_id;
GRANT SELECT ON pub_moderation_rulings TO clearsend_platform;

-- Rulings that were taken back: approvals that were revoked, refusals an appeal was granted against.
CREATE VIEW pub_moderation_overturns WITH (security_invoker = true) AS
SELECT d.tenant_id, d.id, d.decided_by, d.decided_by_name, d.lane, d.revoked_at AS overturned_at
FROM decisions d WHERE d.revoked_at IS NOT NULL
UNION ALL
SELECT d.tenant_id, d.id, d.decided_by, d.decided_by_name, d.lane, a.decided_at
FROM decisions a JOIN decisions d ON d.tenant_id = a.tenant_id AND d.id = a.appeal_of
WHERE d.overturned_by = a.id;
GRANT SELECT ON pub_moderation_overturns TO clearsend_platform;

CREATE VIEW pub_moderation_queue WITH (security_invoker = true) AS
SELECT q.tenant_id, q.case_id, q.lane, q.state, q.opened_at, q.due_at, q.closed_at, q.lease_until
FROM queue_rows q;
GRANT SELECT ON pub_moderation_queue TO clearsend_platform;
