"""The one function that moves a session: compare-and-set, event row, audit row, outbox row."""

from typing import Any
from uuid import UUID

from backend.audit.service import record
from backend.campaigns.queries import sessions
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.states import SessionEvent, SessionState, target
from backend.db.scope import Scope
from backend.kernel.errors import StateConflict
from backend.outbox.service import announce
from backend.outbox.topics import Topic

ANNOUNCED = {
    SessionState.SCREENING: Topic.SESSION_SUBMITTED,
    SessionState.APPROVED: Topic.SESSION_APPROVED,
    SessionState.PREPARING: Topic.SESSION_PREPARING,
    SessionState.SENDING: Topic.SESSION_SENDING,
    SessionState.SETTLING: Topic.SESSION_SETTLING,
}
"""Who works next on a session that entered this state hears of it."""


async def read_session(scope: Scope, session_id: UUID) -> SessionRow:
    """Raises NotFound."""
    return await sessions.read(scope, session_id)


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
    if to in ANNOUNCED and to is not session.state:
        await announce(scope, ANNOUNCED[to], {"session_id": str(session.id)})
    return moved


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
