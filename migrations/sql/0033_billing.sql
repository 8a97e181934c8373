-- What credits cost in money. Like a price list a tariff is a version that never changes; unlike one
-- it is proposed by one person of finance and put in force by another.

CREATE TABLE tariffs (
    version integer PRIMARY KEY CHECK (version > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    effective_from timestamptz NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    approved_by text,
    approved_at timestamptz,
    withdrawn_by text,
    withdrawn_at timestamptz,
    CONSTRAINT tariffs_second_person CHECK (approved_by <> created_by),
    CONSTRAINT tariffs_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CONSTRAINT tariffs_withdrawn CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL)
        AND (withdrawn_by IS NULL OR approved_by IS NULL))
);

-- All credits of one purchase cost what the highest tier it reaches says.
CREATE TABLE tariff_tiers (
    version integer NOT NULL REFERENCES tariffs (version) DEFERRABLE INITIALLY DEFERRED,
    tier_no smallint NOT NULL CHECK (tier_no BETWEEN 1 AND 20),
    credits_from bigint NOT NULL CHECK (credits_from BETWEEN 1 AND 5000000),
    -- Millionths of the currency's unit per credit: 65000 is 0.065 EUR.
    unit_price_micro bigint NOT NULL CHECK (unit_price_micro BETWEEN 1 AND 1000000000000),
    PRIMARY KEY (version, tier_no),
    UNIQUE (version, credits_from)
);

CREATE FUNCTION billing_keep_tariff() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF tg_table_name = 'tariffs' AND tg_op = 'UPDATE' THEN
        IF to_jsonb(new) - '{approved_by,approved_at,withdrawn_by,withdrawn_at}'::text[]
            = to_jsonb(old) - '{approved_by,approved_at,withdrawn_by,withdrawn_at}'::text[]
            AND old.approved_by IS NULL AND old.withdrawn_by IS NULL THEN
            RETURN new;
        END IF;
    ELSIF tg_op = 'INSERT' AND NOT EXISTS (SELECT 1 FROM tariffs WHERE version = new.version) THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'billing: a tariff never changes; make the next version'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER keep_tariff BEFORE INSERT OR UPDATE OR DELETE ON tariff_tiers
    FOR EACH ROW EXECUTE FUNCTION billing_keep_tariff();
CREATE TRIGGER keep_tariff BEFORE UPDATE OR DELETE ON tariffs
    FOR EACH ROW EXECUTE FUNCTION billing_keep_tariff();
REVOKE ALL ON tariffs, tariff_tiers FROM PUBLIC;
REVOKE ALL ON FUNCTION billing_keep_tariff() FROM PUBLIC;
GRANT SELECT ON tariffs, tariff_tiers TO clearsend_tenant;
GRANT SELECT, INSERT ON tariffs, tariff_tiers TO clearsend_platform;
GRANT UPDATE (approved_by, approved_at, withdrawn_by, withdrawn_at) ON tariffs TO clearsend_platform;

INSERT INTO tariff_tiers (version, tier_no, credits_from, unit_price_micro) VALUES
    (1, 1, 1, 65000), (1, 2, 5000, 59000), (1, 3, 50000, 52000), (1, 4, 500000, 45000);
INSERT INTO tariffs (version, currency, effective_from, reason, created_by, created_at, approved_by,
    approved_at) VALUES (1, 'EUR', '2025-01-01', 'The first tariff', 'system:migration', now(),
    'system:approved with the migration', now());
SET CONSTRAINTS ALL IMMEDIATE;

