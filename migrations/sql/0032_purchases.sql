-- Credits bought by tenants themselves. A purchase is written before Stripe is asked, with its price
-- as it was: what is paid later is checked against this row and against nothing a browser says.

CREATE TABLE purchases (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    source text NOT NULL CHECK (source IN ('checkout', 'auto_reload')),
    state text NOT NULL CHECK (state IN ('pending', 'awaiting_customer', 'processing', 'paid',
        'failed', 'expired')),
    credits bigint NOT NULL CHECK (credits BETWEEN 1 AND 1000000000),
    tariff_version integer NOT NULL CHECK (tariff_version > 0),
    tier_no integer NOT NULL CHECK (tier_no >= 0),
    unit_price_micro bigint NOT NULL CHECK (unit_price_micro > 0), -- millionths of the currency's unit
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    net_minor bigint NOT NULL CHECK (net_minor >= 0),
    tax_rate_permille integer NOT NULL CHECK (tax_rate_permille BETWEEN 0 AND 1000),
    tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
    is_reverse_charge boolean NOT NULL,
    tax_category text NOT NULL CHECK (length(tax_category) BETWEEN 1 AND 3), -- UNCL5305
    tax_note text NOT NULL CHECK (length(tax_note) <= 1000),
    gross_minor bigint NOT NULL CHECK (gross_minor BETWEEN 1 AND 1000000000000),
    saves_card boolean NOT NULL DEFAULT false,
    customer_id text CHECK (length(customer_id) <= 255),
    checkout_id text CHECK (length(checkout_id) <= 255),
    checkout_url text CHECK (length(checkout_url) <= 4000),
    payment_id text CHECK (length(payment_id) <= 255),
    charge_id text CHECK (length(charge_id) <= 255),
    failure_code text CHECK (length(failure_code) <= 100),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    paid_at timestamptz,
    next_check_at timestamptz,
    checks integer NOT NULL DEFAULT 0 CHECK (checks >= 0),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, checkout_id),
    UNIQUE (tenant_id, payment_id),
    CONSTRAINT purchases_price CHECK (gross_minor = net_minor + tax_minor),
    CONSTRAINT purchases_reverse_charge CHECK (NOT is_reverse_charge OR tax_minor = 0),
    CONSTRAINT purchases_paid CHECK ((state = 'paid') = (paid_at IS NOT NULL)
        AND (state <> 'paid' OR payment_id IS NOT NULL))
);
CREATE INDEX purchases_newest ON purchases (tenant_id, created_at, id);
CREATE INDEX purchases_unfinished ON purchases (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX purchases_payment ON purchases (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX purchases_charge ON purchases (charge_id) WHERE charge_id IS NOT NULL;
CALL secure_tenant_table('purchases', 'SELECT, INSERT, UPDATE (state, customer_id, checkout_id,
    checkout_url, payment_id, charge_id, failure_code, expires_at, paid_at, next_check_at, checks)');

-- Money back. Credits leave first, then the money; the other way round they could be spent meanwhile.
CREATE TABLE refunds (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    purchase_id uuid,
    top_up_id uuid,
    origin text NOT NULL CHECK (origin IN ('clearsend', 'stripe')),
    method text NOT NULL CHECK (method IN ('stripe', 'bank_transfer')),
    state text NOT NULL CHECK (state IN ('requested', 'declined', 'approved', 'submitted',
        'succeeded', 'failed')),
    credits bigint NOT NULL CHECK (credits BETWEEN 0 AND 1000000000),
    -- Of a refund made in Stripe's dashboard: credits that were spent before we heard of it.
    missing_credits bigint NOT NULL DEFAULT 0 CHECK (missing_credits >= 0),
    amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 1000000000000),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    reference text CHECK (length(reference) BETWEEN 1 AND 100), -- the bank's, of a transfer
    stripe_id text CHECK (length(stripe_id) <= 255),
    failure_code text CHECK (length(failure_code) <= 500),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    approved_by text,
    approved_at timestamptz,
    submitted_at timestamptz,
    settled_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, stripe_id),
    FOREIGN KEY (tenant_id, purchase_id) REFERENCES purchases (tenant_id, id),
    FOREIGN KEY (tenant_id, top_up_id) REFERENCES top_ups (tenant_id, id),
    CONSTRAINT refunds_subject CHECK ((purchase_id IS NULL) <> (top_up_id IS NULL)
        AND (purchase_id IS NOT NULL OR method = 'bank_transfer')),
    CONSTRAINT refunds_credits CHECK (credits > 0 OR origin = 'stripe'),
    CONSTRAINT refunds_second_person CHECK (approved_by <> requested_by),
    CONSTRAINT refunds_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CONSTRAINT refunds_reference CHECK (method = 'stripe' OR state <> 'succeeded' OR reference IS NOT NULL),
    CONSTRAINT refunds_settled CHECK ((state IN ('succeeded', 'failed', 'declined')) = (settled_at IS NOT NULL))
);
-- Two clerks at once make one: the next refund waits until this one is settled.
CREATE UNIQUE INDEX refunds_one_of_purchase ON refunds (tenant_id, purchase_id)
    WHERE origin = 'clearsend' AND state IN ('requested', 'approved', 'submitted');
