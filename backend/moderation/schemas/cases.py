"""Cases and the queue."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.schemas.sessions import ApprovalBounds
from backend.identity.schemas import TenantView
from backend.kernel.views import Input, RowVersion, View
from backend.ledger.schemas import BalanceView
from backend.moderation.diff import DiffPiece
from backend.moderation.schemas.decisions import DecisionView
from backend.moderation.schemas.desk import NoteView
from backend.moderation.schemas.screening import Change, DryRun, Hit
from backend.moderation.schemas.trust import CaseSessionView, TrustView
from backend.moderation.schemas.votes import VoteView
from backend.moderation.states import CaseKind, CaseState, Lane, Rescreening


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of cases. The lease is current only while `lease_until` is ahead."""

    tenant_id: UUID
    id: UUID
    kind: CaseKind
    session_id: UUID | None
    content_version: int | None
    template_version_id: UUID | None
    sender_id: UUID | None
    cause: str
    content_hash: str
    title: str
    state: CaseState
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    lease_holder: UUID | None
    lease_holder_name: str | None
    lease_fence: int
    lease_until: datetime | None
    dry_run: DryRun
    hits: list[Hit]
    bounds: ApprovalBounds | None
    score: int
    rescreening: Rescreening
    changes: list[Change]
    rules_version: int
    appeal_of: UUID | None
    appeal_text: str | None
    lane: Lane
    lane_why: str
    priority_at: datetime
    lease_taken_at: datetime | None
    skips: int
    questions: int
    barred: list[UUID]
    first_vote_id: UUID | None
    vote_id: UUID | None
    takes_effect_at: datetime | None

    def holder_at(self, now: datetime) -> UUID | None:
        if self.lease_until is None or self.lease_until <= now:
            return None
        return self.lease_holder


class NewCase(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a case before it has an id. Exactly one subject is given."""

    kind: CaseKind
    session_id: UUID | None = None
    content_version: int | None = None
    template_version_id: UUID | None = None
    sender_id: UUID | None = None
    cause: str
    content_hash: str
    title: str
    due_at: datetime | None = None
    dry_run: DryRun
    hits: list[Hit]
    bounds: ApprovalBounds | None = None
    score: int
    rescreening: Rescreening = Rescreening.NONE
    rules_version: int = 0
    appeal_of: UUID | None = None
    appeal_text: str | None = None
    barred: list[UUID] = []


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case waits: its lane, why, and when a look at it must begin."""

    lane: Lane
    why: str
    priority_at: datetime


class QueueRowView(View, kw_only=True, frozen=True):
    """A line of the queue. A lease whose time is over is nobody's: the last three are null."""

    tenant_id: UUID
    tenant_name: str
    case_id: UUID
    kind: CaseKind
    title: str
    cause: str
    recipients: int
    segments: int
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    score: int
    flags: list[str]
    state: CaseState
    lease_holder: UUID | None
    lease_holder_name: str | None
    lease_until: datetime | None
    rescreening: Rescreening
    lane: Lane
    lane_why: str
    priority_at: datetime
    """When a look must begin: the queue is in this order."""
    skips: int
    questions: int
    """Second opinions that were asked for and not given yet."""
    barred: list[UUID]
    """Who may not decide it: the first of two voters, whoever refused what is appealed."""
    has_first_vote: bool
    takes_effect_at: datetime | None
    """A decision is made, and can be undone until then."""
    viewers: list[str]


class QueueCountsView(View, kw_only=True, frozen=True):
    """No figure counts further than `counted_max`."""

    open: int
    held: int
    mine: int
    overdue: int
    """Open with a due time that has passed."""
    oldest_opened_at: datetime | None
    next_due_at: datetime | None
    counted_max: int


class QueueView(View, kw_only=True, frozen=True):
    items: list[QueueRowView]
    next_cursor: str | None
    counts: QueueCountsView


class LeaseView(View, kw_only=True, frozen=True):
    """Send `lease_fence` back with everything done under the lease."""

    tenant_id: UUID
    case_id: UUID
    lease_fence: int
    lease_until: datetime
    content_hash: str


class LeaseInput(Input, kw_only=True, frozen=True):
    lease_fence: RowVersion


class CaseContentView(View, kw_only=True, frozen=True):
    """What is decided about. `sender` and `audience` are empty where there is none."""

    header: str
    body: str
    footer: str
    sender: str
    audience: dict[str, Any]
    schedule_kind: str | None
    due_local: str | None
    due_zone: str | None
    purpose: str
    resembles: str | None
    submitted_by: str | None
    submitted_at: datetime | None
    ceiling_credits: int | None


class ComparisonView(View, kw_only=True, frozen=True):
    """Word by word against what this tenant had approved last."""

    decision_id: UUID
    title: str
    approved_at: datetime
    is_same_campaign: bool
    similar_percent: int | None = None
    """Of the words; null where a text is too short to say."""
    pieces: list[DiffPiece]


class TenantRecordView(View, kw_only=True, frozen=True):
    """The tenant's file as the desk shows it beside a case; counted over its newest 1,000
    decisions.
    """

    tenant: TenantView
    approved: int
    changes_requested: int
    refused: int
    revoked: int
    open_cases: int
    largest_approved_recipients: int | None
    recent: list[DecisionView]
    trust: TrustView
    balance: BalanceView


class CaseView(View, kw_only=True, frozen=True):
    tenant_id: UUID
    id: UUID
    kind: CaseKind
    session_id: UUID | None
    content_version: int | None
    template_version_id: UUID | None
    sender_id: UUID | None
    cause: str
    content_hash: str
    title: str
    state: CaseState
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    lease_holder: UUID | None
    lease_holder_name: str | None
    lease_fence: int
    lease_until: datetime | None
    is_mine: bool
    is_own_tenant: bool
    """You are a member there: somebody else decides."""
    score: int
    content: CaseContentView
    dry_run: DryRun
    hits: list[Hit]
    clean_rules: list[str]
    bounds: ApprovalBounds | None
    rescreening: Rescreening
    changes: list[Change]
    """Against what was approved; empty for a first submission."""
    comparison: ComparisonView | None
    record: TenantRecordView
    decision: DecisionView | None
    rules_version: int
    """Of the content rules that were asked; 0 is what the product ships with."""
    session: CaseSessionView | None
    lane: Lane
    lane_why: str
    priority_at: datetime
    skips: int
    questions: int
    barred: list[UUID]
    is_barred: bool
    """You voted first, or refused what is appealed: somebody else decides."""
    appeal_of: UUID | None
    appeal_text: str | None
    appealed: DecisionView | None
    """The refusal an appeal is about."""
    four_eyes: list[str]
    """Why an approval needs two people; empty where one is enough."""
    votes: list[VoteView]
    """Oldest first: the first of two, one that takes effect in seconds, undone ones."""
    notes: list[NoteView]
    viewers: list[str]
    version: int
    """Grows with every change of the lease or the state."""