-- Who sells. One stands from the start; while it is a specimen its documents say they are none.
CREATE TABLE legal_entities (
    code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]{0,30}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    address_lines text[] NOT NULL CHECK (cardinality(address_lines) BETWEEN 1 AND 4),
    postal_code text NOT NULL CHECK (length(postal_code) <= 20),
    city text NOT NULL CHECK (length(city) BETWEEN 1 AND 100),
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    vat_id text CHECK (length(vat_id) BETWEEN 3 AND 30),
    registration text NOT NULL DEFAULT '' CHECK (length(registration) <= 200),
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    time_zone text NOT NULL CHECK (length(time_zone) BETWEEN 1 AND 60),
    -- Single-purpose vouchers are taxed when sold, multi-purpose ones when used (Articles 30a and 30b
    -- of Directive 2006/112/EC): which one credits are, the operator's accountant says.
    tax_point text NOT NULL DEFAULT 'at_sale' CHECK (tax_point IN ('at_sale', 'at_redemption')),
    invoice_prefix text NOT NULL CHECK (invoice_prefix ~ '^([A-Z0-9-]{0,11}[A-Z-])?$'),
    receipt_prefix text NOT NULL CHECK (receipt_prefix ~ '^([A-Z0-9-]{0,11}[A-Z-])?$'),
    credit_note_prefix text NOT NULL CHECK (credit_note_prefix ~ '^([A-Z0-9-]{0,11}[A-Z-])?$'),
    payment_days smallint NOT NULL DEFAULT 14 CHECK (payment_days BETWEEN 0 AND 90),
    bank_name text NOT NULL DEFAULT '' CHECK (length(bank_name) <= 100),
    iban text NOT NULL DEFAULT '' CHECK (iban ~ '^[A-Z0-9]{0,34}$'),
    bic text NOT NULL DEFAULT '' CHECK (bic ~ '^[A-Z0-9]{0,11}$'),
    is_specimen boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    -- A number of one kind is never another kind's: prefixes differ, and none ends in a digit.
    CHECK (invoice_prefix <> receipt_prefix AND invoice_prefix <> credit_note_prefix
        AND receipt_prefix <> credit_note_prefix)
);
REVOKE ALL ON legal_entities FROM PUBLIC;
GRANT SELECT ON legal_entities TO clearsend_tenant;
GRANT SELECT, UPDATE ON legal_entities TO clearsend_platform;

-- Standard VAT rates of a seller's country, from a day on; a rate that was in force never changes.
CREATE TABLE legal_entity_rates (
    code text NOT NULL REFERENCES legal_entities (code),
    effective_from date NOT NULL,
    rate_permille smallint NOT NULL CHECK (rate_permille BETWEEN 0 AND 500),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (code, effective_from)
);
REVOKE ALL ON legal_entity_rates FROM PUBLIC;
GRANT SELECT ON legal_entity_rates TO clearsend_tenant;
GRANT SELECT, INSERT ON legal_entity_rates TO clearsend_platform;

INSERT INTO legal_entities (code, name, address_lines, postal_code, city, country, vat_id,
    registration, email, currency, time_zone, invoice_prefix, receipt_prefix, credit_note_prefix,
    bank_name, iban, bic, is_specimen, changed_by, changed_at) VALUES
    ('default', 'Clearsend Specimen Ltd', '{1 Sample Quay}', 'D02 XY45', 'Dublin', 'IE', 'IE1234567T',
    'Specimen: to be replaced by the operator', 'billing@clearsend.example', 'EUR', 'Europe/Dublin',
    'INV-', 'RCP-', 'CN-', 'Specimen Bank', 'IE64IRCE92050112345678', 'IRCEIE2D', true,
    'system:migration', now());
INSERT INTO legal_entity_rates VALUES ('default', '2021-03-01', 230, 'system:migration', now());

-- Who buys. Numbers of VAT registers are checked with the register by the clock.
CREATE TABLE billing_profiles (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    legal_entity text NOT NULL DEFAULT 'default' REFERENCES legal_entities (code),
    company_name text NOT NULL CHECK (length(company_name) BETWEEN 1 AND 200),
    address_lines text[] NOT NULL CHECK (cardinality(address_lines) BETWEEN 1 AND 4),
    postal_code text NOT NULL CHECK (length(postal_code) <= 20),
    city text NOT NULL CHECK (length(city) BETWEEN 1 AND 100),
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    vat_id text CHECK (length(vat_id) BETWEEN 3 AND 30),
    vat_state text NOT NULL CHECK (vat_state IN
        ('none', 'format_valid', 'confirmed', 'unknown_to_register', 'not_checkable')),
    vat_checked_at timestamptz,
    -- The register's receipt for the question, where it gives one.
    vat_check_reference text,
    vat_check_tries integer NOT NULL DEFAULT 0,
    vat_check_at timestamptz,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    purchase_reference text NOT NULL DEFAULT '' CHECK (length(purchase_reference) <= 100),
    terms text NOT NULL DEFAULT 'prepaid' CHECK (terms IN ('prepaid', 'postpaid')),
    postpaid_since timestamptz,
    version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK ((vat_id IS NULL) = (vat_state = 'none')),
    -- Stays when a tenant becomes prepaid again: what it used before is still billed.
    CHECK (terms = 'prepaid' OR postpaid_since IS NOT NULL)
);
CALL secure_tenant_table('billing_profiles', 'SELECT, INSERT, UPDATE');
CREATE INDEX billing_profiles_vat_due ON billing_profiles (vat_check_at) WHERE vat_check_at IS NOT NULL;

