-- The ledger: nine accounts per tenant that always sum to zero, append-only transfers and entries,
-- lots and the holds that reserve from them. Writing a transfer is the whole posting: its trigger
-- writes the two entries, theirs moves the two balances, and a balance that no entry explains is
-- refused. So no order of hand-made statements leaves a transfer half booked.

CREATE TABLE ledger_accounts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    account text NOT NULL CHECK (account IN ('issued', 'available', 'held', 'frozen', 'spent',
        'expired', 'reversed', 'refunded', 'receivable')),
    balance bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0 CHECK (version >= 0),
    credit_line bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, account),
    CONSTRAINT ledger_accounts_sign CHECK (CASE account
        WHEN 'issued' THEN balance <= 0
        WHEN 'receivable' THEN balance <= 0
        WHEN 'available' THEN balance >= -credit_line
        ELSE balance >= 0 END),
    CONSTRAINT ledger_accounts_credit_line CHECK (credit_line = 0
        OR (account = 'available' AND credit_line BETWEEN 0 AND 1000000000000))
) WITH (fillfactor = 40); -- two balances change with every transfer: room keeps that on the page
CALL secure_tenant_table('ledger_accounts', 'SELECT, INSERT, UPDATE (balance, version, credit_line)');

CREATE TABLE ledger_lots (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('paid', 'promotional', 'granted', 'line')),
    priority smallint NOT NULL DEFAULT 10 CHECK (priority BETWEEN 1 AND 50),
    expires_at timestamptz,
    amount bigint NOT NULL CHECK (amount >= 0),
    available bigint NOT NULL CHECK (available >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    frozen bigint NOT NULL DEFAULT 0 CHECK (frozen >= 0),
    expired bigint NOT NULL DEFAULT 0 CHECK (expired >= 0),
    reversed bigint NOT NULL DEFAULT 0 CHECK (reversed >= 0),
    refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    adjusted bigint NOT NULL DEFAULT 0 CHECK (adjusted >= 0),
    -- What this lot paid off the credit line; negative on the line itself: what was paid off it.
    repaid bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT ledger_lots_sum CHECK (amount
        = available + reserved + spent + frozen + expired + reversed + refunded + adjusted + repaid),
    CONSTRAINT ledger_lots_line CHECK (CASE WHEN kind = 'line'
        THEN repaid <= 0 AND expires_at IS NULL AND available <= amount ELSE repaid >= 0 AND amount > 0 END)
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX ledger_lots_one_line ON ledger_lots (tenant_id) WHERE kind = 'line';
-- A capture moves reserved and spent, which no index knows: it stays on the page.
CREATE INDEX ledger_lots_open ON ledger_lots (tenant_id, priority, expires_at) WHERE available > 0;
CREATE INDEX ledger_lots_due ON ledger_lots (expires_at, tenant_id)
    WHERE available > 0 AND expires_at IS NOT NULL;
CALL secure_tenant_table('ledger_lots', 'SELECT, INSERT, UPDATE (expires_at, amount, available,
    reserved, spent, frozen, expired, reversed, refunded, adjusted, repaid)');

CREATE TABLE ledger_holds (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    session_id uuid,
    amount bigint NOT NULL CHECK (amount > 0),
    captured bigint NOT NULL DEFAULT 0 CHECK (captured >= 0),
    released bigint NOT NULL DEFAULT 0 CHECK (released >= 0),
    returned bigint NOT NULL DEFAULT 0 CHECK (returned >= 0),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT ledger_holds_within CHECK (captured + released <= amount AND returned <= captured),
    CONSTRAINT ledger_holds_closed CHECK (state = 'open' OR captured + released = amount)
) WITH (fillfactor = 60);
CREATE INDEX ledger_holds_session ON ledger_holds (tenant_id, session_id) WHERE session_id IS NOT NULL;
CALL secure_tenant_table('ledger_holds',
    'SELECT, INSERT, UPDATE (captured, released, returned, state)');

CREATE TABLE ledger_hold_lots (
    tenant_id uuid NOT NULL,
    hold_id uuid NOT NULL,
    position integer NOT NULL CHECK (position > 0), -- the order of consumption, fixed by the hold
    lot_id uuid NOT NULL,
    reserved bigint NOT NULL CHECK (reserved > 0),
    captured bigint NOT NULL DEFAULT 0 CHECK (captured >= 0),
    released bigint NOT NULL DEFAULT 0 CHECK (released >= 0),
    returned bigint NOT NULL DEFAULT 0 CHECK (returned >= 0),
    PRIMARY KEY (tenant_id, hold_id, position),
    UNIQUE (tenant_id, hold_id, lot_id),
    FOREIGN KEY (tenant_id, hold_id) REFERENCES ledger_holds (tenant_id, id),
    FOREIGN KEY (tenant_id, lot_id) REFERENCES ledger_lots (tenant_id, id),
    CONSTRAINT ledger_hold_lots_within CHECK (captured + released <= reserved AND returned <= captured)
) WITH (fillfactor = 60);
CALL secure_tenant_table('ledger_hold_lots',
    'SELECT, INSERT, UPDATE (captured, released, returned)');

CREATE TABLE ledger_transfers (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
    kind text NOT NULL,
    from_account text NOT NULL,
    to_account text NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000),
    session_id uuid,
    hold_id uuid,
    lots jsonb NOT NULL, -- {lot id: credits}: every credit that moves is of a lot, and which is told
    actor text NOT NULL,
    reason text CHECK (length(reason) <= 500),
    proof_file uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, reference),
    FOREIGN KEY (tenant_id, hold_id) REFERENCES ledger_holds (tenant_id, id),
    CONSTRAINT ledger_transfers_way CHECK ((kind, from_account, to_account) IN (
        ('topped_up', 'issued', 'available'), ('topped_up', 'issued', 'receivable'),
        ('granted', 'issued', 'available'),
        ('adjusted', 'issued', 'available'), ('adjusted', 'available', 'issued'),
        ('adjusted', 'issued', 'receivable'),
        ('held', 'available', 'held'), ('captured', 'held', 'spent'),
        ('released', 'held', 'available'), ('returned', 'spent', 'available'),
        ('expired', 'available', 'expired'),
        ('frozen', 'available', 'frozen'), ('thawed', 'frozen', 'available'),
        ('reversed', 'frozen', 'reversed'), ('reversed', 'receivable', 'reversed'),
        ('reversed', 'held', 'reversed'), ('refunded', 'available', 'refunded'))),
    CONSTRAINT ledger_transfers_hold CHECK (
        kind NOT IN ('held', 'captured', 'released', 'returned') OR hold_id IS NOT NULL),
    CONSTRAINT ledger_transfers_reason CHECK (kind <> 'adjusted' OR reason IS NOT NULL)
);
CREATE INDEX ledger_transfers_hold ON ledger_transfers (tenant_id, hold_id) WHERE hold_id IS NOT NULL;
CALL secure_tenant_table('ledger_transfers', 'SELECT, INSERT');

