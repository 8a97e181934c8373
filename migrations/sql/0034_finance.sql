-- The finance desk's days: what moved, what was owed, whether ledger, Stripe and gateways agree.

CREATE PROCEDURE secure_finance_table(name text, verbs text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY platform ON %I TO clearsend_platform USING (true) WITH CHECK (true)',
        name);
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
    EXECUTE format('GRANT %s ON %I TO clearsend_platform', verbs, name);
END $$;

-- One row per UTC day that was closed. It is never changed: what came to light later stands in the
-- day that found it.
CREATE TABLE closed_days (
    day date PRIMARY KEY,
    closed_at timestamptz NOT NULL,
    closed_by text NOT NULL,
    tenants integer NOT NULL CHECK (tenants >= 0),
    transfers bigint NOT NULL CHECK (transfers >= 0),
    ledger_agrees boolean NOT NULL,
    violations_total integer NOT NULL CHECK (violations_total >= 0),
    -- the first of them: [{check, tenant_id, subject, expected, found}]
    violations jsonb NOT NULL,
    reconciliation text NOT NULL CHECK (reconciliation IN ('agrees', 'differs', 'missing')),
    CHECK (ledger_agrees = (violations_total = 0))
);
CALL secure_finance_table('closed_days', 'SELECT, INSERT');

-- What moved in a closed day, per tenant and kind of transfer; frozen with it.
CREATE TABLE day_movements (
    day date NOT NULL REFERENCES closed_days (day) DEFERRABLE INITIALLY DEFERRED,
    of_tenant uuid NOT NULL REFERENCES tenants (id),
    kind text NOT NULL,
    from_account text NOT NULL,
    to_account text NOT NULL,
    transfers bigint NOT NULL CHECK (transfers > 0),
    credits bigint NOT NULL CHECK (credits > 0),
    PRIMARY KEY (day, of_tenant, kind, from_account, to_account)
);
CREATE INDEX day_movements_tenant ON day_movements (of_tenant, day);
CALL secure_finance_table('day_movements', 'SELECT, INSERT');

-- Bought and not used at the close of a day, by the age of what was bought.
CREATE TABLE day_liabilities (
    day date NOT NULL REFERENCES closed_days (day) DEFERRABLE INITIALLY DEFERRED,
    age text NOT NULL CHECK (age IN ('30', '90', '180', '365', 'older')),
    credits bigint NOT NULL CHECK (credits >= 0),
    tenants integer NOT NULL CHECK (tenants >= 0),
    PRIMARY KEY (day, age)
);
CALL secure_finance_table('day_liabilities', 'SELECT, INSERT');

-- The three-way comparison of a day; made again by hand it is one run more of the same row.
CREATE TABLE reconciliations (
    day date PRIMARY KEY,
    run integer NOT NULL CHECK (run >= 1),
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    is_stripe_asked boolean NOT NULL,
    payments integer NOT NULL,
    refunds integer NOT NULL,
    top_ups integer NOT NULL,
    charged_credits bigint NOT NULL,
    captured_credits bigint NOT NULL
);
CALL secure_finance_table('reconciliations', 'SELECT, INSERT, UPDATE');

CREATE TABLE reconciliation_items (
    day date NOT NULL REFERENCES reconciliations (day),
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 60),
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 300),
    of_tenant uuid REFERENCES tenants (id),
    expected bigint NOT NULL,
    found bigint NOT NULL,
    unit text NOT NULL CHECK (length(unit) BETWEEN 1 AND 20),
    first_run integer NOT NULL,
    -- the newest run that still saw it; below the day's run it went away by itself
    last_run integer NOT NULL,
    note text CHECK (length(note) BETWEEN 1 AND 500),
    resolved_by text,
    resolved_at timestamptz,
    PRIMARY KEY (day, kind, subject),
    CHECK ((resolved_by IS NULL) = (resolved_at IS NULL)),
    CHECK ((resolved_by IS NULL) = (note IS NULL))
);
CREATE INDEX reconciliation_items_open ON reconciliation_items (day) WHERE resolved_at IS NULL;
CALL secure_finance_table('reconciliation_items', 'SELECT, INSERT, UPDATE');

-- How many segments each gateway took in a day, as the messages say and as the gateway's own meter.
CREATE TABLE gateway_days (
    day date NOT NULL REFERENCES reconciliations (day),
    gateway_id uuid NOT NULL REFERENCES gateways (id),
    messages bigint NOT NULL,
    segments bigint NOT NULL,
    charged_credits bigint NOT NULL,
    metered_segments bigint NOT NULL,
    PRIMARY KEY (day, gateway_id)
);
CALL secure_finance_table('gateway_days', 'SELECT, INSERT, UPDATE');
DROP PROCEDURE secure_finance_table;
