"""The one function that moves a session: compare-and-set, event row, audit row, outbox row."""

from typing import Any
from uuid import UUID

from backend.audit.service import record
from backend.campaigns.queries import progress, sessions
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.states import SessionEvent, SessionState, target
from backend.db.scope import Scope
from backend.kernel.errors import StateConflict
from backend.kernel.faults import point
from backend.outbox.service import announce
from backend.outbox.topics import Topic

ANNOUNCED = {
    SessionState.SCREENING: Topic.SESSION_SUBMITTED,
    SessionState.APPROVED: Topic.SESSION_APPROVED,
    SessionState.PREPARING: Topic.SESSION_PREPARING,
    SessionState.SENDING: Topic.SESSION_SENDING,
    SessionState.SETTLING: Topic.SESSION_SETTLING,
    SessionState.REFUSED: Topic.SESSION_REFUSED,
    SessionState.AWAITING_CREDITS: Topic.SESSION_AWAITING_CREDITS,
    SessionState.AWAITING_CONFIRMATION: Topic.SESSION_AWAITING_CONFIRMATION,
    SessionState.MISSED: Topic.SESSION_MISSED,
    SessionState.COMPLETED: Topic.SESSION_COMPLETED,
    SessionState.FAILED: Topic.SESSION_FAILED,
}
"""Who works next on a session that entered this state hears of it, or whom it concerns."""
ANNOUNCED_EVENTS = {SessionEvent.REQUEST_CHANGES: Topic.SESSION_CHANGES_REQUESTED}
TOLD_FACTS = ("reason_code", "required", "available", "missing", "owed", "ceiling")
"""Facts of the move that its news carries."""


FAULT = "fault"
"""An entry of the history that moves nothing."""


async def read_session(scope: Scope, session_id: UUID, *, is_locked: bool = False) -> SessionRow:
    """Raises NotFound. Locked, it changes only after the caller's commit."""
    return await sessions.read(scope, session_id, is_locked=is_locked)


async def move_session(
    scope: Scope,
    session: SessionRow,
    event: SessionEvent,
    *,
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> SessionRow:
    """Move what the caller read, or raise StateConflict and change nothing.

    `changes` are columns written in the same statement. Facts: `session_id`, `state`, `event`.
    """
    to = target(session.state, event)
    if to is None:
        raise StateConflict(
            "not_in_state",
            f"a session that is {session.state} does not take {event}",
            session_id=str(session.id),
            state=session.state.value,
            event=event.value,
        )
    changes.setdefault("deadline_at", None)
    moved = await sessions.change(scope, session, to, changes)
    if moved is None:
        raise StateConflict(
            detail="the session changed meanwhile",
            session_id=str(session.id),
            state=session.state.value,
            event=event.value,
        )
    await sessions.insert_event(scope, session, to, event.value, facts or {})
    await record(
        scope, f"session.{event.value}", f"session:{session.id}", to=to.value, **(facts or {})
    )
    await _announce(scope, session, event, to, facts or {})
    point("campaigns.moved")
    return moved


async def note_fault(scope: Scope, session: SessionRow, fault: str) -> int:
    """Our own fault while sending, written into the session's history; returns how many there were
    since a carrier last accepted something of it.
    """
    accepted = (await progress.total(scope, session.id)).ever_accepted
    facts = {"fault": fault, "accepted": accepted}
    await sessions.insert_event(scope, session, session.state, FAULT, facts)
    return await sessions.count_faults(scope, session.id, FAULT, accepted)


async def _announce(
    scope: Scope,
    session: SessionRow,
    event: SessionEvent,
    to: SessionState,
    facts: dict[str, Any],
) -> None:
    topic = ANNOUNCED_EVENTS.get(event)
    if topic is None and to is not session.state:
        topic = ANNOUNCED.get(to)
    if topic is not None:
        told = {name: facts[name] for name in TOLD_FACTS if name in facts}
        await announce(scope, topic, {"session_id": str(session.id), **told})


async def note_opened(
    scope: Scope, session: SessionRow, event: SessionEvent, facts: dict[str, Any]
) -> None:
    """Of a session that was inserted in the state it is in: an occurrence that was missed."""
    await sessions.insert_event(scope, session, session.state, event.value, facts)
    await record(
        scope,
        f"session.{event.value}",
        f"session:{session.id}",
        to=session.state.value,
        **facts,
    )
    if session.state in ANNOUNCED:
        await announce(scope, ANNOUNCED[session.state], {"session_id": str(session.id)})


async def note_once(scope: Scope, session: SessionRow, event: str, facts: dict[str, Any]) -> bool:
    """A line of the session's history that moves nothing. False: it stands there already."""
    if await sessions.has_event(scope, session.id, event, facts):
        return False
    await sessions.insert_event(scope, session, session.state, event, facts)
    return True


async def credits_required(scope: Scope, session_id: UUID) -> int | None:
    """What the last preparation that fell short would have held; None: it never did."""
    event = SessionEvent.FALL_SHORT.value
    return await sessions.newest_fact(scope, session_id, event, "required")


async def change_session(scope: Scope, session: SessionRow, **changes: Any) -> SessionRow:
    """Change columns without moving; raises StateConflict when somebody was first."""
    changed = await sessions.change(scope, session, None, changes)
    if changed is None:
        raise StateConflict(
            detail="the session changed meanwhile",
            session_id=str(session.id),
            state=session.state.value,
        )
    return changed
