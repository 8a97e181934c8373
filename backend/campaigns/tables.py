"""Mirrors of the tables of campaigns; the SQL in migrations is the schema."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from backend.db.engine import DATABASE


class Campaign(Table, db=DATABASE, tablename="campaigns"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)
    archived_at = Timestamptz(null=True, default=None)


class CampaignSession(Table, db=DATABASE, tablename="campaign_sessions"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    campaign_id = UUID(null=True, default=None)
    origin = Text(default=None)
    series_id = UUID(null=True, default=None)
    occurrence_number = Integer(null=True, default=None)
    retry_of = UUID(null=True, default=None)
    state = Text(default=None)
    state_version = Integer(default=None)
    state_changed_at = Timestamptz(default=None)
    first_approved_at = Timestamptz(null=True, default=None)
    draft = JSONB(default=None)
    draft_version = Integer(default=None)
    problems = JSONB(default=None)
    comments = JSONB(default=None)
    content_version = Integer(default=None)
    approval_kind = Text(null=True, default=None)
    approval_decision_id = UUID(null=True, default=None)
    approved_version = Integer(null=True, default=None)
    approved_hash = Text(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    bounds = JSONB(null=True, default=None)
    quote_id = UUID(null=True, default=None)
    price_version = Integer(null=True, default=None)
    ceiling_credits = BigInt(null=True, default=None)
    schedule_kind = Text(default=None)
    due_at = Timestamptz(null=True, default=None)
    due_local = Text(null=True, default=None)
    due_zone = Text(null=True, default=None)
    max_lateness_minutes = Integer(default=None)
    generation = Integer(default=None)
    session_day = Date(null=True, default=None)
    hold_id = UUID(null=True, default=None)
    planned = Integer(null=True, default=None)
    excluded = Integer(null=True, default=None)
    is_stopped = Boolean(default=None)
    pause_owner = Text(null=True, default=None)
    deadline_at = Timestamptz(null=True, default=None)
    tries = Integer(default=None)
    failure = Text(null=True, default=None)
    lease_until = Timestamptz(null=True, default=None)
    fence = Integer(default=None)
    submitted_by = Text(null=True, default=None)
    submitted_at = Timestamptz(null=True, default=None)
    started_at = Timestamptz(null=True, default=None)
    last_submitted_at = Timestamptz(null=True, default=None)
    completed_at = Timestamptz(null=True, default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)
    lock_no = Integer(default=None)


class SessionEventRow(Table, db=DATABASE, tablename="session_events"):
    tenant_id = UUID(default=None)
    session_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    at = Timestamptz(default=None)
    from_state = Text(default=None)
    to_state = Text(default=None)
    event = Text(default=None)
    actor = Text(default=None)
    facts = JSONB(default=None)


class ContentVersionRow(Table, db=DATABASE, tablename="content_versions"):
    tenant_id = UUID(default=None)
    session_id = UUID(default=None)
    version = Integer(primary_key=True, default=None)
    hash = Text(default=None)
    content = JSONB(default=None)
    properties = JSONB(null=True, default=None)
    frozen_at = Timestamptz(default=None)
    frozen_by = Text(default=None)


class Quote(Table, db=DATABASE, tablename="quotes"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    session_id = UUID(default=None)
    hash = Text(default=None)
    price_version = Integer(default=None)
    is_exact = Boolean(default=None)
    recipients = Integer(default=None)
    excluded = JSONB(default=None)
    segments = BigInt(default=None)
    credits = BigInt(default=None)
    margin_credits = BigInt(default=None)
    details = JSONB(default=None)
    created_at = Timestamptz(default=None)


class SessionProgress(Table, db=DATABASE, tablename="session_progress"):
    tenant_id = UUID(default=None)
    session_id = UUID(default=None)
    batch_no = Integer(primary_key=True, default=None)
    planned = Integer(default=None)
    accepted = Integer(default=None)
    delivered = Integer(default=None)
    undelivered = Integer(default=None)
    unreachable = Integer(default=None)
    rejected = Integer(default=None)
    expired = Integer(default=None)
    unconfirmed = Integer(default=None)
    cancelled = Integer(default=None)
    excluded = Integer(default=None)
    waiting_retry = Integer(default=None)
    ever_submitted = Integer(default=None)
    ever_accepted = Integer(default=None)
    segments_accepted = BigInt(default=None)
    credits_captured = BigInt(default=None)
    credits_returned = BigInt(default=None)
    late_receipts = Integer(default=None)
    first_submitted_at = Timestamptz(null=True, default=None)
    last_submitted_at = Timestamptz(null=True, default=None)
    last_receipt_at = Timestamptz(null=True, default=None)


class SessionCause(Table, db=DATABASE, tablename="session_causes"):
    tenant_id = UUID(default=None)
    session_id = UUID(default=None)
    cause = Text(primary_key=True, default=None)
    messages = Integer(default=None)


class SessionMinute(Table, db=DATABASE, tablename="session_minutes"):
    tenant_id = UUID(default=None)
    session_id = UUID(default=None)
    minute = Timestamptz(primary_key=True, default=None)
    share = SmallInt(default=None)
    submitted = Integer(default=None)
    accepted = Integer(default=None)
    delivered = Integer(default=None)
    failed = Integer(default=None)


class SessionSeries(Table, db=DATABASE, tablename="session_series"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    campaign_id = UUID(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    reason = Text(null=True, default=None)
    first_local = Text(default=None)
    zone = Text(default=None)
    first_at = Timestamptz(default=None)
    repeat = JSONB(default=None)
    max_lateness_minutes = Integer(default=None)
    source_session_id = UUID(default=None)
    source_version = Integer(default=None)
    draft = JSONB(default=None)
    quote_id = UUID(default=None)
    price_version = Integer(null=True, default=None)
    ceiling_credits = BigInt(null=True, default=None)
    credits = BigInt(default=None)
    confirmed_by = Text(default=None)
    confirmed_at = Timestamptz(default=None)
    next_number = Integer(default=None)
    excused_number = Integer(default=None)
    skipped = Array(base_column=Integer(), default=None)
    created_at = Timestamptz(default=None)
    lock_no = Integer(default=None)


class ForecastAlert(Table, db=DATABASE, tablename="forecast_alerts"):
    tenant_id = UUID(primary_key=True, default=None)
    session_id = UUID(null=True, default=None)
    series_id = UUID(null=True, default=None)
    due_at = Timestamptz(default=None)
    missing_credits = BigInt(default=None)
    told_at = Timestamptz(default=None)
