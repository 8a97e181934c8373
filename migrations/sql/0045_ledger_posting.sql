-- A posting says and checks the same in fewer statements. What a capture took of the server was not
-- its rows but reading them again: Postgres parses every CHECK of a table for every statement that
-- writes to it (a third of a capture), a foreign key asks for what the chain of triggers has just
-- written, and each balance was looked up among the entries by the trigger that its entry had fired.

-- The rules of a row in a function, which is read once a connection.
CREATE FUNCTION ledger_is_way(kind text, from_account text, to_account text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN kind || ' ' || from_account || ' ' || to_account IN (
        'topped_up issued available', 'topped_up issued receivable', 'granted issued available',
        'adjusted issued available', 'adjusted available issued', 'adjusted issued receivable',
        'held available held', 'captured held spent', 'released held available',
        'returned spent available', 'expired available expired',
        'frozen available frozen', 'thawed frozen available',
        'reversed frozen reversed', 'reversed receivable reversed', 'reversed held reversed',
        'settled available receivable',
        'refunded available refunded', 'restored refunded available');
END $$;
ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_way;
ALTER TABLE ledger_transfers ADD CONSTRAINT ledger_transfers_way
    CHECK (ledger_is_way(kind, from_account, to_account));

CREATE FUNCTION ledger_is_account(account text, balance bigint, version bigint, credit_line bigint)
    RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN version >= 0 AND CASE account
        WHEN 'issued' THEN balance <= 0 AND credit_line = 0
        WHEN 'receivable' THEN balance <= 0 AND credit_line = 0
        WHEN 'available' THEN balance >= -credit_line AND credit_line BETWEEN 0 AND 1000000000000
        ELSE account IN ('held', 'frozen', 'spent', 'expired', 'reversed', 'refunded')
            AND balance >= 0 AND credit_line = 0 END;
END $$;
ALTER TABLE ledger_accounts
    DROP CONSTRAINT ledger_accounts_account_check,
    DROP CONSTRAINT ledger_accounts_version_check,
    DROP CONSTRAINT ledger_accounts_credit_line,
    DROP CONSTRAINT ledger_accounts_sign;
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_sign
    CHECK (ledger_is_account(account, balance, version, credit_line));

CREATE FUNCTION ledger_is_lot(kind text, priority smallint, expires_at timestamptz, dispute text,
    amount bigint, available bigint, reserved bigint, spent bigint, frozen bigint, expired bigint,
    reversed bigint, refunded bigint, adjusted bigint, repaid bigint, settled bigint,
    charged_back bigint) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN least(amount, available, reserved, spent, frozen, expired, reversed, refunded, adjusted,
            settled, charged_back) >= 0
        -- Every credit of a lot is in one place.
        AND amount = available + reserved + spent + frozen + expired + reversed + refunded
            + adjusted + repaid + settled
        AND kind IN ('paid', 'promotional', 'granted', 'line')
        AND priority BETWEEN 1 AND 50
        AND (dispute IS NULL OR dispute IN ('open', 'lost'))
        AND (frozen = 0 OR coalesce(dispute, '') = 'open')
        -- Paid off a line is only what was spent; what is reserved may still come back by itself.
        AND CASE WHEN kind = 'line'
            THEN repaid <= 0 AND spent + repaid >= 0 AND expires_at IS NULL AND dispute IS NULL
                AND settled = 0 AND charged_back = 0
            ELSE repaid >= 0 AND amount > 0 END;
END $$;
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'ledger_lots'::regclass AND contype = 'c' LOOP
        EXECUTE format('ALTER TABLE ledger_lots DROP CONSTRAINT %I', given.conname);
    END LOOP;
END $$;
ALTER TABLE ledger_lots ADD CONSTRAINT ledger_lots_sum CHECK (ledger_is_lot(kind, priority,
    expires_at, dispute, amount, available, reserved, spent, frozen, expired, reversed, refunded,
    adjusted, repaid, settled, charged_back));

-- Of a transfer, of a hold and of its part of one lot, what the text of a CHECK said.
CREATE FUNCTION ledger_is_transfer(kind text, amount bigint, asked bigint, reference text,
    reason text, hold_id uuid) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN amount BETWEEN 1 AND 1000000000000
        AND (asked IS NULL OR asked > amount)
        AND length(reference) BETWEEN 1 AND 200
        AND (reason IS NULL OR length(reason) <= 500)
        AND (kind <> 'adjusted' OR reason IS NOT NULL)
        AND (hold_id IS NOT NULL OR kind NOT IN ('held', 'captured', 'released', 'returned'));
END $$;
ALTER TABLE ledger_transfers
    DROP CONSTRAINT ledger_transfers_amount_check,
    DROP CONSTRAINT ledger_transfers_asked,
    DROP CONSTRAINT ledger_transfers_reference_check,
    DROP CONSTRAINT ledger_transfers_reason_check,
    DROP CONSTRAINT ledger_transfers_reason,
    DROP CONSTRAINT ledger_transfers_hold;
ALTER TABLE ledger_transfers ADD CONSTRAINT ledger_transfers_whole
    CHECK (ledger_is_transfer(kind, amount, asked, reference, reason, hold_id));

CREATE FUNCTION ledger_is_hold(amount bigint, captured bigint, released bigint, returned bigint,
    state text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN amount > 0 AND least(captured, released, returned) >= 0
        AND captured + released <= amount AND returned <= captured
        AND (state = 'open' OR (state = 'closed' AND captured + released = amount));
END $$;
ALTER TABLE ledger_holds
    DROP CONSTRAINT ledger_holds_amount_check,
    DROP CONSTRAINT ledger_holds_captured_check,
    DROP CONSTRAINT ledger_holds_released_check,
    DROP CONSTRAINT ledger_holds_returned_check,
    DROP CONSTRAINT ledger_holds_state_check,
    DROP CONSTRAINT ledger_holds_closed,
    DROP CONSTRAINT ledger_holds_within;
ALTER TABLE ledger_holds ADD CONSTRAINT ledger_holds_within
    CHECK (ledger_is_hold(amount, captured, released, returned, state));

ALTER TABLE ledger_hold_lots
    DROP CONSTRAINT ledger_hold_lots_position_check,
    DROP CONSTRAINT ledger_hold_lots_reserved_check,
    DROP CONSTRAINT ledger_hold_lots_captured_check,
    DROP CONSTRAINT ledger_hold_lots_released_check,
    DROP CONSTRAINT ledger_hold_lots_returned_check,
    DROP CONSTRAINT ledger_hold_lots_within;
-- A part has no state of its own, and a position beside it.
ALTER TABLE ledger_hold_lots ADD CONSTRAINT ledger_hold_lots_within
    CHECK (ledger_is_hold(reserved, captured, released, returned, 'open') AND position > 0);

-- A posting is one statement: it moves the two balances of its transfer and writes, of what they are
-- then, the two entries. So they sum to zero and continue their accounts without being asked.
CREATE OR REPLACE FUNCTION ledger_write_entries() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    legs integer;
BEGIN
    WITH moved AS (
        UPDATE ledger_accounts SET version = version + 1,
            balance = balance + CASE account WHEN new.from_account THEN -new.amount ELSE new.amount END
        WHERE tenant_id = new.tenant_id AND account IN (new.from_account, new.to_account)
        RETURNING account, balance, version)
    INSERT INTO ledger_entries (tenant_id, transfer_id, account, amount, balance_after, account_version)
    SELECT new.tenant_id, new.id, account,
        CASE account WHEN new.from_account THEN -new.amount ELSE new.amount END, balance, version
    FROM moved;
    GET DIAGNOSTICS legs = ROW_COUNT;
    IF legs <> 2 THEN
        RAISE EXCEPTION 'ledger: the entries of a transfer are two and sum to zero'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_zero_sum';
    END IF;
    RETURN NULL;
END $$;

-- And nothing else writes an entry or moves a balance: neither is done outside of a trigger.
DROP TRIGGER apply_entries ON ledger_entries;
DROP FUNCTION ledger_apply_entries();
CREATE FUNCTION ledger_refuse_entry() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'ledger: an entry is written with its transfer'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_of_transfers';
END $$;
CREATE TRIGGER of_transfers AFTER INSERT ON ledger_entries
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse_entry();

DROP TRIGGER check_balance ON ledger_accounts;
DROP FUNCTION ledger_check_balance();
CREATE FUNCTION ledger_refuse_balance() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'ledger: a balance is moved by an entry'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_accounts_explained';
END $$;
CREATE TRIGGER explained BEFORE UPDATE OF balance, version ON ledger_accounts
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse_balance();

-- What an entry needs is there when it is written, and neither ever goes: transfers are append-only,
-- accounts are kept. A transfer's tenant is its accounts'.
CREATE TRIGGER kept BEFORE DELETE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER keeps_its_key BEFORE UPDATE OF tenant_id, account ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE ledger_entries
    DROP CONSTRAINT ledger_entries_tenant_id_transfer_id_fkey,
    DROP CONSTRAINT ledger_entries_tenant_id_account_fkey;
ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_tenant_id_fkey;

GRANT EXECUTE ON FUNCTION ledger_is_way(text, text, text),
    ledger_is_transfer(text, bigint, bigint, text, text, uuid),
    ledger_is_hold(bigint, bigint, bigint, bigint, text),
    ledger_is_account(text, bigint, bigint, bigint),
    ledger_is_lot(text, smallint, timestamptz, text, bigint, bigint, bigint, bigint, bigint, bigint,
        bigint, bigint, bigint, bigint, bigint, bigint)
    TO clearsend_tenant, clearsend_platform;
