-- Campaigns, their sessions, the frozen content versions, quotes, events and progress.

CREATE TABLE campaigns (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CALL secure_tenant_table('campaigns', 'SELECT, INSERT, UPDATE (name, updated_at, archived_at)');

CREATE TABLE campaign_sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- API sends and tests are sessions without a campaign
    campaign_id uuid,
    origin text NOT NULL DEFAULT 'campaign' CHECK (origin IN ('campaign', 'api', 'test')),
    series_id uuid,
    state text NOT NULL DEFAULT 'draft' CHECK (state IN (
        'draft', 'screening', 'awaiting_validation', 'approved', 'scheduled', 'preparing',
        'awaiting_credits', 'awaiting_confirmation', 'sending', 'paused', 'settling', 'missed',
        'completed', 'refused', 'cancelled', 'failed')),
    -- grows with every move: the compare of compare-and-set
    state_version integer NOT NULL DEFAULT 0,
    state_changed_at timestamptz NOT NULL DEFAULT now(),
    first_approved_at timestamptz,
    -- the content being edited: {body, template_version_id, header, footer, sender_id, audience, properties, …}
    draft jsonb NOT NULL DEFAULT '{}',
    draft_version integer NOT NULL DEFAULT 1,
    -- what screening listed when it gave the draft back, and a moderator's comments on spans
    problems jsonb NOT NULL DEFAULT '[]',
    comments jsonb NOT NULL DEFAULT '[]',
    -- the newest frozen content version (0: none yet)
    content_version integer NOT NULL DEFAULT 0,
    approval_kind text CHECK (approval_kind IN ('human', 'auto', 'inherited')),
    approval_decision_id uuid,
    approved_version integer,
    approved_hash text,
    approved_at timestamptz,
    revoked_at timestamptz,
    -- {hosts, countries, recipients_max, segments_max, rules}: what leaves stays inside
    bounds jsonb,
    quote_id uuid,
    price_version integer,
    ceiling_credits bigint CHECK (ceiling_credits >= 0),
    schedule_kind text NOT NULL DEFAULT 'immediate' CHECK (schedule_kind IN ('immediate', 'once', 'repeat')),
    due_at timestamptz,
    due_local text,
    due_zone text,
    max_lateness_minutes integer NOT NULL DEFAULT 60 CHECK (max_lateness_minutes BETWEEN 1 AND 10080),
    -- every preparation from nothing is a generation; rows of an older one are never claimable
    generation integer NOT NULL DEFAULT 0,
    session_day date,
    hold_id uuid,
    planned integer CHECK (planned >= 0),
    excluded integer CHECK (excluded >= 0),
    is_stopped boolean NOT NULL DEFAULT false,
    pause_owner text CHECK (pause_owner IN ('tenant', 'staff', 'suspension', 'platform')),
    -- when this state lapses (credits, confirmation, receipts, pause, missed), or null
    deadline_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    failure text,
    lease_until timestamptz,
    fence integer NOT NULL DEFAULT 0,
    submitted_by text,
    submitted_at timestamptz,
    started_at timestamptz,
    last_submitted_at timestamptz,
    completed_at timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    lock_no integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id),
    CHECK (origin <> 'campaign' OR campaign_id IS NOT NULL),
    CHECK ((approved_hash IS NULL) = (approval_kind IS NULL)),
    CHECK (state NOT IN ('approved', 'scheduled', 'preparing', 'awaiting_credits', 'awaiting_confirmation')
           OR (approved_hash IS NOT NULL AND revoked_at IS NULL)),
    CHECK (state NOT IN ('sending', 'paused') OR (session_day IS NOT NULL AND hold_id IS NOT NULL)),
    CHECK (state <> 'paused' OR pause_owner IS NOT NULL)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX campaign_sessions_one_open ON campaign_sessions (tenant_id, campaign_id)
    WHERE state IN ('draft', 'screening', 'awaiting_validation') AND first_approved_at IS NULL
      AND series_id IS NULL AND campaign_id IS NOT NULL;
CREATE INDEX campaign_sessions_newest ON campaign_sessions (tenant_id, id DESC);
CREATE INDEX campaign_sessions_of_campaign ON campaign_sessions (tenant_id, campaign_id, id DESC);
-- what the clock looks for, over all tenants
CREATE INDEX campaign_sessions_alive ON campaign_sessions (state, state_changed_at)
    WHERE state NOT IN ('draft', 'completed', 'refused', 'cancelled', 'failed');
