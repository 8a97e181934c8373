-- The desk: lanes and an order that starves nobody, votes that take effect later, notes, appeals,
-- and the rules of the desk and the Code of Conduct as versioned data.

-- Lead moderators write a new version; what was decided under an older one names it.
CREATE TABLE desk_rules (
    version integer PRIMARY KEY CHECK (version >= 2),
    body jsonb NOT NULL,
    note text NOT NULL CHECK (length(note) BETWEEN 3 AND 500),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE TABLE conduct_books (
    version integer PRIMARY KEY CHECK (version >= 2),
    body jsonb NOT NULL,
    note text NOT NULL CHECK (length(note) BETWEEN 3 AND 500),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);
-- How long a look and a wait in a lane usually are, counted by the clock from recent decisions.
CREATE TABLE lane_figures (
    lane text PRIMARY KEY CHECK (lane IN ('standard', 'large', 'flagged', 'lead_only')),
    review_seconds integer CHECK (review_seconds >= 0),
    wait_p50_seconds integer CHECK (wait_p50_seconds >= 0),
    wait_p90_seconds integer CHECK (wait_p90_seconds >= wait_p50_seconds),
    decisions integer NOT NULL CHECK (decisions >= 0),
    measured_at timestamptz NOT NULL
);
REVOKE ALL ON desk_rules, conduct_books, lane_figures FROM PUBLIC;
GRANT SELECT ON desk_rules, conduct_books, lane_figures TO clearsend_tenant;
GRANT SELECT, INSERT ON desk_rules, conduct_books TO clearsend_platform;
GRANT SELECT, INSERT, UPDATE ON lane_figures TO clearsend_platform;

-- Moderators from outside: the desk without a recipient's number.
ALTER TABLE staff DROP CONSTRAINT staff_role_check;
ALTER TABLE staff ADD CONSTRAINT staff_role_check
    CHECK (role IN ('moderator', 'lead', 'finance', 'admin', 'external'));

ALTER TABLE cases
    DROP CONSTRAINT cases_kind_check,
    DROP CONSTRAINT cases_check,
    -- the refusal an appeal is against, and what its tenant says
    ADD COLUMN appeal_of uuid,
    ADD COLUMN appeal_text text CHECK (length(appeal_text) BETWEEN 1 AND 2000),
    ADD COLUMN lane text NOT NULL DEFAULT 'standard'
        CHECK (lane IN ('standard', 'large', 'flagged', 'lead_only')),
    -- the rule that chose the lane, or who moved it
    ADD COLUMN lane_why text NOT NULL DEFAULT '' CHECK (length(lane_why) <= 300),
    -- when a look must begin: least first. What waited before this column came is looked at first.
    ADD COLUMN priority_at timestamptz NOT NULL DEFAULT 'epoch',
    ADD COLUMN lease_taken_at timestamptz,
    ADD COLUMN skips integer NOT NULL DEFAULT 0 CHECK (skips >= 0),
    ADD COLUMN questions integer NOT NULL DEFAULT 0 CHECK (questions >= 0),
    -- who may not decide: the first of two voters, whoever made the refusal that is appealed
    ADD COLUMN barred uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN first_vote_id uuid,
    -- a vote that has not taken effect yet: nobody else takes the case until then
    ADD COLUMN vote_id uuid,
    ADD COLUMN takes_effect_at timestamptz;
ALTER TABLE cases ALTER COLUMN priority_at DROP DEFAULT,
    ADD CONSTRAINT cases_kind_check
        CHECK (kind IN ('campaign_session', 'template_version', 'sender_id', 'appeal')),
    ADD CONSTRAINT cases_subject_check CHECK (CASE kind
        WHEN 'campaign_session' THEN session_id IS NOT NULL AND content_version IS NOT NULL
            AND bounds IS NOT NULL AND num_nonnulls(template_version_id, sender_id) = 0
        WHEN 'template_version' THEN template_version_id IS NOT NULL
            AND num_nonnulls(session_id, content_version, sender_id) = 0
        WHEN 'sender_id' THEN sender_id IS NOT NULL
            AND num_nonnulls(session_id, content_version, template_version_id) = 0
        ELSE num_nonnulls(session_id, template_version_id, sender_id) = 1
            AND num_nonnulls(session_id, content_version) IN (0, 2) END),
    ADD CONSTRAINT cases_appeal_check
        CHECK (num_nonnulls(appeal_of, appeal_text) = CASE kind WHEN 'appeal' THEN 2 ELSE 0 END),
    ADD CONSTRAINT cases_vote_check
        CHECK (num_nonnulls(vote_id, takes_effect_at) IN (0, 2)
            AND (state = 'open' OR vote_id IS NULL)),
    ADD FOREIGN KEY (tenant_id, appeal_of) REFERENCES decisions (tenant_id, id);
-- once: open or decided
CREATE UNIQUE INDEX cases_appeal ON cases (tenant_id, appeal_of) WHERE appeal_of IS NOT NULL;
CREATE INDEX cases_votes_due ON cases (takes_effect_at) WHERE takes_effect_at IS NOT NULL;
GRANT UPDATE (lane, lane_why, priority_at, lease_taken_at, skips, questions, barred, first_vote_id,
    vote_id, takes_effect_at) ON cases TO clearsend_tenant;

-- What one person ruled, with what they were shown. It takes effect later, by the clock, unless it
-- was undone or something else closed the case first.
CREATE TABLE votes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('approve', 'request_changes', 'refuse')),
    content_hash text NOT NULL CHECK (length(content_hash) = 64),
    lease_fence integer NOT NULL,
    voter uuid NOT NULL,
    voter_name text NOT NULL,
    reason_code text,
    conduct_version integer,
    message text CHECK (length(message) <= 2000),
    note text CHECK (length(note) <= 2000),
    comments jsonb NOT NULL DEFAULT '[]',
    -- {content_hash, dry_run, hits, rules_version, conduct_version, …}: digests, no texts
    shown jsonb NOT NULL,
    -- why two people must agree; empty: one is enough
    four_eyes text[] NOT NULL,
    lane text NOT NULL,
    review_seconds integer NOT NULL CHECK (review_seconds >= 0),
    cast_at timestamptz NOT NULL,
    takes_effect_at timestamptz NOT NULL,
    -- pending → undone | counted (the first of two) | decided | void (overtaken)
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'undone', 'counted', 'decided', 'void')),
    settled_at timestamptz,
    void_why text CHECK (length(void_why) <= 100),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id),
    CHECK (verdict <> 'refuse' OR reason_code IS NOT NULL),
    CHECK ((reason_code IS NULL) = (conduct_version IS NULL)),
    CHECK ((state = 'pending') = (settled_at IS NULL)),
    CHECK ((state = 'void') = (void_why IS NOT NULL)),
    CHECK (takes_effect_at >= cast_at)
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX votes_pending ON votes (tenant_id, case_id) WHERE state = 'pending';
CREATE UNIQUE INDEX votes_counted ON votes (tenant_id, case_id) WHERE state = 'counted';
CREATE INDEX votes_case ON votes (tenant_id, case_id, id);
CREATE INDEX votes_lane ON votes (lane, cast_at DESC) WHERE state = 'decided';
CALL secure_tenant_table('votes', 'SELECT, INSERT, UPDATE (state, settled_at, void_why)');

