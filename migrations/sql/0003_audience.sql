-- The audience: whom a tenant may text, who said no, when somebody was last contacted, and imports.

-- `name` is the one spelling under which templates look a value up; `label` is what people see.
CREATE TABLE attributes (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    label text NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    kind text NOT NULL CHECK (kind IN ('text', 'number', 'date', 'boolean')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CALL secure_tenant_table('attributes', 'SELECT, INSERT, UPDATE (label), DELETE');

-- Phones and search keys compare by bytes ("C"): prefix search is a range of the index.
CREATE TABLE subscribers (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    phone text COLLATE "C" CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    country text CHECK (country ~ '^[A-Z]{2}$'),
    name text CHECK (length(name) BETWEEN 1 AND 200),
    -- lower() is not leakproof: as an expression it could not use an index under row security.
    name_key text COLLATE "C" GENERATED ALWAYS AS (lower(name)) STORED,
    email text CHECK (length(email) BETWEEN 3 AND 254),
    external_id text COLLATE "C" CHECK (length(external_id) BETWEEN 1 AND 100),
    language text CHECK (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
    time_zone text CHECK (length(time_zone) <= 64),
    attributes jsonb NOT NULL DEFAULT '{}',
    consent_source text CHECK (length(consent_source) <= 80),
    consent_text text CHECK (length(consent_text) <= 2000),
    consent_at timestamptz,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'erased')),
    number_state text NOT NULL DEFAULT 'valid' CHECK (number_state IN ('valid', 'unreachable')),
    import_id uuid,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, phone),
    CHECK ((state = 'active') = (phone IS NOT NULL)),
    CHECK (state = 'active' OR (name IS NULL AND email IS NULL AND external_id IS NULL
                                AND consent_text IS NULL AND attributes = '{}'))
);
CREATE INDEX subscribers_name ON subscribers (tenant_id, name_key);
CREATE INDEX subscribers_external ON subscribers (tenant_id, external_id) WHERE external_id IS NOT NULL;
CALL secure_tenant_table('subscribers', 'SELECT, INSERT, UPDATE');

CREATE TABLE groups (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 500),
    header text CHECK (length(header) BETWEEN 1 AND 120),
    footer text CHECK (length(footer) BETWEEN 1 AND 120),
    require_consent boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);
