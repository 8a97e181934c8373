"""Mirrors of the moderation tables; the SQL in migrations is the schema."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Integer, Text, Timestamptz
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


class SampledPerson(Table, db=DATABASE, tablename="sampled_people"):
    tenant_id = UUID(default=None)
    subscriber_id = UUID(primary_key=True, default=None)
    session_id = UUID(default=None)
    content_version = Integer(default=None)


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
    appeal_of = UUID(null=True, default=None)
    appeal_text = Text(null=True, default=None)
    lane = Text(default="standard")
    lane_why = Text(default="")
    priority_at = Timestamptz(default=None)
    lease_taken_at = Timestamptz(null=True, default=None)
    skips = Integer(default=0)
    questions = Integer(default=0)
    barred = Array(base_column=UUID(), default=None)
    first_vote_id = UUID(null=True, default=None)
    vote_id = UUID(null=True, default=None)
    takes_effect_at = Timestamptz(null=True, default=None)


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
    appeal_of = UUID(null=True, default=None)
    overturned_by = UUID(null=True, default=None)
    first_voter_name = Text(null=True, default=None)
    lane = Text(default="standard")
    review_seconds = Integer(null=True, default=None)


class Vote(Table, db=DATABASE, tablename="votes"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    case_id = UUID(default=None)
    verdict = Text(default=None)
    content_hash = Text(default=None)
    lease_fence = Integer(default=None)
    voter = UUID(default=None)
    voter_name = Text(default=None)
    reason_code = Text(null=True, default=None)
    conduct_version = Integer(null=True, default=None)
    message = Text(null=True, default=None)
    note = Text(null=True, default=None)
    comments = JSONB(default="[]")
    shown = JSONB(default=None)
    four_eyes = Array(base_column=Text(), default=None)
    lane = Text(default=None)
    review_seconds = Integer(default=None)
    cast_at = Timestamptz(default=None)
    takes_effect_at = Timestamptz(default=None)
    state = Text(default="pending")
    settled_at = Timestamptz(null=True, default=None)
    void_why = Text(null=True, default=None)


class CaseNote(Table, db=DATABASE, tablename="case_notes"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    case_id = UUID(default=None)
    kind = Text(default=None)
    author = UUID(default=None)
    author_name = Text(default=None)
    text = Text(default=None)
    asked = UUID(null=True, default=None)
    answers = UUID(null=True, default=None)
    leaning = Text(null=True, default=None)
    written_at = Timestamptz(default=None)


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
    lane = Text(default="standard")
    lane_why = Text(default="")
    priority_at = Timestamptz(default=None)
    skips = Integer(default=0)
    questions = Integer(default=0)
    barred = Array(base_column=UUID(), default=None)
    has_first_vote = Boolean(default=False)
    takes_effect_at = Timestamptz(null=True, default=None)


class QueueHiding(Table, db=DATABASE, tablename="queue_hidings"):
    tenant_id = UUID(default=None)
    case_id = UUID(primary_key=True, default=None)
    account_id = UUID(default=None)
    hidden_until = Timestamptz(default=None)


class CaseViewer(Table, db=DATABASE, tablename="case_viewers"):
    tenant_id = UUID(default=None)
    case_id = UUID(primary_key=True, default=None)
    account_id = UUID(default=None)
    name = Text(default=None)
    seen_at = Timestamptz(default=None)


class DeskRulesVersion(Table, db=DATABASE, tablename="desk_rules"):
    version = Integer(primary_key=True, default=None)
    body = JSONB(default=None)
    note = Text(default=None)
    made_by = Text(default=None)
    made_at = Timestamptz(default=None)


class ConductBook(Table, db=DATABASE, tablename="conduct_books"):
    version = Integer(primary_key=True, default=None)
    body = JSONB(default=None)
    note = Text(default=None)
    made_by = Text(default=None)
    made_at = Timestamptz(default=None)


class LaneFigure(Table, db=DATABASE, tablename="lane_figures"):
    lane = Text(primary_key=True, default=None)
    review_seconds = Integer(null=True, default=None)
    wait_p50_seconds = Integer(null=True, default=None)
    wait_p90_seconds = Integer(null=True, default=None)
    decisions = Integer(default=None)
    measured_at = Timestamptz(default=None)


class BlockedHost(Table, db=DATABASE, tablename="blocked_hosts"):
    host = Text(primary_key=True, default=None)
    reason = Text(default=None)
    added_by = Text(default=None)
    added_at = Timestamptz(default=None)