-- What moderators say to each other about a case; no tenant reads it.
CREATE TABLE case_notes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('note', 'question', 'opinion', 'escalation', 'skip')),
    author uuid NOT NULL,
    author_name text NOT NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    -- a question: to whom, null is anybody. An opinion: to which question, and where it leans
    asked uuid,
    answers uuid,
    leaning text CHECK (leaning IN ('approve', 'request_changes', 'refuse')),
    written_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id),
    FOREIGN KEY (tenant_id, answers) REFERENCES case_notes (tenant_id, id),
    CHECK (asked IS NULL OR kind = 'question'),
    CHECK ((answers IS NOT NULL) = (kind = 'opinion')),
    CHECK (leaning IS NULL OR kind = 'opinion')
);
CREATE INDEX case_notes_case ON case_notes (tenant_id, case_id, id);
CREATE UNIQUE INDEX case_notes_answered ON case_notes (tenant_id, answers) WHERE answers IS NOT NULL;
CALL secure_tenant_table('case_notes', 'SELECT, INSERT');

ALTER TABLE decisions
    ADD COLUMN appeal_of uuid,
    ADD COLUMN overturned_by uuid,
    -- where two people agreed: the other one
    ADD COLUMN first_voter_name text,
    ADD COLUMN lane text NOT NULL DEFAULT 'standard',
    ADD COLUMN review_seconds integer,
    ADD FOREIGN KEY (tenant_id, appeal_of) REFERENCES decisions (tenant_id, id),
    ADD FOREIGN KEY (tenant_id, overturned_by) REFERENCES decisions (tenant_id, id),
    ADD CHECK (overturned_by IS NULL OR verdict = 'refuse');
