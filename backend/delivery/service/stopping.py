"""Cancel, pause, resume, stop and kill: one route for tenant and staff."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from backend.campaigns.schemas.sessions import ProgressDelta, SessionRow
from backend.campaigns.service.moves import move_session, note_once, read_session
from backend.campaigns.service.progress import record_progress
from backend.campaigns.service.switches import is_sending_switched_off
from backend.campaigns.states import ENDS, PAUSED_DAYS_MAX, SessionEvent, SessionState
from backend.db.scope import Scope, tenant_scope
from backend.delivery.queries import batches, waiting
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.schemas import Standing
from backend.delivery.service.steps import given
from backend.delivery.states import BatchState, MessageState
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel import faults
from backend.kernel.errors import Conflict, Forbidden
from backend.kernel.principal import Principal, PrincipalKind, system
from backend.ledger.service.holds import release
from backend.outbox.service import announce
from backend.outbox.topics import Topic

M = MessageState
S = SessionState
PAUSE_ENDING_TOLD = timedelta(hours=24)
"""So long before a pause ends by cancelling the rest, it is said."""
PAUSE_OWNERS = ("tenant", "staff", "suspension", "platform")
"""From the lowest: a pause is lifted by its owner or someone above."""
IN_VALIDATION = frozenset({S.SCREENING, S.AWAITING_VALIDATION})
RUNNING = frozenset({S.SENDING, S.PAUSED})


def owner_of(principal: Principal) -> str:
    if principal.kind is PrincipalKind.STAFF:
        return "staff"
    return "platform" if principal.kind is PrincipalKind.SYSTEM else "tenant"


def _day(session: SessionRow) -> date:
    if session.session_day is None:
        raise _not_sending(session)
    return session.session_day


def _pause_ends(scope: Scope) -> datetime:
    return scope.now + timedelta(days=PAUSED_DAYS_MAX)


def _not_sending(session: SessionRow) -> Conflict:
    return Conflict(
        "not_sending",
        f"a session that is {session.state} does not send",
        session_id=str(session.id),
        state=session.state.value,
    )


async def cancel_session(principal: Principal, session_id: UUID) -> Standing:
    """Before anything is sent. In validation it becomes a draft again and its case is closed."""
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        was_in_validation = session.state in IN_VALIDATION
        event = SessionEvent.DISCARD if session.state is S.DRAFT else SessionEvent.CANCEL
        session = await move_session(scope, session, event)
        if was_in_validation:
            await given().withdraw_case(scope, session_id, "withdrawn")
        answer = Standing(id=session_id, state=session.state)
        await scope.answer(answer, 200)
        return answer


async def pause_session(
    principal: Principal, session_id: UUID, tenant_id: UUID | None = None, *, reason: str = ""
) -> Standing:
    """Windows in flight end; nothing more is claimed once this is answered."""
    owner = owner_of(principal)
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        session = await pause(scope, await read_session(scope, session_id), owner)
        answer = await _standing(scope, session)
        await scope.answer(answer, 200)
        return answer


async def pause(scope: Scope, session: SessionRow, owner: str) -> SessionRow:
    """Step: also for a suspended tenant and the platform's switch, with their own rank."""
    if session.state is S.PAUSED:
        held_by = PAUSE_OWNERS.index(session.pause_owner or "tenant")
        if PAUSE_OWNERS.index(owner) <= held_by:
            return session
        return await move_session(
            scope,
            session,
            SessionEvent.RAISE_PAUSE,
            pause_owner=owner,
            deadline_at=session.deadline_at,
        )
    if session.state is not S.SENDING:
        raise _not_sending(session)
    ends_at = _pause_ends(scope)
    session = await move_session(
        scope, session, SessionEvent.PAUSE, pause_owner=owner, deadline_at=ends_at
    )
    await announce(
        scope,
        Topic.SESSION_PAUSE_ENDING,
        {"session_id": str(session.id), "ends_at": ends_at.isoformat()},
        not_before=ends_at - PAUSE_ENDING_TOLD,
    )
    await batches.move_all(scope, session.id, [BatchState.QUEUED], BatchState.PAUSED)
    return session


async def resume_session(
    principal: Principal, session_id: UUID, tenant_id: UUID | None = None, *, reason: str = ""
) -> Standing:
    """Raises Forbidden `paused_by_other` where somebody above paused it."""
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        await refuse_own_tenant(scope)
        session = await read_session(scope, session_id)
        if session.state is not S.PAUSED:
            raise Conflict("not_paused", session_id=str(session_id), state=session.state.value)
        held_by = session.pause_owner or "tenant"
        if PAUSE_OWNERS.index(owner_of(principal)) < PAUSE_OWNERS.index(held_by):
            raise Forbidden("paused_by_other", "somebody above you paused it", owner=held_by)
        await _require_sending_allowed(scope)
        session = await resume(scope, session)
        answer = await _standing(scope, session)
        await scope.answer(answer, 200)
        return answer


async def resume(scope: Scope, session: SessionRow) -> SessionRow:
    """Step."""
    session = await move_session(scope, session, SessionEvent.RESUME, pause_owner=None)
    await batches.move_all(scope, session.id, [BatchState.PAUSED], BatchState.QUEUED)
    return session


async def _require_sending_allowed(scope: Scope) -> None:
    """Else it would be paused again within the second, by who forbids it."""
    if (await read_tenant_facts(scope)).status == "suspended":
        raise Conflict("tenant_suspended", "sending is suspended for this workspace")
    if await is_sending_switched_off(scope):
        raise Conflict("sending_switched_off", "sending is switched off for now")


