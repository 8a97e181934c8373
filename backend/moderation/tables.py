"""Mirrors of the moderation tables; the SQL in migrations is the schema."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Integer, Text, Timestamptz
from piccolo.table import Table

from backend.db.engine import DATABASE


class Screening(Table, db=DATABASE, tablename="screenings"):
    tenant_id = UUID(default=None)
    session_id = UUID(primary_key=True, default=None)
    content_version = Integer(default=None)
    hash = Text(default=None)
    dry_run = JSONB(default=None)
    hits = JSONB(default=None)
    bounds = JSONB(default=None)
    score = Integer(default=None)
    outcome = Text(default=None)
    screened_at = Timestamptz(default=None)
    rules_version = Integer(default=0)


class Case(Table, db=DATABASE, tablename="cases"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    session_id = UUID(null=True, default=None)
    content_version = Integer(null=True, default=None)
    template_version_id = UUID(null=True, default=None)
    sender_id = UUID(null=True, default=None)
    cause = Text(default="submitted")
    content_hash = Text(default=None)
    title = Text(default=None)
    state = Text(default="open")
    opened_at = Timestamptz(default=None)
    due_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    lease_holder = UUID(null=True, default=None)
    lease_holder_name = Text(null=True, default=None)
    lease_fence = Integer(default=0)
    lease_until = Timestamptz(null=True, default=None)
    dry_run = JSONB(default=None)
    hits = JSONB(default=None)
    bounds = JSONB(null=True, default=None)
    score = Integer(default=None)
    rescreening = Text(default="none")
    changes = JSONB(default="[]")
    rules_version = Integer(default=0)


class Decision(Table, db=DATABASE, tablename="decisions"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    case_id = UUID(default=None)
    verdict = Text(default=None)
    content_hash = Text(default=None)
    lease_fence = Integer(default=None)
    decided_by = UUID(default=None)
    decided_by_name = Text(default=None)
    reason_code = Text(null=True, default=None)
    conduct_version = Integer(null=True, default=None)
    message = Text(null=True, default=None)
    note = Text(null=True, default=None)
    comments = JSONB(default="[]")
    bounds = JSONB(null=True, default=None)
    decided_at = Timestamptz(default=None)
    revoked_at = Timestamptz(null=True, default=None)
    revoked_by = Text(null=True, default=None)
    revoked_reason = Text(null=True, default=None)


class QueueRow(Table, db=DATABASE, tablename="queue_rows"):
    tenant_id = UUID(default=None)
    case_id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    title = Text(default=None)
    cause = Text(default=None)
    recipients = Integer(default=None)
    segments = BigInt(default=None)
    opened_at = Timestamptz(default=None)
    due_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    score = Integer(default=None)
    flags = Array(base_column=Text(), default=None)
    lease_holder = UUID(null=True, default=None)
    lease_holder_name = Text(null=True, default=None)
    lease_until = Timestamptz(null=True, default=None)
    state = Text(default=None)
    rescreening = Text(default="none")


class BlockedHost(Table, db=DATABASE, tablename="blocked_hosts"):
    host = Text(primary_key=True, default=None)
    reason = Text(default=None)
    added_by = Text(default=None)
    added_at = Timestamptz(default=None)
