-- The rest of a lot's life: refunded, disputed, taken back, owed and paid off; the credit line.

ALTER TABLE ledger_lots
    -- What this lot paid off what the tenant owed us (receivable).
    ADD COLUMN settled bigint NOT NULL DEFAULT 0 CHECK (settled >= 0),
    -- Used credits whose payment was taken back: made receivable. Beside the sum: spent stays spent.
    ADD COLUMN charged_back bigint NOT NULL DEFAULT 0 CHECK (charged_back >= 0),
    ADD COLUMN dispute text CHECK (dispute IN ('open', 'lost'));
ALTER TABLE ledger_lots DROP CONSTRAINT ledger_lots_sum;
ALTER TABLE ledger_lots ADD CONSTRAINT ledger_lots_sum CHECK (amount = available + reserved + spent
    + frozen + expired + reversed + refunded + adjusted + repaid + settled);
ALTER TABLE ledger_lots DROP CONSTRAINT ledger_lots_line;
ALTER TABLE ledger_lots ADD CONSTRAINT ledger_lots_line CHECK (CASE WHEN kind = 'line'
    -- Paid off is only what was spent; what is reserved may still come back by itself.
    THEN repaid <= 0 AND spent + repaid >= 0 AND expires_at IS NULL AND dispute IS NULL
        AND settled = 0 AND charged_back = 0
    ELSE repaid >= 0 AND amount > 0 END);
ALTER TABLE ledger_lots ADD CONSTRAINT ledger_lots_frozen CHECK (frozen = 0 OR dispute = 'open');
-- Looked at when something spent from the line comes back after the line was paid off.
CREATE INDEX ledger_lots_repaying ON ledger_lots (tenant_id, created_at) WHERE repaid > 0;
GRANT UPDATE (settled, charged_back, dispute) ON ledger_lots TO clearsend_tenant;

-- What of a hold was still reserved when its lot's dispute was lost: nobody paid for it.
ALTER TABLE ledger_hold_lots ADD COLUMN is_reversed boolean NOT NULL DEFAULT false;
GRANT UPDATE (is_reversed) ON ledger_hold_lots TO clearsend_tenant;
CREATE INDEX ledger_hold_lots_lot ON ledger_hold_lots (tenant_id, lot_id, hold_id);

ALTER TABLE ledger_transfers
    -- What the verb moved in all, where this transfer is only its first part.
    ADD COLUMN asked bigint,
    ADD CONSTRAINT ledger_transfers_asked CHECK (asked > amount);
ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_way;
ALTER TABLE ledger_transfers ADD CONSTRAINT ledger_transfers_way CHECK ((kind, from_account, to_account) IN (
    ('topped_up', 'issued', 'available'), ('topped_up', 'issued', 'receivable'),
    ('granted', 'issued', 'available'),
    ('adjusted', 'issued', 'available'), ('adjusted', 'available', 'issued'),
    ('adjusted', 'issued', 'receivable'),
    ('held', 'available', 'held'), ('captured', 'held', 'spent'),
    ('released', 'held', 'available'), ('returned', 'spent', 'available'),
    ('expired', 'available', 'expired'),
    ('frozen', 'available', 'frozen'), ('thawed', 'frozen', 'available'),
    ('reversed', 'frozen', 'reversed'), ('reversed', 'receivable', 'reversed'),
    ('reversed', 'held', 'reversed'),
    ('settled', 'available', 'receivable'),
    ('refunded', 'available', 'refunded'), ('restored', 'refunded', 'available')));
-- A balance at a past instant, and a statement from one day to another.
CREATE INDEX ledger_transfers_time ON ledger_transfers (tenant_id, created_at);
-- What happens to credits outside of sending is rare among what happens by sending.
CREATE INDEX ledger_transfers_rare ON ledger_transfers (tenant_id, kind, created_at)
    WHERE kind NOT IN ('held', 'captured', 'released', 'returned');
-- What is held now, and for what: a closed hold is history, and captures leave the state alone.
CREATE INDEX ledger_holds_open ON ledger_holds (tenant_id) WHERE state = 'open';

-- What was decided about credits after they came in. A decision may move nothing (a dispute on a
-- lot that is all spent freezes 0 credits), and must still be known when it is told again.
CREATE TABLE ledger_decisions (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
    kind text NOT NULL CHECK (kind IN ('refund', 'restore', 'reversal', 'dispute_opened',
        'dispute_won', 'dispute_lost', 'credit_line', 'write_off')),
    lot_id uuid, -- null for a write-off, which is of no lot
    subject text, -- the reference decided about: the top-up's, the refund's
    credits bigint NOT NULL CHECK (credits >= 0),
    actor text NOT NULL,
    reason text CHECK (length(reason) <= 500),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, reference),
    FOREIGN KEY (tenant_id, lot_id) REFERENCES ledger_lots (tenant_id, id)
);
CREATE UNIQUE INDEX ledger_decisions_restored ON ledger_decisions (tenant_id, subject)
    WHERE kind = 'restore';
CREATE INDEX ledger_decisions_lot ON ledger_decisions (tenant_id, lot_id, created_at);
CALL secure_tenant_table('ledger_decisions', 'SELECT, INSERT');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
