-- Screenings, cases, decisions, and the queue the desk reads.

-- What the dry run of one content version saw, also where no person had to look. Run again, it is
-- replaced; what a case showed stays with the case.
CREATE TABLE screenings (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    content_version integer NOT NULL,
    hash text NOT NULL CHECK (length(hash) = 64),
    dry_run jsonb NOT NULL,
    hits jsonb NOT NULL,
    bounds jsonb NOT NULL,
    score integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    outcome text NOT NULL
        CHECK (outcome IN ('need_validation', 'auto_approve', 'inherit_approval', 'return_problems')),
    screened_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, session_id, content_version),
    FOREIGN KEY (tenant_id, session_id, content_version)
        REFERENCES content_versions (tenant_id, session_id, version)
);
CALL secure_tenant_table('screenings',
    'SELECT, INSERT, UPDATE (hash, dry_run, hits, bounds, score, outcome, screened_at)');

CREATE TABLE cases (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('campaign_session', 'template_version', 'sender_id')),
    session_id uuid,
    content_version integer,
    template_version_id uuid,
    sender_id uuid,
    -- why it is open: a first submission, a revoked approval, bounds passed at dispatch, ...
    cause text NOT NULL DEFAULT 'submitted' CHECK (length(cause) BETWEEN 1 AND 200),
    content_hash text NOT NULL CHECK (length(content_hash) = 64),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    state text NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'decided', 'withdrawn', 'lapsed', 'killed')),
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    closed_at timestamptz,
    -- the lease: who looks at it, until when; the number grows with every new holder
    lease_holder uuid,
    lease_holder_name text,
    lease_fence integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    -- {recipients, excluded, segments, credits, countries, hosts, encodings, renderings, ...}
    dry_run jsonb NOT NULL,
    hits jsonb NOT NULL,
    bounds jsonb,
    score integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id, content_version)
        REFERENCES content_versions (tenant_id, session_id, version),
    FOREIGN KEY (tenant_id, template_version_id) REFERENCES template_versions (tenant_id, id),
    FOREIGN KEY (tenant_id, sender_id) REFERENCES sender_ids (tenant_id, id),
    CHECK (CASE kind
        WHEN 'campaign_session' THEN session_id IS NOT NULL AND content_version IS NOT NULL
            AND bounds IS NOT NULL AND num_nonnulls(template_version_id, sender_id) = 0
        WHEN 'template_version' THEN template_version_id IS NOT NULL
            AND num_nonnulls(session_id, content_version, sender_id) = 0
        ELSE sender_id IS NOT NULL
            AND num_nonnulls(session_id, content_version, template_version_id) = 0 END),
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (num_nonnulls(lease_holder, lease_holder_name, lease_until) IN (0, 3)),
    CHECK (state = 'open' OR lease_holder IS NULL)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX cases_open_session ON cases (tenant_id, session_id, content_version)
    WHERE state = 'open' AND session_id IS NOT NULL;
CREATE UNIQUE INDEX cases_open_template ON cases (tenant_id, template_version_id)
    WHERE state = 'open' AND template_version_id IS NOT NULL;
CREATE UNIQUE INDEX cases_open_sender ON cases (tenant_id, sender_id)
    WHERE state = 'open' AND sender_id IS NOT NULL;
CREATE INDEX cases_session ON cases (tenant_id, session_id, id) WHERE session_id IS NOT NULL;
CALL secure_tenant_table('cases', 'SELECT, INSERT, UPDATE (state, closed_at, lease_holder,
    lease_holder_name, lease_fence, lease_until)');

-- What a moderator ruled: once per case, never changed; an approval may be revoked.
CREATE TABLE decisions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('approve', 'request_changes', 'refuse')),
    content_hash text NOT NULL CHECK (length(content_hash) = 64),
    lease_fence integer NOT NULL,
    decided_by uuid NOT NULL,
    decided_by_name text NOT NULL,
    -- a reason of the Code of Conduct, with the version of the book it was read from
    reason_code text,
    conduct_version integer,
    -- for the tenant, in plain words
    message text CHECK (length(message) <= 2000),
    -- for our own people only
    note text CHECK (length(note) <= 2000),
    -- [{part, start, end, text, comment}]
    comments jsonb NOT NULL DEFAULT '[]',
    bounds jsonb,
    decided_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_by text,
    revoked_reason text CHECK (length(revoked_reason) <= 500),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, case_id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id),
    CHECK (verdict <> 'refuse' OR reason_code IS NOT NULL),
    CHECK ((reason_code IS NULL) = (conduct_version IS NULL)),
    CHECK (revoked_at IS NULL OR verdict = 'approve'),
    CHECK (num_nonnulls(revoked_at, revoked_by, revoked_reason) IN (0, 3))
);
CREATE INDEX decisions_hash ON decisions (tenant_id, content_hash, decided_at DESC);
CREATE INDEX decisions_newest ON decisions (tenant_id, id DESC);
CALL secure_tenant_table('decisions',
    'SELECT, INSERT, UPDATE (revoked_at, revoked_by, revoked_reason)');

-- The queue over all tenants: copies of cases without their content, written with them.
CREATE TABLE queue_rows (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    case_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('campaign_session', 'template_version', 'sender_id')),
    title text NOT NULL,
    cause text NOT NULL,
    recipients integer NOT NULL,
    segments bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    closed_at timestamptz,
    score integer NOT NULL,
    -- rule ids that were hit, worst first
    flags text[] NOT NULL,
    lease_holder uuid,
    lease_holder_name text,
    lease_until timestamptz,
    state text NOT NULL CHECK (state IN ('open', 'decided', 'withdrawn', 'lapsed', 'killed')),
    PRIMARY KEY (tenant_id, case_id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
) WITH (fillfactor = 80);
-- least slack first; what has no due time comes after what has one, oldest first
CREATE INDEX queue_rows_open ON queue_rows
    (coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz), opened_at, case_id) WHERE state = 'open';
CREATE INDEX queue_rows_mine ON queue_rows (lease_holder) WHERE lease_holder IS NOT NULL;
CREATE INDEX queue_rows_closed ON queue_rows (state, case_id) WHERE state <> 'open';
CALL secure_shared_table('queue_rows', 'SELECT, INSERT, UPDATE', 'SELECT');

-- Hosts nobody may send, with every domain below them; kept by lead moderators.
CREATE TABLE blocked_hosts (
    host text PRIMARY KEY CHECK (host = lower(host) AND length(host) BETWEEN 1 AND 253),
    reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 500),
    added_by text NOT NULL,
    added_at timestamptz NOT NULL
);
REVOKE ALL ON blocked_hosts FROM PUBLIC;
GRANT SELECT ON blocked_hosts TO clearsend_tenant;
GRANT SELECT, INSERT, DELETE ON blocked_hosts TO clearsend_platform;
