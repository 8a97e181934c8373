-- Codes to tenants' numbers, and the platform's messages that carry them.

ALTER TABLE system_messages DROP CONSTRAINT system_messages_kind_check;
ALTER TABLE system_messages ADD CONSTRAINT system_messages_kind_check
    CHECK (kind IN ('opt_out_confirmation', 'help', 'verification', 'gateway_test'));
-- A code is taken out of its text once it was handed over or never will be.
GRANT UPDATE (body) ON system_messages TO clearsend_platform;

-- requested: its code is about to be made. sent: the code is on its way. not_sent: a limit or no way
-- out. verified, spent (too many tries) and replaced (a newer one was asked for) are ends.
CREATE TABLE number_verifications (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    phone text COLLATE "C" NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    -- what the numbers of one operator range share: pumping goes through ranges
    range_prefix text COLLATE "C" NOT NULL,
    -- of whoever asked, hashed: counted, never read
    address_hash bytea NOT NULL CHECK (length(address_hash) = 32),
    requested_by text NOT NULL,
    state text NOT NULL CHECK (state IN
        ('requested', 'sent', 'not_sent', 'verified', 'spent', 'replaced')),
    code_hash text,
    tries smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    failure text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    verified_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK ((state = 'sent') <= (code_hash IS NOT NULL)),
    CHECK ((state IN ('verified', 'spent', 'replaced', 'not_sent')) <= (code_hash IS NULL)),
    CHECK ((state = 'verified') = (verified_at IS NOT NULL)),
    CHECK ((state = 'not_sent') = (failure IS NOT NULL))
);
CREATE UNIQUE INDEX number_verifications_open ON number_verifications (tenant_id)
    WHERE state IN ('requested', 'sent');
CREATE INDEX number_verifications_phone ON number_verifications (phone, created_at);
CREATE INDEX number_verifications_range ON number_verifications (range_prefix, created_at);
CREATE INDEX number_verifications_address ON number_verifications (address_hash, created_at);
CALL secure_tenant_table('number_verifications', 'SELECT, INSERT,
    UPDATE (state, code_hash, tries, failure, expires_at, verified_at)');
