-- The finance desk's writing side: proofs of payment, references seen before, corrections that take
-- a second person.

-- What a clerk attached to a top-up. The bytes lie in the file storage under the tenant.
CREATE TABLE proof_files (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    media_type text NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CALL secure_tenant_table('proof_files', 'SELECT, INSERT');

-- One line of a bank statement is one top-up of one tenant: whoever enters its reference for another
-- tenant within a day is warned. Written before the top-up, so that two clerks at once meet here.
CREATE TABLE reference_sightings (
    reference_key text NOT NULL CHECK (length(reference_key) BETWEEN 1 AND 100),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    reference text NOT NULL,
    amount_credits bigint NOT NULL,
    seen_by text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (reference_key, tenant_id)
);
CALL secure_shared_table('reference_sightings', 'SELECT', 'SELECT, INSERT');

-- A top-up may be declined by the second person and taken back later; a declined one frees its
-- reference, which was mistyped more often than not.
ALTER TABLE top_ups DROP CONSTRAINT top_ups_state_check;
ALTER TABLE top_ups ADD CONSTRAINT top_ups_state_check
    CHECK (state IN ('pending', 'credited', 'declined', 'reversed'));
ALTER TABLE top_ups DROP CONSTRAINT top_ups_approved;
ALTER TABLE top_ups ADD CONSTRAINT top_ups_approved
    CHECK ((approved_by IS NULL) = (approved_at IS NULL)
        AND (state IN ('credited', 'reversed') OR approved_by IS NULL));
ALTER TABLE top_ups ADD COLUMN decided_reason text CHECK (length(decided_reason) BETWEEN 1 AND 500);
ALTER TABLE top_ups DROP CONSTRAINT top_ups_tenant_id_reference_key;
CREATE UNIQUE INDEX top_ups_reference ON top_ups (tenant_id, reference) WHERE state <> 'declined';
CREATE INDEX top_ups_newest ON top_ups (tenant_id, id DESC);
GRANT UPDATE (decided_reason) ON top_ups TO clearsend_tenant;
