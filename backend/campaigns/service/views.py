"""A session as its pages show it, and as live updates tell it."""

from typing import Any
from uuid import UUID

import msgspec

from backend.audience.service.people import sees_masked
from backend.campaigns.queries import campaigns, contents, progress, sessions
from backend.campaigns.schemas.content import content_hash, read_draft
from backend.campaigns.schemas.quotes import QuoteView
from backend.campaigns.schemas.sessions import Progress, SessionRow
from backend.campaigns.schemas.views import (
    ApprovalView,
    CapabilitiesView,
    ContentView,
    ProgressView,
    SessionSummary,
    SessionView,
    ShortageView,
    TimelineView,
)
from backend.campaigns.service.inspection import Inspection, inspect_draft
from backend.campaigns.service.retries import count_retry_recipients
from backend.campaigns.states import SessionEvent, SessionState, capabilities
from backend.db.scope import Scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import FieldError
from backend.ledger.service.balance import balance, sees_balance

TIMELINE_EVENTS_MAX = 200
_SHORT = {
    SessionState.AWAITING_CREDITS: SessionEvent.FALL_SHORT.value,
    SessionState.AWAITING_CONFIRMATION: SessionEvent.EXCEED_CEILING.value,
}
_COPIED = (
    *("id", "campaign_id", "origin", "retry_of", "state", "state_version", "state_changed_at"),
    *("series_id", "occurrence_number"),
    *("draft_version", "problems", "comments", "ceiling_credits", "schedule_kind", "due_at"),
    *(
        "due_local",
        "due_zone",
        "max_lateness_minutes",
        "deadline_at",
        "pause_owner",
        "is_stopped",
        "failure",
    ),
    *("submitted_by", "submitted_at", "started_at", "completed_at", "created_by", "created_at"),
)


async def session_view(scope: Scope, session: SessionRow) -> SessionView:
    """A step; for the routes of every feature that answers with a session."""
    inspection = await _inspection(scope, session)
    content = await _content(scope, session)
    events = await sessions.events(scope, session.id, TIMELINE_EVENTS_MAX)
    is_edited = _is_edited(session, inspection, content)
    campaign_name = None
    if session.campaign_id is not None:
        campaign_name = (await campaigns.read(scope, session.campaign_id))["name"]
    return SessionView(
        **{name: getattr(session, name) for name in _COPIED},
        campaign_name=campaign_name,
        retry_recipients=await count_retry_recipients(scope, session.id)
        if session.retry_of
        else None,
        capabilities=CapabilitiesView(**capabilities(session.state)._asdict()),
        draft=read_draft(session.draft),
        draft_problems=_problems(inspection),
        draft_warnings=inspection.warnings,
        has_unsubmitted_edit=is_edited,
        content=content,
        approval=_approval(session),
        quote=await _quote(scope, session, inspection, is_edited=is_edited),
        shortage=await _shortage(scope, session, events),
        progress=progress_view(session, await progress.total(scope, session.id)),
        causes=await sessions.causes(scope, session.id),
        timeline=[
            TimelineView(**{name: row[name] for name in TimelineView.__struct_fields__})
            for row in events
        ],
    )


async def session_snapshot(scope: Scope, session_id: UUID) -> dict[str, Any]:
    """What live updates publish under `session:{id}`: absolute values, and a version that grows.

    Publish it after the commit: `live.publish(redis, tenant_id, f"session:{id}", snapshot)`.
    """
    session = await sessions.read(scope, session_id)
    shown = progress_view(session, await progress.total(scope, session_id))
    return {
        "id": str(session.id),
        "campaign_id": str(session.campaign_id) if session.campaign_id else None,
        # Progress moves without a move of the state: the database clock orders both.
        "version": int(scope.now.timestamp() * 1000),
        "state": session.state.value,
        "state_version": session.state_version,
        "state_changed_at": session.state_changed_at.isoformat(),
        "capabilities": capabilities(session.state)._asdict(),
        "pause_owner": session.pause_owner,
        "is_stopped": session.is_stopped,
        "completed_at": session.completed_at.isoformat() if session.completed_at else None,
        "progress": msgspec.to_builtins(shown),
        "causes": await sessions.causes(scope, session_id),
    }


