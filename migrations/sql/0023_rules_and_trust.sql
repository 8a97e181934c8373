-- Content rules as versioned data with their tests, what was decided about which text, comparisons
-- made before anybody opens a case, what came of sessions, and trust.

-- Version 0 is the rules the product ships with; it stands in no row. A draft changes until it is
-- switched on; from then on its rules stand as they are, and what was screened by them names it.
CREATE TABLE rule_sets (
    version integer PRIMARY KEY CHECK (version >= 1),
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'in_force', 'replaced', 'discarded')),
    base_version integer NOT NULL CHECK (base_version >= 0 AND base_version < version),
    note text NOT NULL CHECK (length(note) BETWEEN 3 AND 500),
    rules jsonb NOT NULL,
    rules_hash text NOT NULL CHECK (length(rules_hash) = 64),
    row_version integer NOT NULL DEFAULT 1,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    switched_by text,
    switched_at timestamptz,
    CHECK ((switched_at IS NULL) = (switched_by IS NULL)),
    CHECK ((switched_at IS NOT NULL) = (state IN ('in_force', 'replaced')))
);
CREATE UNIQUE INDEX rule_sets_in_force ON rule_sets ((true)) WHERE state = 'in_force';

CREATE FUNCTION rule_sets_keep_rules() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'rules that were switched on stand as they are'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'rule_sets_keep_rules';
END $$;
REVOKE ALL ON FUNCTION rule_sets_keep_rules() FROM PUBLIC;
CREATE TRIGGER keep_rules BEFORE UPDATE OF rules, rules_hash, base_version ON rule_sets
    FOR EACH ROW WHEN (old.state <> 'draft') EXECUTE FUNCTION rule_sets_keep_rules();

-- A draft run over sessions of the past, before anyone switches it on.
CREATE TABLE rule_tests (
    id uuid PRIMARY KEY,
    rules_version integer NOT NULL REFERENCES rule_sets (version),
    rules_hash text NOT NULL CHECK (length(rules_hash) = 64),
    days integer NOT NULL CHECK (days BETWEEN 1 AND 365),
    sessions_max integer NOT NULL CHECK (sessions_max BETWEEN 1 AND 20000),
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed')),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    lease_until timestamptz,
    tries integer NOT NULL DEFAULT 0,
    finished_at timestamptz,
    result jsonb,
    CHECK ((state = 'done') = (result IS NOT NULL)),
    CHECK ((finished_at IS NULL) = (state IN ('queued', 'running')))
);
CREATE INDEX rule_tests_set ON rule_tests (rules_version, id DESC);

-- Thresholds of trust; the newest version is in force, version 0 stands in no row.
CREATE TABLE trust_policies (
    version integer PRIMARY KEY CHECK (version >= 1),
    policy jsonb NOT NULL,
    note text NOT NULL CHECK (length(note) BETWEEN 3 AND 500),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);
REVOKE ALL ON rule_sets, rule_tests, trust_policies FROM PUBLIC;
GRANT SELECT ON rule_sets, trust_policies TO clearsend_tenant;
GRANT SELECT, INSERT, UPDATE ON rule_sets, rule_tests TO clearsend_platform;
GRANT SELECT, INSERT ON trust_policies TO clearsend_platform;

ALTER TABLE screenings ADD COLUMN rules_version integer NOT NULL DEFAULT 0;
GRANT UPDATE (rules_version) ON screenings TO clearsend_tenant;
CREATE INDEX screenings_at ON screenings (screened_at DESC);
ALTER TABLE cases ADD COLUMN rules_version integer NOT NULL DEFAULT 0;
GRANT UPDATE (rules_version) ON cases TO clearsend_tenant;

-- The words of every text a person ruled on, as 64 numbers (MinHash): the newest ruling counts.
CREATE TABLE text_prints (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    content_hash text NOT NULL CHECK (length(content_hash) = 64),
    verdict text NOT NULL CHECK (verdict IN ('approve', 'request_changes', 'refuse')),
    decision_id uuid NOT NULL,
    case_id uuid NOT NULL,
    title text NOT NULL,
    signature bigint[] NOT NULL CHECK (cardinality(signature) = 64),
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, content_hash),
    FOREIGN KEY (tenant_id, decision_id) REFERENCES decisions (tenant_id, id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);
CREATE INDEX text_prints_newest ON text_prints (tenant_id, verdict, decided_at DESC);
CALL secure_tenant_table('text_prints',
    'SELECT, INSERT, UPDATE (verdict, decision_id, case_id, title, signature, decided_at), DELETE');

-- Texts alike share a band; equality of numbers is what an index may answer under row policies.
CREATE TABLE text_bands (
    tenant_id uuid NOT NULL,
    band bigint NOT NULL,
    content_hash text NOT NULL,
    PRIMARY KEY (tenant_id, band, content_hash),
    FOREIGN KEY (tenant_id, content_hash) REFERENCES text_prints (tenant_id, content_hash)
        ON DELETE CASCADE
);
CREATE INDEX text_bands_band ON text_bands (band);
CALL secure_tenant_table('text_bands', 'SELECT, INSERT, DELETE');

