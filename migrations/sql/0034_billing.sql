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

-- What takes money away from a tenant or lends it some: at once up to a limit, by two people above.
CREATE TABLE corrections (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('reversal', 'credit_line')),
    top_up_id uuid,
    -- a reversal's credits, or the credit line as it shall be
    amount_credits bigint NOT NULL CHECK (amount_credits >= 0),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    state text NOT NULL CHECK (state IN ('pending', 'done', 'declined')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    decided_reason text CHECK (length(decided_reason) BETWEEN 1 AND 500),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, top_up_id) REFERENCES top_ups (tenant_id, id),
    CHECK ((kind = 'reversal') = (top_up_id IS NOT NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (state <> 'pending' OR decided_by IS NULL),
    -- Whoever asked may withdraw, which is a decline, but never approve.
    CONSTRAINT corrections_second_person CHECK (state <> 'done' OR decided_by <> created_by)
);
CREATE UNIQUE INDEX corrections_one_reversal ON corrections (tenant_id, top_up_id)
    WHERE kind = 'reversal' AND state IN ('pending', 'done');
CREATE UNIQUE INDEX corrections_one_line ON corrections (tenant_id)
    WHERE kind = 'credit_line' AND state = 'pending';
CREATE INDEX corrections_pending ON corrections (tenant_id, id) WHERE state = 'pending';
CALL secure_tenant_table('corrections',
    'SELECT, INSERT, UPDATE (state, decided_by, decided_at, decided_reason)');

CREATE VIEW pub_billing_top_ups WITH (security_invoker = true) AS
SELECT tenant_id, id, amount_credits, method, reference, state, created_by, created_at, approved_at
FROM top_ups;
GRANT SELECT ON pub_billing_top_ups TO clearsend_platform;