CREATE TABLE ledger_entries (
    tenant_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    account text NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    balance_after bigint NOT NULL,
    account_version bigint NOT NULL CHECK (account_version > 0),
    PRIMARY KEY (tenant_id, account, account_version), -- a gap or a fork is impossible, a page is one range
    UNIQUE (tenant_id, transfer_id, account),
    FOREIGN KEY (tenant_id, transfer_id) REFERENCES ledger_transfers (tenant_id, id),
    FOREIGN KEY (tenant_id, account) REFERENCES ledger_accounts (tenant_id, account)
);
CALL secure_tenant_table('ledger_entries', 'SELECT, INSERT');

-- The chain of a posting ---------------------------------------------------------------------

-- One row at a time and only by primary keys: a plan made while the tables were empty stays right.

CREATE FUNCTION ledger_write_entries() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_entries (tenant_id, transfer_id, account, amount, balance_after, account_version)
    SELECT new.tenant_id, new.id, a.account, l.amount, a.balance + l.amount, a.version + 1
    FROM ledger_accounts a CROSS JOIN LATERAL (
        SELECT CASE a.account WHEN new.from_account THEN -new.amount ELSE new.amount END AS amount) l
    WHERE a.tenant_id = new.tenant_id AND a.account IN (new.from_account, new.to_account);
    RETURN NULL;
END $$;
CREATE TRIGGER write_entries AFTER INSERT ON ledger_transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_write_entries();

CREATE FUNCTION ledger_apply_entries() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    entry record;
BEGIN
    IF EXISTS (SELECT 1 FROM inserted GROUP BY tenant_id, transfer_id
            HAVING sum(amount) <> 0 OR count(*) <> 2) THEN
        RAISE EXCEPTION 'ledger: the entries of a transfer are two and sum to zero'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_zero_sum';
    END IF;
    FOR entry IN SELECT * FROM inserted LOOP
        UPDATE ledger_accounts a SET balance = entry.balance_after, version = entry.account_version
        FROM ledger_transfers t
        WHERE a.tenant_id = entry.tenant_id AND a.account = entry.account
            AND a.version + 1 = entry.account_version AND a.balance + entry.amount = entry.balance_after
            AND t.tenant_id = entry.tenant_id AND t.id = entry.transfer_id
            AND entry.amount = CASE entry.account
                WHEN t.from_account THEN -t.amount WHEN t.to_account THEN t.amount END;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'ledger: an entry of % is no leg of its transfer or does not continue its account',
                entry.account USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_continue';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER apply_entries AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply_entries();

CREATE FUNCTION ledger_check_balance() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM ledger_entries e
    WHERE e.tenant_id = new.tenant_id AND e.account = new.account
        AND e.account_version = new.version AND e.balance_after = new.balance
        AND e.amount = new.balance - old.balance AND new.version = old.version + 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger: no entry explains this balance of %', new.account
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_explained';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_balance AFTER UPDATE OF balance, version ON ledger_accounts
    FOR EACH ROW EXECUTE FUNCTION ledger_check_balance();

CREATE FUNCTION ledger_check_opening() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF new.balance <> 0 OR new.version <> 0 THEN
        RAISE EXCEPTION 'ledger: an account opens empty'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_opening';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_opening AFTER INSERT ON ledger_accounts
    FOR EACH ROW EXECUTE FUNCTION ledger_check_opening();

-- Grants keep the tenant role from it; the trigger keeps a careless owner from it as well.
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'ledger: % is append-only; a correction is a new transfer', tg_table_name
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Published: what prove and statistics may read ------------------------------------------------

CREATE VIEW pub_ledger_sessions WITH (security_invoker = true) AS
SELECT tenant_id, session_id, sum(amount)::bigint AS held, sum(captured)::bigint AS captured,
    sum(released)::bigint AS released, sum(returned)::bigint AS returned,
    bool_and(state = 'closed') AS is_closed
FROM ledger_holds WHERE session_id IS NOT NULL GROUP BY tenant_id, session_id;

CREATE VIEW pub_ledger_balances WITH (security_invoker = true) AS
SELECT tenant_id, account, balance, version FROM ledger_accounts;

GRANT SELECT ON pub_ledger_sessions, pub_ledger_balances TO clearsend_tenant, clearsend_platform;