def progress_view(session: SessionRow, total: Progress) -> ProgressView:
    planned = total.planned or session.planned or 0
    return ProgressView(
        percent=_percent(session.state, total.final, planned),
        planned=planned,
        final=total.final,
        # Between the hold and the first batch rows everything planned is queued.
        queued=total.queued if total.planned else planned,
        waiting_receipt=total.accepted,
        waiting_retry=total.waiting_retry,
        unconfirmed=total.unconfirmed,
        delivered=total.delivered,
        failed=total.undelivered + total.unreachable + total.rejected + total.expired,
        cancelled=total.cancelled,
        excluded=total.excluded,
        left_out=session.excluded or 0,
        submitted=total.ever_submitted,
        segments_accepted=total.segments_accepted,
        credits_captured=total.credits_captured,
        credits_returned=total.credits_returned,
        first_submitted_at=total.first_submitted_at,
        last_submitted_at=total.last_submitted_at,
        last_receipt_at=total.last_receipt_at,
    )


def _percent(state: SessionState, final: int, planned: int) -> int:
    """Nobody to send to is done at once; nothing planned yet is nothing done."""
    if not planned:
        return 100 if state is SessionState.COMPLETED else 0
    return final * 100 // planned


def summary(row: Any) -> SessionSummary:
    """A row of `queries.campaigns` as a line of a list."""
    facts = {name: row[name] for name in SessionSummary.__struct_fields__ if name != "percent"}
    planned = row["sent_planned"] or row["planned"] or 0
    percent = _percent(SessionState(row["state"]), row["final"], planned)
    return msgspec.convert({**facts, "percent": percent}, SessionSummary)


async def _inspection(scope: Scope, session: SessionRow) -> Inspection:
    """Only what is edited can still be put right."""
    if not capabilities(session.state).may_edit or session.origin != "campaign":
        return Inspection()
    tenant = await read_tenant_facts(scope)
    return await inspect_draft(scope, read_draft(session.draft), tenant)


def _problems(inspection: Inspection) -> list[FieldError]:
    if inspection.refusal is None:
        return inspection.problems
    refusal = inspection.refusal
    part = str(refusal.facts.get("part", "message"))
    pointer = {"header": "/header", "footer": "/footer"}.get(part, "/body")
    return [FieldError(pointer, refusal.code, refusal.detail), *inspection.problems]


async def _content(scope: Scope, session: SessionRow) -> ContentView | None:
    if not session.content_version:
        return None
    version = await contents.read_version(scope, session.id, session.content_version)
    return ContentView(
        version=version.version,
        hash=version.hash,
        body=version.content.body,
        header=version.content.header,
        footer=version.content.footer,
        sender=version.content.sender,
        audience=version.content.audience,
        frozen_at=version.frozen_at,
    )


def _approval(session: SessionRow) -> ApprovalView | None:
    if session.approval_kind is None:
        return None
    return ApprovalView(
        kind=session.approval_kind,
        decision_id=session.approval_decision_id,
        version=session.approved_version,
        at=session.approved_at,
        revoked_at=session.revoked_at,
        bounds=session.bounds,
    )


def _is_edited(session: SessionRow, inspection: Inspection, content: ContentView | None) -> bool:
    if session.state is not SessionState.SCHEDULED or inspection.content is None:
        return False
    return content is not None and content_hash(inspection.content) != content.hash


async def _shortage(scope: Scope, session: SessionRow, events: list[Any]) -> ShortageView | None:
    """By the balance of this moment: a top-up may have covered a part."""
    event = _SHORT.get(session.state)
    found = [row["facts"] for row in events if event is not None and row["event"] == event]
    if not found:
        return None
    required = int(found[-1]["required"])
    if session.state is SessionState.AWAITING_CONFIRMATION or not sees_balance(scope.principal):
        return ShortageView(
            required_credits=required,
            available_credits=None,
            missing_credits=None,
            ceiling_credits=session.ceiling_credits,
        )
    available = (await balance(scope)).available
    return ShortageView(
        required_credits=required,
        available_credits=available,
        missing_credits=max(required - available, 0),
        ceiling_credits=session.ceiling_credits,
    )


async def _quote(
    scope: Scope, session: SessionRow, inspection: Inspection, *, is_edited: bool
) -> QuoteView | None:
    """The confirmed one; of what is edited the newest that still speaks of its text."""
    if session.state is not SessionState.DRAFT and not is_edited:
        if session.quote_id is None:
            return None
        return shown_quote(scope, await contents.read_quote(scope, session.id, session.quote_id))
    newest = await contents.newest_quote(scope, session.id)
    if newest is None or inspection.content is None:
        return None
    is_current = newest.hash == content_hash(inspection.content)
    return shown_quote(scope, newest) if is_current else None


def shown_quote(scope: Scope, quote: QuoteView) -> QuoteView:
    """Without what the caller may read nowhere else: a recipient's number that the longest text
    holds, and the balance.
    """
    if sees_masked(scope.principal):
        quote = msgspec.structs.replace(quote, longest_text="")
    if not sees_balance(scope.principal):
        quote = msgspec.structs.replace(quote, available_credits=None, shortfall_credits=None)
    return quote
