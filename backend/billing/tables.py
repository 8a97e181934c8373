"""Mirrors of billing's tables (migration 0008 is the schema). Composite keys stay in SQL."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
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
    effective_from = Timestamptz()


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


class TariffRow(Table, db=DATABASE, tablename="tariffs"):
    version = Integer(primary_key=True, default=None)
    currency = Text(default=None)
    effective_from = Timestamptz(default=None)
    reason = Text(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)
    approved_by = Text(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    withdrawn_by = Text(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)


class TariffTierRow(Table, db=DATABASE, tablename="tariff_tiers"):
    version = Integer(primary_key=True, default=None)
    tier_no = SmallInt(default=None)
    credits_from = BigInt(default=None)
    unit_price_micro = BigInt(default=None)


class PurchaseTable(Table, db=DATABASE, tablename="purchases"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    source = Text(default=None)
    state = Text(default=None)
    credits = BigInt(default=None)
    tariff_version = Integer(default=None)
    tier_no = Integer(default=None)
    unit_price_micro = BigInt(default=None)
    currency = Text(default=None)
    net_minor = BigInt(default=None)
    tax_rate_permille = Integer(default=None)
    tax_minor = BigInt(default=None)
    is_reverse_charge = Boolean(default=None)
    tax_category = Text(default=None)
    tax_note = Text(default=None)
    gross_minor = BigInt(default=None)
    saves_card = Boolean(default=False)
    customer_id = Text(null=True, default=None)
    checkout_id = Text(null=True, default=None)
    checkout_url = Text(null=True, default=None)
    payment_id = Text(null=True, default=None)
    charge_id = Text(null=True, default=None)
    failure_code = Text(null=True, default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    paid_at = Timestamptz(null=True, default=None)
    next_check_at = Timestamptz(null=True, default=None)
    checks = Integer(default=0)


class RefundTable(Table, db=DATABASE, tablename="refunds"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    purchase_id = UUID(null=True, default=None)
    top_up_id = UUID(null=True, default=None)
    origin = Text(default=None)
    method = Text(default=None)
    state = Text(default=None)
    credits = BigInt(default=None)
    missing_credits = BigInt(default=0)
    amount_minor = BigInt(default=None)
    currency = Text(default=None)
    reason = Text(default=None)
    reference = Text(null=True, default=None)
    stripe_id = Text(null=True, default=None)
    failure_code = Text(null=True, default=None)
    requested_by = Text(default=None)
    requested_at = Timestamptz(default=None)
    approved_by = Text(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    submitted_at = Timestamptz(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)


class DisputeTable(Table, db=DATABASE, tablename="disputes"):
    tenant_id = UUID(default=None)
    id = Text(primary_key=True, default=None)
    purchase_id = UUID(default=None)
    state = Text(default=None)
    reason = Text(default=None)
    amount_minor = BigInt(default=None)
    currency = Text(default=None)
    opened_at = Timestamptz(default=None)
    closed_at = Timestamptz(null=True, default=None)


class PaymentEventTable(Table, db=DATABASE, tablename="payment_events"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    purchase_id = UUID(null=True, default=None)
    top_up_id = UUID(null=True, default=None)
    machine = Text(default=None)
    subject_id = Text(default=None)
    event = Text(default=None)
    from_state = Text(null=True, default=None)
    to_state = Text(default=None)
    facts = JSONB()
    actor = Text(default=None)
    at = Timestamptz(default=None)


class StripeInbox(Table, db=DATABASE, tablename="stripe_inbox"):
    event_id = Text(primary_key=True, default=None)
    type = Text(default=None)
    object_id = Text(default=None)
    body = Bytea(null=True, default=None)
    announced_at = Timestamptz(default=None)
    received_at = Timestamptz(default=None)
    state = Text(default="waiting")
    due_at = Timestamptz(default=None)
    tries = Integer(default=0)
    last_error = Text(null=True, default=None)
    processed_at = Timestamptz(null=True, default=None)


class PaymentProblem(Table, db=DATABASE, tablename="payment_problems"):
    id = UUID(primary_key=True, default=None)
    tenant_id = UUID(null=True, default=None)
    kind = Text(default=None)
    reference = Text(default=None)
    facts = JSONB()
    seen_at = Timestamptz(default=None)
    resolved_at = Timestamptz(null=True, default=None)
    resolved_by = Text(null=True, default=None)
    resolution = Text(null=True, default=None)


class ProofFile(Table, db=DATABASE, tablename="proof_files"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    media_type = Text(default=None)
    size_bytes = BigInt(default=None)
    sha256 = Text(default=None)
    uploaded_by = Text(default=None)
    uploaded_at = Timestamptz(default=None)


class Correction(Table, db=DATABASE, tablename="corrections"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    top_up_id = UUID(null=True, default=None)
    amount_credits = BigInt(default=None)
    seen_credits = BigInt(null=True, default=None)
    grant_reference = Text(null=True, default=None)
    grant_kind = Text(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    reason = Text(default=None)
    state = Text(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)
    decided_by = Text(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    decided_reason = Text(null=True, default=None)
