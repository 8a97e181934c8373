-- Saved cards and buying by itself. A card's number is never here: its id at the provider, and what
-- its owner knows it by.

CREATE TABLE payment_customers (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    customer_id text NOT NULL UNIQUE CHECK (length(customer_id) BETWEEN 1 AND 255),
    made_at timestamptz NOT NULL
);
CALL secure_tenant_table('payment_customers', 'SELECT, INSERT');

CREATE TABLE saved_cards (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id text NOT NULL CHECK (length(id) BETWEEN 1 AND 255),
    brand text NOT NULL CHECK (length(brand) <= 40),
    last4 text NOT NULL CHECK (last4 ~ '^[0-9]{4}$'),
    exp_month smallint NOT NULL CHECK (exp_month BETWEEN 1 AND 12),
    exp_year smallint NOT NULL CHECK (exp_year BETWEEN 2000 AND 2200),
    saved_at timestamptz NOT NULL,
    forgotten_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CALL secure_tenant_table('saved_cards', 'SELECT, INSERT, UPDATE (exp_month, exp_year, forgotten_at)');

-- One row a tenant that ever asked for it. `is_armed`: the balance was at or above the threshold
-- since the last purchase was opened; only then may the next crossing open one.
CREATE TABLE auto_reload (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    state text NOT NULL CHECK (state IN ('off', 'on', 'backing_off', 'paused')),
    threshold_credits bigint NOT NULL CHECK (threshold_credits BETWEEN 1 AND 5000000),
    amount_credits bigint CHECK (amount_credits BETWEEN 500 AND 5000000),
    target_credits bigint CHECK (target_credits BETWEEN 500 AND 5000000),
    monthly_cap_minor bigint NOT NULL CHECK (monthly_cap_minor BETWEEN 1 AND 1000000000000),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    card_id text NOT NULL,
    failures smallint NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 10),
    retry_at timestamptz,
    stop_reason text CHECK (stop_reason IN ('declined', 'burst', 'card_gone')),
    is_armed boolean NOT NULL DEFAULT true,
    crossing_no bigint NOT NULL DEFAULT 0 CHECK (crossing_no >= 0),
    fired_at timestamptz,
    cap_told_on date,
    next_check_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, card_id) REFERENCES saved_cards (tenant_id, id),
    CONSTRAINT auto_reload_one_aim CHECK ((amount_credits IS NULL) <> (target_credits IS NULL)),
    -- Else one purchase would not lift the balance over the threshold, and the next never came.
    CONSTRAINT auto_reload_lifts CHECK (coalesce(amount_credits, target_credits - 1) >= threshold_credits),
    CONSTRAINT auto_reload_retries CHECK ((state = 'backing_off') = (retry_at IS NOT NULL)),
    CONSTRAINT auto_reload_stopped CHECK (state IN ('off', 'paused') OR stop_reason IS NULL)
);
CREATE INDEX auto_reload_due ON auto_reload (next_check_at) WHERE state IN ('on', 'backing_off');
CALL secure_tenant_table('auto_reload', 'SELECT, INSERT, UPDATE');

-- What was opened for which crossing. A second row of a crossing is a retry after a decline; the
-- purchases' table comes with a later migration, so its key is not named here.
CREATE TABLE auto_reloads (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    purchase_id uuid NOT NULL,
    crossing_no bigint NOT NULL CHECK (crossing_no > 0),
    attempt smallint NOT NULL CHECK (attempt BETWEEN 1 AND 10),
    told_by uuid, -- the announcement of the fall; null: found by the sweep
    card_id text NOT NULL,
    opened_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('paid', 'failed')),
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, purchase_id),
    UNIQUE (tenant_id, crossing_no, attempt),
    UNIQUE (tenant_id, told_by),
    CONSTRAINT auto_reloads_ended CHECK ((outcome IS NULL) = (ended_at IS NULL))
);
CREATE INDEX auto_reloads_open ON auto_reloads (opened_at) WHERE outcome IS NULL;
CALL secure_tenant_table('auto_reloads', 'SELECT, INSERT, UPDATE (outcome, ended_at)');
