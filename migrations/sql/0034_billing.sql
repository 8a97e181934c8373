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

-- Bank statements: every booked line once, whatever file it came in.
CREATE TABLE bank_files (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    format text NOT NULL CHECK (format IN ('camt053', 'csv')),
    sha256 text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    lines_total integer NOT NULL CHECK (lines_total >= 0),
    lines_new integer NOT NULL CHECK (lines_new BETWEEN 0 AND lines_total),
    debits integer NOT NULL CHECK (debits >= 0), -- what we paid: counted, not kept
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL
);
REVOKE ALL ON bank_files FROM PUBLIC;
GRANT SELECT, INSERT ON bank_files TO clearsend_platform;

CREATE TABLE bank_lines (
    id uuid PRIMARY KEY,
    file_id uuid NOT NULL REFERENCES bank_files (id),
    account text NOT NULL CHECK (length(account) BETWEEN 1 AND 64),
    -- the bank's own reference of the entry, or a hash of the line and which of its like it is
    entry_key text NOT NULL CHECK (length(entry_key) BETWEEN 1 AND 200),
    booked_on date NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 1000000000000),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    counterparty text NOT NULL CHECK (length(counterparty) <= 300),
    remittance text NOT NULL CHECK (length(remittance) <= 1000),
    state text NOT NULL DEFAULT 'unmatched' CHECK (state IN ('unmatched', 'matched', 'ignored')),
    of_tenant uuid REFERENCES tenants (id),
    top_up_id uuid,
    amount_credits bigint CHECK (amount_credits > 0),
    decided_by text,
    decided_at timestamptz,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    UNIQUE (account, entry_key),
    CHECK ((state = 'matched') = (top_up_id IS NOT NULL) AND (state = 'matched') = (of_tenant IS NOT NULL)
        AND (state = 'matched') = (amount_credits IS NOT NULL)),
    CHECK ((state = 'unmatched') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (state <> 'ignored' OR reason IS NOT NULL)
);
CREATE INDEX bank_lines_state ON bank_lines (state, id);
REVOKE ALL ON bank_lines FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE (state, of_tenant, top_up_id, amount_credits, decided_by, decided_at, reason)
    ON bank_lines TO clearsend_platform;

-- A price list may begin later than it is published, and takes two people of finance.
ALTER TABLE price_lists ADD COLUMN effective_from timestamptz;
ALTER TABLE price_lists DISABLE TRIGGER keep_price_list;
UPDATE price_lists SET effective_from = created_at;
ALTER TABLE price_lists ENABLE TRIGGER keep_price_list;
ALTER TABLE price_lists ALTER COLUMN effective_from SET NOT NULL;
ALTER TABLE price_lists ALTER COLUMN effective_from SET DEFAULT now();
CREATE INDEX price_lists_effective ON price_lists (effective_from DESC, version DESC);

CREATE TABLE price_proposals (
    id uuid PRIMARY KEY,
    base_version integer NOT NULL REFERENCES price_lists (version),
    -- [{country, channel, credits}]; credits null: not sold any more
    changes jsonb NOT NULL,
    refund_undelivered boolean NOT NULL,
    margin_percent smallint NOT NULL CHECK (margin_percent BETWEEN 0 AND 100),
    margin_credits_min integer NOT NULL CHECK (margin_credits_min BETWEEN 0 AND 1000),
    effective_from timestamptz, -- null: as soon as it is approved
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    state text NOT NULL CHECK (state IN ('pending', 'published', 'declined')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    decided_reason text CHECK (length(decided_reason) BETWEEN 1 AND 500),
    version integer REFERENCES price_lists (version),
    CHECK ((state = 'pending') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((state = 'published') = (version IS NOT NULL)),
    CONSTRAINT price_proposals_second_person CHECK (state <> 'published' OR decided_by <> created_by)
);
REVOKE ALL ON price_proposals FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, decided_reason, version)
    ON price_proposals TO clearsend_platform;

CREATE VIEW pub_billing_bank_lines WITH (security_invoker = true) AS
SELECT id, booked_on, amount_minor, currency, state, of_tenant, top_up_id FROM bank_lines;
CREATE VIEW pub_billing_corrections WITH (security_invoker = true) AS
SELECT tenant_id, id, kind, state FROM corrections;
CREATE VIEW pub_billing_price_proposals WITH (security_invoker = true) AS
SELECT id, state FROM price_proposals;
GRANT SELECT ON pub_billing_bank_lines, pub_billing_corrections, pub_billing_price_proposals
    TO clearsend_platform;

CREATE VIEW pub_billing_top_ups WITH (security_invoker = true) AS
SELECT tenant_id, id, amount_credits, method, reference, state, created_by, created_at, approved_at
FROM top_ups;
GRANT SELECT ON pub_billing_top_ups TO clearsend_platform;
