-- Two clerks change a credit line: what each of them saw stands with what they asked for.
ALTER TABLE corrections
    ADD COLUMN seen_credits bigint CHECK (seen_credits >= 0),
    ADD CONSTRAINT corrections_seen CHECK (kind = 'credit_line' OR seen_credits IS NULL);

-- What one clerk entered for one tenant in a day is added up.
CREATE INDEX corrections_of_clerk ON corrections (tenant_id, created_by, created_at);
CREATE INDEX top_ups_of_clerk ON top_ups (tenant_id, created_by, created_at);
CREATE INDEX refunds_of_clerk ON refunds (tenant_id, requested_by, requested_at);

-- The reference of a top-up that was taken back may be entered again: the bank has the money.
DROP INDEX top_ups_reference;
CREATE UNIQUE INDEX top_ups_reference ON top_ups (tenant_id, reference)
    WHERE state NOT IN ('declined', 'reversed');

-- Customers are only ever added: one deleted at the provider is replaced by the next, once.
ALTER TABLE payment_customers ADD COLUMN replaces text CHECK (length(replaces) BETWEEN 1 AND 255);
ALTER TABLE payment_customers DROP CONSTRAINT payment_customers_pkey;
ALTER TABLE payment_customers ADD PRIMARY KEY (tenant_id, customer_id);
CREATE UNIQUE INDEX payment_customers_line ON payment_customers (tenant_id, coalesce(replaces, ''));

-- Money in advance for credits that are taxed when they are used: receipts, and invoices written
-- before they were paid. What is used of them is invoiced with its tax by the month.
ALTER TABLE documents ADD COLUMN is_advance boolean NOT NULL DEFAULT false;
ALTER TABLE documents DISABLE TRIGGER keep_document;
-- Of all tenants: under FORCE the owner is in none, and would change no row and not know it.
ALTER TABLE documents NO FORCE ROW LEVEL SECURITY;
ALTER TABLE document_lines NO FORCE ROW LEVEL SECURITY;
UPDATE documents d SET is_advance = true WHERE d.kind = 'receipt' OR (d.kind = 'invoice' AND EXISTS (
    SELECT 1 FROM document_lines l WHERE l.tenant_id = d.tenant_id AND l.document_id = d.id
        AND l.tax_note LIKE 'Payment in advance for multi-purpose credits%'));
ALTER TABLE document_lines FORCE ROW LEVEL SECURITY;
ALTER TABLE documents FORCE ROW LEVEL SECURITY;
ALTER TABLE documents ENABLE TRIGGER keep_document;
ALTER TABLE documents ADD CONSTRAINT documents_advance
    CHECK (NOT is_advance OR kind IN ('receipt', 'invoice'));
CREATE INDEX documents_in_advance ON documents (tenant_id) WHERE is_advance;

-- How far a tenant's use of what it paid in advance was invoiced, also where nothing was used.
CREATE TABLE redeemed_months (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    billed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, month)
);
CALL secure_tenant_table('redeemed_months', 'SELECT, INSERT');

-- What was used of each advance in each month, and what was paid for it, tax and all. Below zero
-- where more came back than was used, or the payment was taken back after the use.
CREATE TABLE redeemed_credits (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    advance_id uuid NOT NULL,
    month date NOT NULL,
    credits bigint NOT NULL,
    gross_minor bigint NOT NULL,
    document_id uuid, -- null where the month of that currency came to nothing or less
    PRIMARY KEY (tenant_id, advance_id, month),
    FOREIGN KEY (tenant_id, advance_id) REFERENCES documents (tenant_id, id),
    FOREIGN KEY (tenant_id, month) REFERENCES redeemed_months (tenant_id, month),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id)
);
CREATE INDEX redeemed_credits_document ON redeemed_credits (tenant_id, document_id)
    WHERE document_id IS NOT NULL;
CALL secure_tenant_table('redeemed_credits', 'SELECT, INSERT');

-- For the journal: whose revenue is booked with its tax.
CREATE VIEW pub_billing_advances WITH (security_invoker = true) AS
SELECT tenant_id, id AS document_id FROM documents WHERE is_advance;
GRANT SELECT ON pub_billing_advances TO clearsend_platform;

-- Finance finds what it searches for by its id, by the beginning of its name, and by a piece of the
-- name among the newest: never by reading all there is.
CREATE INDEX top_ups_found ON top_ups (id);
CREATE INDEX top_ups_referenced ON top_ups (lower(reference) text_pattern_ops);
CREATE INDEX documents_numbered ON documents (lower(number) text_pattern_ops);
CREATE INDEX purchases_found ON purchases (id);
CREATE INDEX refunds_found ON refunds (id);
CREATE INDEX refunds_at_stripe ON refunds (stripe_id) WHERE stripe_id IS NOT NULL;
