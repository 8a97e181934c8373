"""Campaigns and sessions as they leave through HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.campaigns.schemas.content import Draft
from backend.campaigns.schemas.quotes import QuoteView
from backend.campaigns.schemas.sessions import ApprovalBounds
from backend.campaigns.states import SessionState
from backend.kernel.errors import FieldError
from backend.kernel.views import View


class CapabilitiesView(View, kw_only=True, frozen=True):
    may_edit: bool
    may_submit: bool
    may_cancel: bool
    may_pause: bool
    may_resume: bool
    may_stop: bool
    may_send_now: bool
    may_reschedule: bool
    may_confirm: bool


class ProgressView(View, kw_only=True, frozen=True):
    """Where the planned messages are now; they add up: planned = queued + waiting_receipt +
    waiting_retry + unconfirmed + delivered + failed + cancelled + excluded.
    """

    percent: int
    planned: int
    final: int
    queued: int
    waiting_receipt: int
    waiting_retry: int
    unconfirmed: int
    delivered: int
    failed: int
    cancelled: int
    excluded: int
    left_out: int
    """Recipients excluded before anything was planned."""
    submitted: int
    segments_accepted: int
    credits_captured: int
    credits_returned: int
    first_submitted_at: datetime | None
    last_submitted_at: datetime | None
    last_receipt_at: datetime | None


class MinuteView(View, kw_only=True, frozen=True):
    """What happened within one minute: news of messages, not numbers of them."""

    minute: datetime
    submitted: int
    accepted: int
    delivered: int
    failed: int


class ApprovalView(View, kw_only=True, frozen=True):
    kind: str
    decision_id: UUID | None
    version: int | None
    at: datetime | None
    revoked_at: datetime | None
    bounds: ApprovalBounds | None


class TimelineView(View, kw_only=True, frozen=True):
    at: datetime
    event: str
    from_state: str
    to_state: str
    actor: str
    facts: dict[str, Any]


class ContentView(View, kw_only=True, frozen=True):
    """The frozen content of the newest submission."""

    version: int
    hash: str
    body: str
    header: str
    footer: str
    sender: str
    audience: dict[str, Any]
    frozen_at: datetime


class SessionSummary(View, kw_only=True, frozen=True):
    """A line of a list. Of `planned`, `final` have an end and `delivered` a good one; `accepted`
    are with a carrier, and without a receipt that ends them.
    """

    id: UUID
    campaign_id: UUID | None
    campaign_name: str | None
    origin: str
    state: SessionState
    state_version: int
    state_changed_at: datetime
    percent: int
    planned: int | None
    excluded: int | None
    final: int
    delivered: int
    accepted: int
    quoted_recipients: int | None
    quoted_credits: int | None
    ceiling_credits: int | None
    credits_captured: int
    due_at: datetime | None
    due_local: str | None
    due_zone: str | None
    series_id: UUID | None
    submitted_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime


class ShortageView(View, kw_only=True, frozen=True):
    """Why a session waits: what it costs now against the balance, or against what was agreed."""

    required_credits: int
    available_credits: int | None
    missing_credits: int | None
    ceiling_credits: int | None


class SessionView(View, kw_only=True, frozen=True):
    """Everything the pages of one session show. `version` grows with every change."""

    id: UUID
    campaign_id: UUID | None
    campaign_name: str | None
    origin: str
    retry_of: UUID | None
    """The session whose failed recipients this one is kept to."""
    retry_recipients: int | None
    state: SessionState
    state_version: int
    state_changed_at: datetime
    capabilities: CapabilitiesView
    draft: Draft
    draft_version: int
    draft_problems: list[FieldError]
    """What a quote would refuse now; empty once it is no draft."""
    draft_warnings: list[FieldError]
    has_unsubmitted_edit: bool
    """Scheduled, and its draft says something else: what was approved is what is sent."""
    problems: list[Any]
    """What screening listed when it gave the draft back."""
    comments: list[Any]
    """A moderator's words on spans of the text."""
    content: ContentView | None
    approval: ApprovalView | None
    quote: QuoteView | None
    ceiling_credits: int | None
    series_id: UUID | None
    occurrence_number: int | None
    schedule_kind: str
    due_at: datetime | None
    due_local: str | None
    due_zone: str | None
    max_lateness_minutes: int
    shortage: ShortageView | None
    deadline_at: datetime | None
    pause_owner: str | None
    is_stopped: bool
    failure: str | None
    progress: ProgressView
    causes: dict[str, int]
    timeline: list[TimelineView]
    submitted_by: str | None
    submitted_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    created_by: str
    created_at: datetime


class CampaignView(View, kw_only=True, frozen=True):
    """A campaign with its newest session."""

    id: UUID
    name: str
    is_archived: bool
    created_by: str
    created_at: datetime
    updated_at: datetime
    newest_session: SessionSummary | None


class PreviewView(View, kw_only=True, frozen=True):
    """One recipient as they would get it, or why they would not. `phone` masked for viewers."""

    subscriber_id: UUID
    phone: str
    name: str | None
    text: str | None
    encoding: str | None
    segments: int
    credits: int
    excluded_reason: str | None
    evidence: str | None