-- Word by word against what was approved before, made when the case is: long texts take a while.
CREATE TABLE case_comparisons (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    -- {decision_id, title, approved_at, is_same_campaign, similar_percent, pieces}; null: nothing
    comparison jsonb,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, case_id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);
CALL secure_tenant_table('case_comparisons', 'SELECT, INSERT');

-- What came of a session: counted up as it is learnt.
CREATE TABLE session_outcomes (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    approval_kind text,
    accepted integer NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    delivered integer NOT NULL DEFAULT 0 CHECK (delivered >= 0),
    opt_outs integer NOT NULL DEFAULT 0 CHECK (opt_outs >= 0),
    complaints integer NOT NULL DEFAULT 0 CHECK (complaints >= 0),
    first_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, session_id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX session_outcomes_newest ON session_outcomes (tenant_id, first_at DESC);
CALL secure_tenant_table('session_outcomes',
    'SELECT, INSERT, UPDATE (approval_kind, accepted, delivered, opt_outs, complaints, changed_at)');

-- What recipients, carriers and authorities say against a tenant, as our people write it down.
CREATE TABLE complaints (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    session_id uuid,
    source text NOT NULL CHECK (source IN ('recipient', 'carrier', 'authority', 'other')),
    -- as its sender names it: told twice is one complaint
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 120),
    count integer NOT NULL CHECK (count BETWEEN 1 AND 1000000),
    note text NOT NULL CHECK (length(note) <= 1000),
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source, reference),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CALL secure_tenant_table('complaints', 'SELECT, INSERT');

CREATE TABLE strikes (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    cause text NOT NULL
        CHECK (cause IN ('refused', 'after_review', 'complaints', 'opt_outs', 'dispute', 'staff')),
    -- what it is for: the same never strikes twice
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 120),
    weight integer NOT NULL CHECK (weight BETWEEN 1 AND 100),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    session_id uuid,
    case_id uuid,
    policy_version integer NOT NULL,
    given_by text NOT NULL,
    given_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > given_at),
    lifted_at timestamptz,
    lifted_by text,
    lifted_reason text CHECK (length(lifted_reason) BETWEEN 1 AND 500),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, cause, reference),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id),
    CHECK (num_nonnulls(lifted_at, lifted_by, lifted_reason) IN (0, 3))
);
CREATE INDEX strikes_standing ON strikes (tenant_id, expires_at) WHERE lifted_at IS NULL;
CALL secure_tenant_table('strikes', 'SELECT, INSERT, UPDATE (lifted_at, lifted_by, lifted_reason)');

-- Strikes never suspend by themselves: they ask a lead.
CREATE TABLE suspension_proposals (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    weight integer NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'dismissed')),
    made_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    decided_reason text CHECK (length(decided_reason) BETWEEN 1 AND 500),
    PRIMARY KEY (tenant_id, id),
    CHECK (num_nonnulls(decided_by, decided_at, decided_reason)
        = CASE state WHEN 'open' THEN 0 ELSE 3 END)
);
CREATE UNIQUE INDEX suspension_proposals_open ON suspension_proposals (tenant_id)
    WHERE state = 'open';
CALL secure_tenant_table('suspension_proposals',
    'SELECT, INSERT, UPDATE (state, decided_by, decided_at, decided_reason)');

-- A look at what was sent without one. It stands beside the case of a session that came back.
ALTER TABLE cases
    DROP CONSTRAINT cases_kind_check,
    DROP CONSTRAINT IF EXISTS cases_check,
    DROP CONSTRAINT IF EXISTS cases_subject_check,
    ADD CONSTRAINT cases_kind_check CHECK (kind IN
        ('campaign_session', 'template_version', 'sender_id', 'appeal', 'after_review')),
    ADD CONSTRAINT cases_subject_check CHECK (CASE
        WHEN kind IN ('campaign_session', 'after_review') THEN session_id IS NOT NULL
            AND content_version IS NOT NULL AND bounds IS NOT NULL
            AND num_nonnulls(template_version_id, sender_id) = 0
        WHEN kind = 'template_version' THEN template_version_id IS NOT NULL
            AND num_nonnulls(session_id, content_version, sender_id) = 0
        WHEN kind = 'sender_id' THEN sender_id IS NOT NULL
            AND num_nonnulls(session_id, content_version, template_version_id) = 0
        ELSE num_nonnulls(session_id, template_version_id, sender_id) = 1
            AND num_nonnulls(session_id, content_version) IN (0, 2) END);
DROP INDEX cases_open_session;
CREATE UNIQUE INDEX cases_open_session ON cases (tenant_id, session_id, content_version, kind)
    WHERE state = 'open' AND session_id IS NOT NULL;
CREATE INDEX queue_rows_tenant_open ON queue_rows (tenant_id) WHERE state = 'open';
ALTER TABLE queue_rows
    DROP CONSTRAINT queue_rows_kind_check,
    ADD CONSTRAINT queue_rows_kind_check CHECK (kind IN
        ('campaign_session', 'template_version', 'sender_id', 'appeal', 'after_review'));