CREATE INDEX campaign_sessions_deadline ON campaign_sessions (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX campaign_sessions_due ON campaign_sessions (due_at) WHERE state = 'scheduled';
CREATE INDEX campaign_sessions_hash ON campaign_sessions (tenant_id, approved_hash) WHERE approved_hash IS NOT NULL;
CALL secure_tenant_table('campaign_sessions', 'SELECT, INSERT, UPDATE');

CREATE TABLE session_events (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    event text NOT NULL,
    actor text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, session_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CALL secure_tenant_table('session_events', 'SELECT, INSERT');

-- What a submission froze. Never changed: the hash is recomputed at dispatch.
CREATE TABLE content_versions (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    hash text NOT NULL CHECK (length(hash) = 64),
    -- {body, header, footer, sender, sender_id, attachment, template_version_id, audience, schedule_kind, channel, properties_hash}
    content jsonb NOT NULL,
    -- per recipient variables of a program's send, recipient → {name: value}; not part of the hash
    properties jsonb,
    frozen_at timestamptz NOT NULL,
    frozen_by text NOT NULL,
    PRIMARY KEY (tenant_id, session_id, version),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CALL secure_tenant_table('content_versions', 'SELECT, INSERT');

CREATE TABLE quotes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    hash text NOT NULL,
    price_version integer NOT NULL,
    is_exact boolean NOT NULL,
    recipients integer NOT NULL CHECK (recipients >= 0),
    excluded jsonb NOT NULL DEFAULT '{}',
    segments bigint NOT NULL CHECK (segments >= 0),
    credits bigint NOT NULL CHECK (credits >= 0),
    margin_credits bigint NOT NULL CHECK (margin_credits >= 0),
    details jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CALL secure_tenant_table('quotes', 'SELECT, INSERT');

-- Progress is the sum over batches, never a count of messages. Every counter is a current number of
-- messages; a message that moves on leaves the counter it was in.
CREATE TABLE session_progress (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    batch_no integer NOT NULL,
    planned integer NOT NULL DEFAULT 0,
    -- where the planned ones are now; what is in none of them is queued or being submitted
    accepted integer NOT NULL DEFAULT 0,
    delivered integer NOT NULL DEFAULT 0,
    undelivered integer NOT NULL DEFAULT 0,
    unreachable integer NOT NULL DEFAULT 0,
    rejected integer NOT NULL DEFAULT 0,
    expired integer NOT NULL DEFAULT 0,
    unconfirmed integer NOT NULL DEFAULT 0,
    cancelled integer NOT NULL DEFAULT 0,
    excluded integer NOT NULL DEFAULT 0,
    waiting_retry integer NOT NULL DEFAULT 0,
    -- ever: messages called at least once, messages and segments the carrier took
    ever_submitted integer NOT NULL DEFAULT 0,
    ever_accepted integer NOT NULL DEFAULT 0,
    segments_accepted bigint NOT NULL DEFAULT 0,
    credits_captured bigint NOT NULL DEFAULT 0,
    credits_returned bigint NOT NULL DEFAULT 0,
    late_receipts integer NOT NULL DEFAULT 0,
    first_submitted_at timestamptz,
    last_submitted_at timestamptz,
    last_receipt_at timestamptz,
    PRIMARY KEY (tenant_id, session_id, batch_no),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
) WITH (fillfactor = 50);
CALL secure_tenant_table('session_progress', 'SELECT, INSERT, UPDATE, DELETE');

-- Undelivered, rejected and excluded-at-claim by cause; messages per minute.
CREATE TABLE session_causes (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    cause text NOT NULL,
    messages integer NOT NULL,
    PRIMARY KEY (tenant_id, session_id, cause),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
) WITH (fillfactor = 50);
CALL secure_tenant_table('session_causes', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE session_minutes (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    minute timestamptz NOT NULL,
    submitted integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    delivered integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, session_id, minute),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
) WITH (fillfactor = 50);
CALL secure_tenant_table('session_minutes', 'SELECT, INSERT, UPDATE, DELETE');
