-- Repeating sessions: the rule they are computed from, and which of them stands; forecast alerts.

CREATE TABLE session_series (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'ended')),
    -- grows with every change: the compare of compare-and-set
    version integer NOT NULL DEFAULT 0,
    -- why it is paused or ended: tenant, refused, returned, killed, finished, …
    reason text,
    first_local text NOT NULL,
    zone text NOT NULL,
    first_at timestamptz NOT NULL,
    -- {frequency, type, monday … sunday, count, until}
    repeat jsonb NOT NULL,
    max_lateness_minutes integer NOT NULL CHECK (max_lateness_minutes BETWEEN 1 AND 10080),
    -- what every occurrence sends: a frozen version of one of them, and what was agreed to
    source_session_id uuid NOT NULL,
    source_version integer NOT NULL,
    draft jsonb NOT NULL,
    quote_id uuid NOT NULL,
    price_version integer,
    ceiling_credits bigint CHECK (ceiling_credits >= 0),
    credits bigint NOT NULL CHECK (credits >= 0),
    confirmed_by text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    -- the number of the occurrence that is created next, and up to which one nothing pauses it
    next_number integer NOT NULL CHECK (next_number >= 2),
    excused_number integer NOT NULL DEFAULT 0,
    skipped integer[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    lock_no integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id),
    FOREIGN KEY (tenant_id, source_session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CREATE INDEX session_series_active ON session_series (id) WHERE state = 'active';
CREATE INDEX session_series_of_campaign ON session_series (tenant_id, campaign_id, id DESC);
CALL secure_tenant_table('session_series', 'SELECT, INSERT, UPDATE');

ALTER TABLE campaign_sessions
    ADD COLUMN occurrence_number integer CHECK (occurrence_number >= 1),
    ADD CHECK ((series_id IS NULL) = (occurrence_number IS NULL)),
    ADD FOREIGN KEY (tenant_id, series_id) REFERENCES session_series (tenant_id, id);
-- an occurrence is one session, whatever the number of clocks
CREATE UNIQUE INDEX campaign_sessions_occurrence
    ON campaign_sessions (tenant_id, series_id, occurrence_number) WHERE series_id IS NOT NULL;

-- What the tenant was last told its balance will not cover; no row: it covers everything.
CREATE TABLE forecast_alerts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    session_id uuid,
    series_id uuid,
    due_at timestamptz NOT NULL,
    missing_credits bigint NOT NULL CHECK (missing_credits > 0),
    told_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
);
CALL secure_tenant_table('forecast_alerts', 'SELECT, INSERT, UPDATE, DELETE');