CREATE UNIQUE INDEX refunds_one_of_top_up ON refunds (tenant_id, top_up_id)
    WHERE origin = 'clearsend' AND state IN ('requested', 'approved', 'submitted');
CREATE INDEX refunds_unsettled ON refunds (id) WHERE state IN ('requested', 'approved', 'submitted');
CALL secure_tenant_table('refunds', 'SELECT, INSERT, UPDATE (state, reference, stripe_id,
    failure_code, approved_by, approved_at, submitted_at, settled_at)');

CREATE TABLE disputes (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id text NOT NULL CHECK (length(id) BETWEEN 1 AND 255), -- Stripe's
    purchase_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('inquiry', 'open', 'closed', 'won', 'lost')),
    reason text NOT NULL CHECK (length(reason) <= 100),
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, purchase_id) REFERENCES purchases (tenant_id, id),
    CONSTRAINT disputes_closed CHECK ((state IN ('closed', 'won', 'lost')) = (closed_at IS NOT NULL))
);
CREATE INDEX disputes_purchase ON disputes (tenant_id, purchase_id);
CALL secure_tenant_table('disputes', 'SELECT, INSERT, UPDATE (state, closed_at)');

-- The history of the three. `from_state` is null where the row was made in its state.
CREATE TABLE payment_events (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    purchase_id uuid,
    top_up_id uuid,
    machine text NOT NULL,
    subject_id text NOT NULL CHECK (length(subject_id) BETWEEN 1 AND 255),
    event text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT payment_events_of CHECK ((purchase_id IS NULL) <> (top_up_id IS NULL)),
    CONSTRAINT payment_events_moves CHECK (from_state IS NULL OR (machine, from_state, event, to_state) IN (
        ('purchase', 'pending', 'ask_customer', 'awaiting_customer'),
        ('purchase', 'pending', 'wait_for_money', 'processing'),
        ('purchase', 'pending', 'pay', 'paid'),
        ('purchase', 'pending', 'fail', 'failed'),
        ('purchase', 'pending', 'expire', 'expired'),
        ('purchase', 'awaiting_customer', 'wait_for_money', 'processing'),
        ('purchase', 'awaiting_customer', 'pay', 'paid'),
        ('purchase', 'awaiting_customer', 'fail', 'failed'),
        ('purchase', 'awaiting_customer', 'expire', 'expired'),
        ('purchase', 'processing', 'pay', 'paid'),
        ('purchase', 'processing', 'fail', 'failed'),
        ('purchase', 'failed', 'pay', 'paid'),
        ('purchase', 'expired', 'pay', 'paid'),
        ('refund', 'requested', 'approve', 'approved'),
        ('refund', 'requested', 'decline', 'declined'),
        ('refund', 'approved', 'submit', 'submitted'),
        ('refund', 'approved', 'succeed', 'succeeded'),
        ('refund', 'approved', 'fail', 'failed'),
        ('refund', 'submitted', 'succeed', 'succeeded'),
        ('refund', 'submitted', 'fail', 'failed'),
        ('refund', 'succeeded', 'fail', 'failed'),
        ('dispute', 'inquiry', 'open', 'open'),
        ('dispute', 'inquiry', 'close', 'closed'),
        ('dispute', 'open', 'win', 'won'),
        ('dispute', 'open', 'lose', 'lost')))
);
CREATE INDEX payment_events_purchase ON payment_events (tenant_id, purchase_id, id);
CREATE INDEX payment_events_top_up ON payment_events (tenant_id, top_up_id, id) WHERE top_up_id IS NOT NULL;
CALL secure_tenant_table('payment_events', 'SELECT, INSERT');