async def stop_session(principal: Principal, session_id: UUID) -> Standing:
    """What is queued is cancelled and its credits are back when this is answered."""
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if session.state not in RUNNING:
            raise _not_sending(session)
        answer = await end_sending(scope, session, SessionEvent.STOP)
        await scope.answer(answer, 200)
        return answer


async def kill_session(
    principal: Principal, tenant_id: UUID, session_id: UUID, *, reason: str
) -> Standing:
    """Staff, in every state but an end."""
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        answer = await kill(scope, await read_session(scope, session_id), reason)
        await scope.answer(answer, 200)
        return answer


async def kill(scope: Scope, session: SessionRow, reason: str) -> Standing:
    """Step. Raises Conflict `not_sending` at an end."""
    if session.state in RUNNING or (session.state is S.SETTLING and not session.is_stopped):
        return await end_sending(scope, session, SessionEvent.KILL, {"reason": reason})
    if session.state in ENDS or session.state is S.SETTLING:
        raise _not_sending(session)
    was_in_validation = session.state in IN_VALIDATION
    session = await move_session(scope, session, SessionEvent.KILL, facts={"reason": reason})
    if was_in_validation:
        await given().withdraw_case(scope, session.id, "killed")
    return Standing(id=session.id, state=session.state)


async def end_condemned(tenant_id: UUID, session_id: UUID, reason: str) -> bool:
    """Use case of `session.condemned`: what has not left stays. Whether there was something."""
    try:
        await kill_session(system("after-review", tenant_id), tenant_id, session_id, reason=reason)
    except Conflict:
        return False
    return True


async def tell_pause_ending(tenant_id: UUID, session_id: UUID, ends_at: datetime) -> bool:
    """Use case of `session.pause_ending`: the same pause still stands, so its history says what
    will happen, and when. Twice is once.
    """
    async with tenant_scope(system("deadlines", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not S.PAUSED or session.deadline_at != ends_at:
            return False
        return await note_once(scope, session, "pause_ending", {"ends_at": ends_at.isoformat()})


async def lapse_pause(tenant_id: UUID, session_id: UUID) -> None:
    """Use case of the clock: paused too long, the rest is cancelled (announced before)."""
    async with tenant_scope(system("deadlines", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is S.PAUSED and session.deadline_at and session.deadline_at <= scope.now:
            await end_sending(scope, session, SessionEvent.LAPSE)


async def end_sending(
    scope: Scope,
    session: SessionRow,
    event: SessionEvent,
    facts: dict[str, Any] | None = None,
    *,
    failed_through_us: bool = False,
    **changes: Any,
) -> Standing:
    """Step. The move comes first: it waits for claims under way, and later ones see it."""
    if session.session_day is None or session.hold_id is None:
        raise _not_sending(session)
    session = await move_session(
        scope, session, event, facts=facts, is_stopped=True, pause_owner=None, **changes
    )
    key = SessionKey(_day(session), session.id)
    await batches.move_all(
        scope, session.id, [BatchState.QUEUED, BatchState.PAUSED], BatchState.CANCELLED
    )
    counts = await waiting.counts_by_state(scope, key)
    await waiting.cancel_queued(scope, key)
    await waiting.drop_all(scope, session.id)
    deltas, released = _cancelled(counts)
    await record_progress(scope, session.id, deltas.values())
    if released and session.hold_id is not None:
        await release(
            scope,
            session.hold_id,
            released,
            f"stopped:{session.id}",
            failed_through_us=failed_through_us,
        )
    faults.point("stop.before_commit")
    return _counted(session, counts, is_cancelled=True)


def _cancelled(counts: Sequence[asyncpg.Record]) -> tuple[dict[int, ProgressDelta], int]:
    """Progress by batch, and the credits of what was never called."""
    deltas: dict[int, ProgressDelta] = {}
    released = 0
    for row in counts:
        delta = deltas.setdefault(row["batch_no"], ProgressDelta(batch_no=row["batch_no"]))
        if row["state"] == M.QUEUED and row["was_called"]:
            delta.undelivered += row["messages"]
        elif row["state"] == M.QUEUED:
            delta.cancelled += row["messages"]
            released += row["uncharged"]
        elif row["state"] == M.UNDELIVERED and row["is_waiting"]:
            delta.waiting_retry -= row["messages"]
            delta.undelivered += row["messages"]
    return deltas, released


async def _standing(scope: Scope, session: SessionRow) -> Standing:
    counts = await waiting.counts_by_state(scope, SessionKey(_day(session), session.id))
    return _counted(session, counts, is_cancelled=False)


def _counted(
    session: SessionRow, counts: Sequence[asyncpg.Record], *, is_cancelled: bool
) -> Standing:
    planned = sum(row["messages"] for row in counts)
    fresh = sum(r["messages"] for r in counts if r["state"] == M.QUEUED and not r["was_called"])
    in_flight = sum(r["messages"] for r in counts if r["state"] == M.SUBMITTING)
    excluded = sum(r["messages"] for r in counts if r["state"] == M.EXCLUDED)
    cancelled = sum(r["messages"] for r in counts if r["state"] == M.CANCELLED)
    return Standing(
        id=session.id,
        state=session.state,
        planned=planned,
        sent=planned - fresh - in_flight - excluded - cancelled,
        in_flight=in_flight,
        queued=0 if is_cancelled else fresh,
        cancelled=cancelled + (fresh if is_cancelled else 0),
        excluded=excluded,
    )
