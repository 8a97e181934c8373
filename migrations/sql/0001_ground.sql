-- The ground: roles' rights, the procedures that secure a table, and the directory tables.
-- Roles themselves are made by backend/db/migrate.py (they are cluster-wide and need a password).

GRANT USAGE ON SCHEMA public TO clearsend_tenant, clearsend_platform, clearsend_doorway;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- NULLIF: after the first SET LOCAL on a connection an unset value reads '' and not NULL.
-- Bound when it is made (no search_path to pin) and inlined: a policy asks it with every statement.
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(pg_catalog.current_setting('app.tenant_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION current_tenant() TO clearsend_tenant, clearsend_platform, clearsend_doorway;

-- A tenant table: forced policy by tenant_id, the tenant role's verbs, the platform role reads.
-- Row security of a parent does not cover a partition addressed directly, so partitions get no grants.
CREATE PROCEDURE secure_tenant_table(name text, verbs text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO PUBLIC
        USING (tenant_id = (SELECT current_tenant()))
        WITH CHECK (tenant_id = (SELECT current_tenant()))', name);
    EXECUTE format('CREATE POLICY platform_reads ON %I FOR SELECT TO clearsend_platform USING (true)', name);
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
    EXECUTE format('GRANT %s ON %I TO clearsend_tenant', verbs, name);
    EXECUTE format('GRANT SELECT ON %I TO clearsend_platform', name);
END $$;

-- A platform table that tenants' transactions write too: same policy for the tenant role only.
CREATE PROCEDURE secure_shared_table(name text, tenant_verbs text, platform_verbs text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO clearsend_tenant
        USING (tenant_id = (SELECT current_tenant()))
        WITH CHECK (tenant_id = (SELECT current_tenant()))', name);
    EXECUTE format('CREATE POLICY platform ON %I TO clearsend_platform USING (true) WITH CHECK (true)', name);
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
    EXECUTE format('GRANT %s ON %I TO clearsend_tenant', tenant_verbs, name);
    EXECUTE format('GRANT %s ON %I TO clearsend_platform', platform_verbs, name);
END $$;

-- Directory -----------------------------------------------------------------------------------

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    password_hash text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    is_demo boolean NOT NULL DEFAULT false,
    failed_tries integer NOT NULL DEFAULT 0,
    last_failed_at timestamptz,
    last_login_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (email)
);
REVOKE ALL ON accounts FROM PUBLIC;
GRANT SELECT, INSERT ON accounts TO clearsend_doorway;
GRANT UPDATE (password_hash, failed_tries, last_failed_at, last_login_at) ON accounts TO clearsend_doorway;
GRANT SELECT, INSERT, UPDATE ON accounts TO clearsend_platform;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    status text NOT NULL DEFAULT 'trial' CHECK (status IN ('trial', 'active', 'suspended', 'platform')),
    trial_ends_at timestamptz,
    default_country text CHECK (default_country ~ '^[A-Z]{2}$'),
    language text NOT NULL DEFAULT 'en',
    verified_phone text CHECK (verified_phone ~ '^\+[1-9][0-9]{6,14}$'),
    verified_reason text,
    verified_at timestamptz,
    -- {recipients_max, hosts, countries, granted_by, granted_at}; null: every submission is validated by a person
    auto_validation jsonb,
    auto_validation_lost_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (status <> 'trial' OR trial_ends_at IS NOT NULL)
);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY own_row ON tenants TO clearsend_tenant
    USING (id = (SELECT current_tenant())) WITH CHECK (id = (SELECT current_tenant()));
CREATE POLICY platform ON tenants TO clearsend_platform USING (true) WITH CHECK (true);
CREATE POLICY doorway ON tenants TO clearsend_doorway USING (true) WITH CHECK (true);
REVOKE ALL ON tenants FROM PUBLIC;
GRANT SELECT, UPDATE (name, default_country, language, auto_validation, auto_validation_lost_reason,
    verified_phone, verified_reason, verified_at, status) ON tenants TO clearsend_tenant;
GRANT SELECT, INSERT, UPDATE ON tenants TO clearsend_platform;
GRANT SELECT, INSERT ON tenants TO clearsend_doorway;

CREATE TABLE members (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    role text NOT NULL CHECK (role IN ('owner', 'manager', 'sender', 'editor', 'viewer', 'billing')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, account_id)
);
CREATE INDEX members_account ON members (account_id);
CALL secure_tenant_table('members', 'SELECT, INSERT, UPDATE, DELETE');
CREATE POLICY doorway ON members TO clearsend_doorway USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON members TO clearsend_doorway;

CREATE TABLE staff (
    account_id uuid NOT NULL REFERENCES accounts (id),
    role text NOT NULL CHECK (role IN ('moderator', 'lead', 'finance', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, role)
);
REVOKE ALL ON staff FROM PUBLIC;
GRANT SELECT ON staff TO clearsend_doorway;
GRANT SELECT, INSERT, DELETE ON staff TO clearsend_platform;

CREATE TABLE api_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    prefix text NOT NULL,
    secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
    scopes text[] NOT NULL,
    is_test boolean NOT NULL DEFAULT false,
    created_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
-- The prefix is ours, random and public: unique over all tenants says nothing about any of them.
CREATE UNIQUE INDEX api_keys_prefix ON api_keys (prefix);
CALL secure_tenant_table('api_keys', 'SELECT, INSERT, UPDATE (revoked_at, last_used_at)');
CREATE POLICY doorway ON api_keys FOR SELECT TO clearsend_doorway USING (true);
GRANT SELECT ON api_keys TO clearsend_doorway;

-- Kill switches: one row for the platform (tenant_id null), one per tenant, always standing.
-- FOR SHARE asks for an UPDATE privilege: lock_no is the column nobody writes.
CREATE TABLE kill_switches (
    id uuid PRIMARY KEY,
    tenant_id uuid UNIQUE REFERENCES tenants (id),
    is_on boolean NOT NULL DEFAULT false,
    reason text,
    changed_by text,
    changed_at timestamptz,
    lock_no integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX kill_switches_platform ON kill_switches ((tenant_id IS NULL)) WHERE tenant_id IS NULL;
ALTER TABLE kill_switches ENABLE ROW LEVEL SECURITY;
ALTER TABLE kill_switches FORCE ROW LEVEL SECURITY;
CREATE POLICY own_row ON kill_switches TO clearsend_tenant
    USING (tenant_id IS NULL OR tenant_id = (SELECT current_tenant()));
CREATE POLICY platform ON kill_switches TO clearsend_platform USING (true) WITH CHECK (true);
CREATE POLICY doorway ON kill_switches FOR INSERT TO clearsend_doorway WITH CHECK (true);
REVOKE ALL ON kill_switches FROM PUBLIC;
GRANT SELECT, UPDATE (lock_no) ON kill_switches TO clearsend_tenant;
GRANT SELECT, INSERT, UPDATE ON kill_switches TO clearsend_platform;
GRANT INSERT ON kill_switches TO clearsend_doorway;
CREATE POLICY owner_seeds ON kill_switches FOR INSERT TO clearsend_owner WITH CHECK (tenant_id IS NULL);
INSERT INTO kill_switches (id) VALUES ('00000000-0000-7000-8000-000000000001');
DROP POLICY owner_seeds ON kill_switches;

-- Rows a scope writes ------------------------------------------------------------------------

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    actor text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    operation text NOT NULL,
    request_hash text NOT NULL,
    status integer,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, actor, key)
);
CALL secure_tenant_table('idempotency_keys', 'SELECT, INSERT, UPDATE, DELETE');

-- Every look of our own people at tenants' data, written before the data is read.
CREATE TABLE access_audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    tenant_id uuid,  -- no reference: a look for an id that nobody has is a look too
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    request_id text NOT NULL
);
CREATE INDEX access_audit_tenant ON access_audit (tenant_id, id);
CALL secure_shared_table('access_audit', 'INSERT', 'SELECT, INSERT');

CREATE TABLE audit_log (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    request_id text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);
CALL secure_tenant_table('audit_log', 'SELECT, INSERT');

-- Announcements, at least once: a row is done only when its consumers have finished.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    tenant_id uuid REFERENCES tenants (id),
    topic text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    not_before timestamptz NOT NULL DEFAULT now(),
    announced_at timestamptz,
    lease_until timestamptz,
    fence integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    last_error text,
    done_at timestamptz
);
CREATE INDEX outbox_open ON outbox (not_before) WHERE done_at IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
CALL secure_shared_table('outbox', 'INSERT', 'SELECT, INSERT, UPDATE, DELETE');
CREATE POLICY doorway ON outbox FOR INSERT TO clearsend_doorway WITH CHECK (true);
GRANT INSERT ON outbox TO clearsend_doorway;
