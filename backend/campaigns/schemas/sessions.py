"""A session as its own and higher features see it inside a scope."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.states import SessionState


class ApprovalBounds(msgspec.Struct, frozen=True, kw_only=True):
    """What screening saw; what leaves stays inside (DESIGN §3.1, screening)."""

    hosts: list[str]
    countries: list[str]
    recipients_max: int
    segments_max: int
    clean_rules: list[str] = msgspec.field(default_factory=list)
    rules_version: int = 0
    """Of the content rules that were asked."""


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of campaign_sessions; `state_version` is the compare of every move."""

    tenant_id: UUID
    id: UUID
    campaign_id: UUID | None
    origin: str
    series_id: UUID | None
    occurrence_number: int | None
    retry_of: UUID | None
    state: SessionState
    state_version: int
    state_changed_at: datetime
    first_approved_at: datetime | None
    draft: dict[str, Any]
    draft_version: int
    problems: list[Any]
    comments: list[Any]
    content_version: int
    approval_kind: str | None
    approval_decision_id: UUID | None
    approved_version: int | None
    approved_hash: str | None
    approved_at: datetime | None
    revoked_at: datetime | None
    bounds: ApprovalBounds | None
    quote_id: UUID | None
    price_version: int | None
    ceiling_credits: int | None
    schedule_kind: str
    due_at: datetime | None
    due_local: str | None
    due_zone: str | None
    max_lateness_minutes: int
    generation: int
    session_day: date | None
    hold_id: UUID | None
    planned: int | None
    excluded: int | None
    is_stopped: bool
    pause_owner: str | None
    deadline_at: datetime | None
    tries: int
    failure: str | None
    lease_until: datetime | None
    fence: int
    submitted_by: str | None
    submitted_at: datetime | None
    started_at: datetime | None
    last_submitted_at: datetime | None
    completed_at: datetime | None
    created_by: str
    created_at: datetime


class ProgressDelta(msgspec.Struct, kw_only=True):
    """Changes of one batch's counters, written in the transaction that changed the messages."""

    batch_no: int
    planned: int = 0
    accepted: int = 0
    delivered: int = 0
    undelivered: int = 0
    unreachable: int = 0
    rejected: int = 0
    expired: int = 0
    unconfirmed: int = 0
    cancelled: int = 0
    excluded: int = 0
    waiting_retry: int = 0
    ever_submitted: int = 0
    ever_accepted: int = 0
    segments_accepted: int = 0
    credits_captured: int = 0
    credits_returned: int = 0
    late_receipts: int = 0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The sum over a session's batches. `final` never decreases."""

    planned: int
    accepted: int
    delivered: int
    undelivered: int
    unreachable: int
    rejected: int
    expired: int
    unconfirmed: int
    cancelled: int
    excluded: int
    waiting_retry: int
    ever_submitted: int
    ever_accepted: int
    segments_accepted: int
    credits_captured: int
    credits_returned: int
    late_receipts: int
    first_submitted_at: datetime | None
    last_submitted_at: datetime | None
    last_receipt_at: datetime | None

    @property
    def final(self) -> int:
        return (
            self.delivered
            + self.undelivered
            + self.unreachable
            + self.rejected
            + self.expired
            + self.cancelled
            + self.excluded
        )

    @property
    def queued(self) -> int:
        """Queued or being submitted."""
        return self.planned - self.final - self.accepted - self.unconfirmed - self.waiting_retry

    @property
    def percent(self) -> int:
        """Final ÷ planned, rounded down: 100 means every single one."""
        return 100 if not self.planned else self.final * 100 // self.planned