CALL secure_tenant_table('groups', 'SELECT, INSERT, DELETE,
    UPDATE (name, description, header, footer, require_consent, version)');

CREATE TABLE group_members (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    subscriber_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, group_id, subscriber_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscribers (tenant_id, id)
);
-- Hash: it answers "which groups is this one in" and cannot be walked in order, so that a page of a
-- small group is never read by walking everybody of the tenant.
CREATE INDEX group_members_subscriber ON group_members USING hash (subscriber_id);
CALL secure_tenant_table('group_members', 'SELECT, INSERT, DELETE');

-- Opt-outs: what was said stays (events); the row says what holds now. Bound to the phone, not to
-- the subscriber: it outlives an erasure and a new import of the same number. sender '' = every sender.
CREATE TABLE opt_out_events (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    phone text COLLATE "C" NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    sender text NOT NULL DEFAULT '' CHECK (length(sender) <= 80),
    kind text NOT NULL CHECK (kind IN ('out', 'in')),
    source text NOT NULL CHECK (source IN ('keyword', 'manual', 'import', 'api', 'carrier')),
    evidence text NOT NULL CHECK (length(evidence) <= 500),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX opt_out_events_phone ON opt_out_events (tenant_id, phone, id);
CALL secure_tenant_table('opt_out_events', 'SELECT, INSERT');

CREATE TABLE opt_outs (
    tenant_id uuid NOT NULL,
    phone text COLLATE "C" NOT NULL,
    sender text NOT NULL DEFAULT '',
    event_id uuid NOT NULL,
    source text NOT NULL,
    opted_out_at timestamptz NOT NULL,
    opted_in_at timestamptz,
    PRIMARY KEY (tenant_id, phone, sender),
    FOREIGN KEY (tenant_id, event_id) REFERENCES opt_out_events (tenant_id, id)
);
-- No second index: without statistics the planner took it for the claim's look-up by phone.
CALL secure_tenant_table('opt_outs',
    'SELECT, INSERT, UPDATE (event_id, source, opted_out_at, opted_in_at)');

-- What the claim of a window looks at (DESIGN promise 8): in force now, with its evidence.
CREATE VIEW pub_audience_opt_outs WITH (security_invoker = true) AS
    SELECT tenant_id, phone, sender, event_id AS evidence_id, opted_out_at AS at
    FROM opt_outs WHERE opted_in_at IS NULL;
REVOKE ALL ON pub_audience_opt_outs FROM PUBLIC;
GRANT SELECT ON pub_audience_opt_outs TO clearsend_tenant;

-- Contacts: inserted a window at a time, folded into days by the clock; never an UPDATE per message.
-- One row a window, not one a message: five indexed rows for two hundred messages were dearer than
-- their sending. Seconds old when folded, so nobody looks for a phone among many.
CREATE TABLE contact_events (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('accepted', 'delivered', 'replied')),
    at timestamptz NOT NULL,
    phones text[] COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CALL secure_tenant_table('contact_events', 'SELECT, INSERT, UPDATE (phones), DELETE');

CREATE TABLE contact_totals (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    phone text COLLATE "C" NOT NULL,
    day date NOT NULL,
    accepted integer NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    delivered integer NOT NULL DEFAULT 0 CHECK (delivered >= 0),
    replied integer NOT NULL DEFAULT 0 CHECK (replied >= 0),
    last_accepted_at timestamptz,
    last_delivered_at timestamptz,
    last_replied_at timestamptz,
    PRIMARY KEY (tenant_id, phone, day)
);
CALL secure_tenant_table('contact_totals', 'SELECT, INSERT, UPDATE, DELETE');

-- Imports --------------------------------------------------------------------------------------

CREATE TABLE imports (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    file_id uuid NOT NULL,
    file_name text NOT NULL CHECK (length(file_name) <= 200),
    file_bytes bigint NOT NULL CHECK (file_bytes >= 0),
    file_sha256 text NOT NULL,
    state text NOT NULL CHECK (state IN
        ('uploaded', 'parsing', 'parsed', 'failed', 'accepting', 'accepted', 'discarded')),
    -- what the tenant chose: {group_id, default_country, mapping, encoding, delimiter, duplicates, consent…}
    options jsonb NOT NULL,
    -- what the file is: {encoding, is_encoding_guessed, delimiter, columns: [{…suggestion, samples}]}
    preview jsonb,
    -- counts by code, flags, and the refusal of the whole file
    report jsonb,
    rows_read integer NOT NULL DEFAULT 0 CHECK (rows_read >= 0),
    rows_ready integer NOT NULL DEFAULT 0 CHECK (rows_ready >= 0),
    rows_refused integer NOT NULL DEFAULT 0 CHECK (rows_refused >= 0),
    duplicates integer NOT NULL DEFAULT 0 CHECK (duplicates >= 0),
    subscribers_new integer,
    subscribers_updated integer,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    fence integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    -- staged rows and file are gone; later, the problems with their values too
    cleaned_at timestamptz,
    problems_cleared_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK (state <> 'parsing' OR lease_until IS NOT NULL),
    CHECK (state <> 'failed' OR report ? 'failure'),
    CHECK (state <> 'accepted' OR subscribers_new IS NOT NULL)
);
CREATE INDEX imports_unclean ON imports (changed_at) WHERE problems_cleared_at IS NULL;
CALL secure_tenant_table('imports', 'SELECT, INSERT, UPDATE');

CREATE TABLE import_rows (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    line integer NOT NULL,
    subscriber_id uuid NOT NULL,
    phone text COLLATE "C" NOT NULL,
    country text NOT NULL,
    name text,
    email text,
    external_id text,
    language text,
    time_zone text,
    attributes jsonb NOT NULL,
    consent_at timestamptz,
    PRIMARY KEY (tenant_id, import_id, line),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id)
);
CALL secure_tenant_table('import_rows', 'SELECT, INSERT, DELETE');

CREATE TABLE import_problems (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    id uuid NOT NULL,
    line integer NOT NULL,
    column_name text NOT NULL DEFAULT '',
    severity text NOT NULL CHECK (severity IN ('error', 'notice')),
    code text NOT NULL,
    value text NOT NULL DEFAULT '' CHECK (length(value) <= 60),
    message text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, import_id, line, id),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id)
);
CALL secure_tenant_table('import_problems', 'SELECT, INSERT, DELETE');