-- Documents ----------------------------------------------------------------------------------

-- Numbers without a gap: a number is taken in its document's transaction by the lock on this row, so
-- a rollback gives it back and nobody else ever saw it. At the commit a counter that moved without a
-- number, or a number without a document, is refused.
CREATE TABLE document_counters (
    legal_entity text NOT NULL REFERENCES legal_entities (code),
    series text NOT NULL CHECK (series IN ('invoice', 'receipt', 'credit_note')),
    last bigint NOT NULL DEFAULT 0 CHECK (last >= 0),
    PRIMARY KEY (legal_entity, series)
);
INSERT INTO document_counters (legal_entity, series)
VALUES ('default', 'invoice'), ('default', 'receipt'), ('default', 'credit_note');
REVOKE ALL ON document_counters FROM PUBLIC;
GRANT SELECT, UPDATE (last) ON document_counters TO clearsend_tenant;
GRANT SELECT ON document_counters TO clearsend_platform;

CREATE TABLE document_numbers (
    legal_entity text NOT NULL,
    series text NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    document_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (legal_entity, series, seq),
    FOREIGN KEY (legal_entity, series) REFERENCES document_counters (legal_entity, series)
);
CALL secure_shared_table('document_numbers', 'SELECT, INSERT', 'SELECT');

CREATE TABLE documents (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    legal_entity text NOT NULL,
    series text NOT NULL,
    seq bigint NOT NULL,
    number text NOT NULL CHECK (length(number) BETWEEN 1 AND 40),
    kind text NOT NULL CHECK (kind IN ('invoice', 'monthly_invoice', 'receipt', 'credit_note')),
    state text NOT NULL CHECK (state IN ('issued', 'open', 'overdue', 'paid', 'void')),
    -- What it is about, once: purchase:…, refund:…, dispute:…, top_up:…, month:2026-10, invoice:…
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
    original_id uuid,
    issued_at timestamptz NOT NULL,
    issued_on date NOT NULL,
    supplied_on date NOT NULL, -- of the supply, or of the payment in advance
    due_on date,
    period_from date,
    period_to date,
    paid_at timestamptz,
    paid_by text CHECK (length(paid_by) <= 200), -- reference of the top-up that settled it
    payment_method text CHECK (payment_method IN ('card', 'bank_transfer', 'other')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    credits bigint NOT NULL CHECK (credits >= 0),
    net_minor bigint NOT NULL CHECK (net_minor >= 0),
    tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
    gross_minor bigint NOT NULL CHECK (gross_minor >= 0),
    seller jsonb NOT NULL,
    buyer jsonb NOT NULL,
    notes text[] NOT NULL,
    is_specimen boolean NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source),
    UNIQUE (tenant_id, legal_entity, series, seq),
    FOREIGN KEY (legal_entity, series, seq)
        REFERENCES document_numbers (legal_entity, series, seq),
    FOREIGN KEY (tenant_id, original_id) REFERENCES documents (tenant_id, id),
    CONSTRAINT documents_total CHECK (gross_minor = net_minor + tax_minor),
    CONSTRAINT documents_series CHECK (series = CASE kind WHEN 'monthly_invoice' THEN 'invoice'
        ELSE kind END),
    CONSTRAINT documents_original CHECK ((kind = 'credit_note') = (original_id IS NOT NULL)),
    CONSTRAINT documents_states CHECK (CASE WHEN kind IN ('invoice', 'monthly_invoice')
        THEN state <> 'issued' ELSE state = 'issued' END),
    CONSTRAINT documents_paid CHECK ((state = 'paid') = (paid_at IS NOT NULL)
        OR (state = 'issued' AND kind = 'receipt')),
    CONSTRAINT documents_due CHECK (state NOT IN ('open', 'overdue') OR due_on IS NOT NULL),
    CONSTRAINT documents_period CHECK ((kind = 'monthly_invoice')
        = (period_from IS NOT NULL AND period_to IS NOT NULL))
);
CREATE INDEX documents_newest ON documents (id DESC); -- of all tenants, for finance
CREATE INDEX documents_of_original ON documents (tenant_id, original_id) WHERE original_id IS NOT NULL;
CREATE INDEX documents_unpaid ON documents (due_on) WHERE state = 'open';
CALL secure_tenant_table('documents',
    'SELECT, INSERT, UPDATE (state, paid_at, paid_by, payment_method)');
