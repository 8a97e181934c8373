-- Templates, their immutable versions, and the senders a tenant may write under.

CREATE TABLE templates (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 500),
    -- the newest version's number: the compare of adding the next one
    versions integer NOT NULL DEFAULT 0 CHECK (versions >= 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX templates_name ON templates (tenant_id, lower(name)) WHERE archived_at IS NULL;
CALL secure_tenant_table('templates',
    'SELECT, INSERT, UPDATE (name, description, versions, archived_at)');

-- The text of a version never changes: what was approved is what is sent.
CREATE TABLE template_versions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    template_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 10000),
    header text NOT NULL DEFAULT '' CHECK (length(header) <= 1000),
    footer text NOT NULL DEFAULT '' CHECK (length(footer) <= 1000),
    hash text NOT NULL CHECK (length(hash) = 64),
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'awaiting_approval', 'approved', 'refused', 'withdrawn')),
    state_version integer NOT NULL DEFAULT 0,
    decision_id uuid,
    reason text CHECK (length(reason) <= 1000),
    state_changed_at timestamptz NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, template_id, version),
    FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id),
    CHECK (state NOT IN ('approved', 'refused') OR decision_id IS NOT NULL)
);
CALL secure_tenant_table('template_versions',
    'SELECT, INSERT, UPDATE (state, state_version, decision_id, reason, state_changed_at)');

CREATE TABLE sender_ids (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    -- as the handset shows it: 1 to 11 characters, or a number
    sender text COLLATE "C" NOT NULL CHECK (length(sender) BETWEEN 1 AND 16),
    kind text NOT NULL CHECK (kind IN ('alphanumeric', 'number', 'short_code', 'shared')),
    -- equal for senders the eye confuses; compared over all tenants when one is reviewed
    skeleton text COLLATE "C" NOT NULL,
    -- the known name it looks like, for the moderator; null: none
    resembles text,
    -- what it will be used for and why it is theirs, in the tenant's words
    purpose text NOT NULL DEFAULT '' CHECK (length(purpose) <= 500),
    state text NOT NULL DEFAULT 'requested'
        CHECK (state IN ('requested', 'awaiting_approval', 'approved', 'refused', 'withdrawn')),
    state_version integer NOT NULL DEFAULT 0,
    decision_id uuid,
    reason text CHECK (length(reason) <= 1000),
    state_changed_at timestamptz NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK (state NOT IN ('approved', 'refused') OR decision_id IS NOT NULL OR kind = 'shared')
);
-- What was refused or withdrawn may be asked for again.
CREATE UNIQUE INDEX sender_ids_standing ON sender_ids (tenant_id, lower(sender))
    WHERE state IN ('requested', 'awaiting_approval', 'approved');
CREATE INDEX sender_ids_skeleton ON sender_ids (skeleton);
CALL secure_tenant_table('sender_ids',
    'SELECT, INSERT, UPDATE (state, state_version, decision_id, reason, state_changed_at)');

-- Every move of a version or a sender, in order.
CREATE TABLE approval_events (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    subject_id uuid NOT NULL,
    id uuid NOT NULL,
    subject text NOT NULL CHECK (subject IN ('template_version', 'sender')),
    at timestamptz NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    event text NOT NULL,
    actor text NOT NULL,
    reason text,
    PRIMARY KEY (tenant_id, subject_id, id)
);
CALL secure_tenant_table('approval_events', 'SELECT, INSERT');