-- What Stripe posts, as it came, before a tenant is known. Worked off from here and never from its
-- arrival: what died in between is found again.
CREATE TABLE stripe_inbox (
    event_id text PRIMARY KEY CHECK (length(event_id) BETWEEN 1 AND 255),
    type text NOT NULL CHECK (length(type) BETWEEN 1 AND 255),
    object_id text NOT NULL CHECK (length(object_id) <= 255),
    body bytea, -- null after its days
    announced_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'ignored', 'given_up')),
    due_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    last_error text CHECK (length(last_error) <= 1000),
    processed_at timestamptz,
    CONSTRAINT stripe_inbox_processed CHECK ((state = 'waiting') = (processed_at IS NULL))
);
CREATE INDEX stripe_inbox_due ON stripe_inbox (due_at) WHERE state = 'waiting';
CREATE INDEX stripe_inbox_age ON stripe_inbox (received_at);
REVOKE ALL ON stripe_inbox FROM PUBLIC;
GRANT SELECT (event_id), INSERT ON stripe_inbox TO clearsend_doorway;
GRANT SELECT, UPDATE, DELETE ON stripe_inbox TO clearsend_platform;

-- What nobody can book without a person: each is told once, by its reference.
CREATE TABLE payment_problems (
    id uuid PRIMARY KEY,
    tenant_id uuid REFERENCES tenants (id),
    kind text NOT NULL CHECK (kind IN ('unknown_purchase', 'amount_differs', 'currency_differs',
        'customer_differs', 'paid_twice', 'refund_over_unspent', 'refund_failed_late',
        'unknown_refund', 'unknown_dispute', 'early_fraud_warning', 'event_given_up')),
    reference text NOT NULL UNIQUE CHECK (length(reference) BETWEEN 1 AND 300),
    facts jsonb NOT NULL DEFAULT '{}',
    seen_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by text,
    resolution text CHECK (length(resolution) BETWEEN 1 AND 500),
    CONSTRAINT payment_problems_resolved CHECK ((resolved_at IS NULL) = (resolved_by IS NULL)
        AND (resolved_at IS NULL) = (resolution IS NULL))
);
CREATE INDEX payment_problems_open ON payment_problems (id) WHERE resolved_at IS NULL;
CALL secure_shared_table('payment_problems', 'INSERT', 'SELECT, INSERT, UPDATE');

-- Who may read purchases is told of them; the first of these is the receipt.
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind IN ('low_balance',
    'awaiting_credits', 'needs_confirmation', 'refused', 'changes_requested', 'completed', 'missed',
    'failed', 'forecast_short', 'pause_ending', 'credits_bought', 'payment_failed',
    'payment_waiting', 'credits_refunded', 'payment_disputed', 'dispute_won', 'dispute_lost',
    'auto_reload_stopped'));

-- Published: what prove and the desk compare with what was paid.
CREATE VIEW pub_ledger_references WITH (security_invoker = true) AS
SELECT tenant_id, reference, kind, from_account, to_account, amount, created_at FROM ledger_transfers;
GRANT SELECT ON pub_ledger_references TO clearsend_tenant, clearsend_platform;
