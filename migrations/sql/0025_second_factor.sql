-- What a person has besides a password. Accounts belong to no tenant, so these do not either.

-- Wrong codes in a row, and until when no further one is looked at: in the row and not in Redis,
-- which may be emptied at any moment and would make guessing free. Only `second_factors` counts.
ALTER TABLE accounts
    ADD COLUMN factor_failed_tries integer NOT NULL DEFAULT 0,
    ADD COLUMN factor_wait_until timestamptz;
GRANT UPDATE (factor_failed_tries, factor_wait_until) ON accounts TO clearsend_doorway;

CREATE TABLE second_factors (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    kind text NOT NULL CHECK (kind IN ('totp', 'passkey')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    -- An authenticator app: its secret, sealed, and the last 30 s step a code was taken of.
    secret_sealed bytea,
    last_step bigint CHECK (last_step >= 0),
    -- A passkey: its id among all of the world's, its key, and how often it says it was used.
    credential_id bytea CHECK (length(credential_id) BETWEEN 1 AND 1023),
    public_key bytea CHECK (length(public_key) BETWEEN 1 AND 4096),
    sign_count bigint CHECK (sign_count BETWEEN 0 AND 4294967295),
    transports text[] NOT NULL DEFAULT '{}',
    CHECK ((kind = 'totp') = (secret_sealed IS NOT NULL AND last_step IS NOT NULL)),
    CHECK ((kind = 'passkey') =
        (credential_id IS NOT NULL AND public_key IS NOT NULL AND sign_count IS NOT NULL))
);
CREATE INDEX second_factors_account ON second_factors (account_id);
CREATE UNIQUE INDEX second_factors_credential ON second_factors (credential_id);
REVOKE ALL ON second_factors FROM PUBLIC;
GRANT SELECT, INSERT, DELETE, UPDATE (last_used_at, last_step, sign_count) ON second_factors
    TO clearsend_doorway;

-- Ten at a time, each for one login; a new set replaces the old one.
CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts (id),
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, code_hash)
);
REVOKE ALL ON recovery_codes FROM PUBLIC;
GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON recovery_codes TO clearsend_doorway;

-- What was done to an account, at no tenant: only ever added to.
CREATE TABLE account_audit (
    account_id uuid NOT NULL REFERENCES accounts (id),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL CHECK (length(action) BETWEEN 1 AND 80),
    facts jsonb NOT NULL DEFAULT '{}',
    remote_address text NOT NULL DEFAULT '',
    request_id text NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, id)
);
REVOKE ALL ON account_audit FROM PUBLIC;
GRANT INSERT ON account_audit TO clearsend_doorway;
GRANT SELECT ON account_audit TO clearsend_platform;
