"""Mirrors of billing's tables (migration 0008 is the schema). Composite keys stay in SQL."""

from piccolo.columns import UUID, BigInt, Boolean, Integer, SmallInt, Text, Timestamptz
from piccolo.table import Table

from backend.db.engine import DATABASE


class PriceListRow(Table, db=DATABASE, tablename="price_lists"):
    version = Integer(primary_key=True, default=None)
    refund_undelivered = Boolean(default=False)
    margin_percent = SmallInt(default=5)
    margin_credits_min = Integer(default=1)
    reason = Text(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz()


class PriceRow(Table, db=DATABASE, tablename="price_rows"):
    version = Integer(primary_key=True, default=None)
    country = Text(default=None)
    channel = Text(default=None)
    credits = Integer(default=None)


class TopUp(Table, db=DATABASE, tablename="top_ups"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    amount_credits = BigInt(default=None)
    method = Text(default=None)
    reference = Text(default=None)
    reason = Text(default=None)
    proof_file = UUID(null=True, default=None)
    state = Text(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)
    approved_by = Text(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    decided_reason = Text(null=True, default=None)


class ProofFile(Table, db=DATABASE, tablename="proof_files"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    media_type = Text(default=None)
    size_bytes = BigInt(default=None)
    sha256 = Text(default=None)
    uploaded_by = Text(default=None)
    uploaded_at = Timestamptz(default=None)