GRANT UPDATE (overturned_by) ON decisions TO clearsend_tenant;

ALTER TABLE queue_rows
    DROP CONSTRAINT queue_rows_kind_check,
    ADD CONSTRAINT queue_rows_kind_check
        CHECK (kind IN ('campaign_session', 'template_version', 'sender_id', 'appeal')),
    ADD COLUMN lane text NOT NULL DEFAULT 'standard',
    ADD COLUMN lane_why text NOT NULL DEFAULT '',
    ADD COLUMN priority_at timestamptz NOT NULL DEFAULT 'epoch',
    ADD COLUMN skips integer NOT NULL DEFAULT 0,
    ADD COLUMN questions integer NOT NULL DEFAULT 0,
    ADD COLUMN barred uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN has_first_vote boolean NOT NULL DEFAULT false,
    ADD COLUMN takes_effect_at timestamptz;
ALTER TABLE queue_rows ALTER COLUMN priority_at DROP DEFAULT;
DROP INDEX queue_rows_open;
DROP INDEX queue_rows_closed;
CREATE INDEX queue_rows_open ON queue_rows (priority_at, opened_at, case_id) WHERE state = 'open';
CREATE INDEX queue_rows_lane ON queue_rows (lane, priority_at, opened_at, case_id)
    WHERE state = 'open';
CREATE INDEX queue_rows_kind ON queue_rows (kind, priority_at, opened_at, case_id)
    WHERE state = 'open';
CREATE INDEX queue_rows_due ON queue_rows (due_at) WHERE state = 'open' AND due_at IS NOT NULL;
CREATE INDEX queue_rows_asked ON queue_rows (case_id) WHERE state = 'open' AND questions > 0;
CREATE INDEX queue_rows_oldest ON queue_rows (opened_at) WHERE state = 'open';
CREATE INDEX queue_rows_closed ON queue_rows (state, case_id) WHERE state <> 'open';
CREATE INDEX queue_rows_closed_kind ON queue_rows (state, kind, case_id) WHERE state <> 'open';
CREATE INDEX queue_rows_waits ON queue_rows (lane, closed_at DESC) WHERE state = 'decided';

-- A case one moderator does not want to see for a while: everybody else does.
CREATE TABLE queue_hidings (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    account_id uuid NOT NULL,
    hidden_until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, case_id, account_id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);
CREATE INDEX queue_hidings_account ON queue_hidings (account_id, hidden_until);
CALL secure_shared_table('queue_hidings', 'SELECT, INSERT, UPDATE', 'SELECT, DELETE');

-- Who has a case on their screen: rows decide, the live channel only rings.
CREATE TABLE case_viewers (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, case_id, account_id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);
CREATE INDEX case_viewers_seen ON case_viewers (seen_at);
CALL secure_shared_table('case_viewers', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, DELETE');
