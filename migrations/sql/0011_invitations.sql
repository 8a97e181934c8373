-- Proof of an e-mail address: confirming it, forgotten passwords, invitations.

ALTER TABLE accounts
    ADD COLUMN email_confirmed_at timestamptz,
    ADD COLUMN language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr')),
    -- A login session carries the number it began with: one more, and all of them have ended.
    ADD COLUMN login_generation integer NOT NULL DEFAULT 0;
-- Whoever is here already was let in without being asked.
UPDATE accounts SET email_confirmed_at = created_at;
GRANT UPDATE (email_confirmed_at, language, login_generation) ON accounts TO clearsend_doorway;

-- False from a sign-up until its owner's address is confirmed: nothing is submitted before.
ALTER TABLE tenants ADD COLUMN is_confirmed boolean NOT NULL DEFAULT true;
GRANT UPDATE (is_confirmed) ON tenants TO clearsend_doorway;

-- What a link in a mail proves: its secret is in the mail alone. `subject_id` is an account, or an
-- invitation. Several may be open for one subject, one per try at sending.
CREATE TABLE mail_tokens (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    purpose text NOT NULL CHECK (purpose IN ('confirm_email', 'reset_password', 'invitation')),
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    used_at timestamptz
);
CREATE INDEX mail_tokens_subject ON mail_tokens (subject_id) WHERE used_at IS NULL;
CREATE INDEX mail_tokens_expiry ON mail_tokens (expires_at);
REVOKE ALL ON mail_tokens FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE (used_at) ON mail_tokens TO clearsend_doorway;
GRANT SELECT (expires_at), DELETE ON mail_tokens TO clearsend_platform;

CREATE TABLE invitations (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    role text NOT NULL CHECK (role IN ('owner', 'manager', 'sender', 'editor', 'viewer', 'billing')),
    invited_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    accepted_by uuid REFERENCES accounts (id),
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
    CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, email)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CALL secure_tenant_table('invitations',
    'SELECT, INSERT, UPDATE (role, invited_by, expires_at, accepted_at, accepted_by, revoked_at)');
CREATE POLICY doorway ON invitations FOR SELECT TO clearsend_doorway USING (true);
GRANT SELECT ON invitations TO clearsend_doorway;