ALTER TABLE document_numbers ADD FOREIGN KEY (tenant_id, document_id)
    REFERENCES documents (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE document_lines (
    tenant_id uuid NOT NULL,
    document_id uuid NOT NULL,
    line_no smallint NOT NULL CHECK (line_no BETWEEN 1 AND 100),
    description text NOT NULL CHECK (length(description) BETWEEN 1 AND 300),
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_price_micro bigint NOT NULL CHECK (unit_price_micro >= 0),
    net_minor bigint NOT NULL CHECK (net_minor >= 0),
    tax_category text NOT NULL CHECK (tax_category IN ('S', 'AE', 'O')),
    rate_permille smallint NOT NULL CHECK (rate_permille BETWEEN 0 AND 500),
    tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
    tax_note text NOT NULL CHECK (length(tax_note) <= 300),
    PRIMARY KEY (tenant_id, document_id, line_no),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT document_lines_untaxed CHECK (tax_category = 'S' OR (rate_permille = 0 AND tax_minor = 0))
);
CALL secure_tenant_table('document_lines', 'SELECT, INSERT');

CREATE FUNCTION billing_keep_document() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    moving constant text[] := '{state,paid_at,paid_by,payment_method}';
BEGIN
    IF tg_op = 'UPDATE' AND tg_table_name = 'documents' THEN
        IF to_jsonb(new) - moving = to_jsonb(old) - moving AND (old.state, new.state) IN (
            ('open', 'overdue'), ('open', 'paid'), ('open', 'void'), ('overdue', 'paid'),
            ('overdue', 'void')) THEN
            RETURN new;
        END IF;
    ELSIF tg_op = 'UPDATE' AND tg_table_name = 'document_counters' THEN
        IF new.last = old.last + 1 AND new.legal_entity = old.legal_entity
            AND new.series = old.series THEN
            RETURN new;
        END IF;
    ELSIF tg_op = 'INSERT' AND tg_table_name = 'document_numbers' THEN
        IF new.seq = (SELECT last FROM document_counters c
            WHERE c.legal_entity = new.legal_entity AND c.series = new.series) THEN
            RETURN new;
        END IF;
    ELSIF tg_op = 'INSERT' AND tg_table_name = 'document_lines' THEN
        -- The lines come first, the document seals them.
        IF NOT EXISTS (SELECT 1 FROM documents d
            WHERE d.tenant_id = new.tenant_id AND d.id = new.document_id) THEN
            RETURN new;
        END IF;
    END IF;
    RAISE EXCEPTION 'billing: % keeps what was issued; a correction is a credit note', tg_table_name
        USING ERRCODE = 'restrict_violation';
END $$;
REVOKE ALL ON FUNCTION billing_keep_document() FROM PUBLIC;
CREATE TRIGGER keep_document BEFORE UPDATE OR DELETE ON documents
    FOR EACH ROW EXECUTE FUNCTION billing_keep_document();
CREATE TRIGGER keep_document BEFORE INSERT OR UPDATE OR DELETE ON document_lines
    FOR EACH ROW EXECUTE FUNCTION billing_keep_document();
CREATE TRIGGER keep_document BEFORE UPDATE OR DELETE ON document_numbers
    FOR EACH ROW EXECUTE FUNCTION billing_keep_document();
-- Afterwards: whose row it is, the policy says first.
CREATE TRIGGER is_next AFTER INSERT ON document_numbers
    FOR EACH ROW EXECUTE FUNCTION billing_keep_document();
CREATE TRIGGER keep_document BEFORE UPDATE OR DELETE ON document_counters
    FOR EACH ROW EXECUTE FUNCTION billing_keep_document();

CREATE FUNCTION billing_counter_has_number() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM document_numbers n WHERE n.legal_entity = new.legal_entity
        AND n.series = new.series AND n.seq = new.last) THEN
        RAISE EXCEPTION 'billing: number % of % was taken for no document', new.last, new.series
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION billing_counter_has_number() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER counter_has_number AFTER UPDATE ON document_counters
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_counter_has_number();

-- How far a postpaid tenant was billed: the months before are done, also those of nothing to pay.
CREATE TABLE postpaid_months (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    credits bigint NOT NULL CHECK (credits >= 0),
    document_id uuid,
    billed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, month),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id),
    CHECK ((credits > 0) = (document_id IS NOT NULL))
);
CALL secure_tenant_table('postpaid_months', 'SELECT, INSERT');
CREATE INDEX billing_profiles_postpaid ON billing_profiles (tenant_id)
    WHERE postpaid_since IS NOT NULL;
