"""Mirrors of the ledger's tables (migrations 0002 and 0030). Composite keys stay in SQL."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from backend.db.engine import DATABASE


class LedgerAccountRow(Table, db=DATABASE, tablename="ledger_accounts"):
    tenant_id = UUID(default=None)
    account = Text(primary_key=True, default=None)
    balance = BigInt(default=0)
    version = BigInt(default=0)
    credit_line = BigInt(default=0)


class LedgerLot(Table, db=DATABASE, tablename="ledger_lots"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    priority = SmallInt(default=10)
    expires_at = Timestamptz(null=True, default=None)
    amount = BigInt(default=None)
    available = BigInt(default=None)
    reserved = BigInt(default=0)
    spent = BigInt(default=0)
    frozen = BigInt(default=0)
    expired = BigInt(default=0)
    reversed = BigInt(default=0)
    refunded = BigInt(default=0)
    adjusted = BigInt(default=0)
    repaid = BigInt(default=0)
    settled = BigInt(default=0)
    charged_back = BigInt(default=0)
    dispute = Text(null=True, default=None)
    created_at = Timestamptz(default=None)


class LedgerHold(Table, db=DATABASE, tablename="ledger_holds"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    session_id = UUID(null=True, default=None)
    amount = BigInt(default=None)
    captured = BigInt(default=0)
    released = BigInt(default=0)
    returned = BigInt(default=0)
    state = Text(default="open")
    created_at = Timestamptz(default=None)


class LedgerHoldLot(Table, db=DATABASE, tablename="ledger_hold_lots"):
    tenant_id = UUID(default=None)
    hold_id = UUID(default=None)
    position = Integer(primary_key=True, default=None)
    lot_id = UUID(default=None)
    reserved = BigInt(default=None)
    captured = BigInt(default=0)
    released = BigInt(default=0)
    returned = BigInt(default=0)
    is_reversed = Boolean(default=False)


class LedgerTransfer(Table, db=DATABASE, tablename="ledger_transfers"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    reference = Text(default=None)
    kind = Text(default=None)
    from_account = Text(default=None)
    to_account = Text(default=None)
    amount = BigInt(default=None)
    asked = BigInt(null=True, default=None)
    session_id = UUID(null=True, default=None)
    hold_id = UUID(null=True, default=None)
    lots = JSONB(default=None)
    actor = Text(default=None)
    reason = Text(null=True, default=None)
    proof_file = UUID(null=True, default=None)
    created_at = Timestamptz(default=None)


class LedgerEntry(Table, db=DATABASE, tablename="ledger_entries"):
    tenant_id = UUID(default=None)
    transfer_id = UUID(default=None)
    account = Text(default=None)
    amount = BigInt(default=None)
    balance_after = BigInt(default=None)
    account_version = BigInt(primary_key=True, default=None)


class LedgerDecision(Table, db=DATABASE, tablename="ledger_decisions"):
    tenant_id = UUID(default=None)
    reference = Text(primary_key=True, default=None)
    kind = Text(default=None)
    lot_id = UUID(null=True, default=None)
    subject = Text(null=True, default=None)
    credits = BigInt(default=None)
    actor = Text(default=None)
    reason = Text(null=True, default=None)
    created_at = Timestamptz(default=None)
