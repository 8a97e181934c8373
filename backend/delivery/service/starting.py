"""From approval to preparing: at once, at its time, or visibly missed (promise 9)."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from backend.campaigns.service.moves import credits_required, move_session, read_session
from backend.campaigns.service.series import begin_series, is_series_paused
from backend.campaigns.service.watching import sessions_in, sessions_past_deadline
from backend.campaigns.states import MISSED_DAYS_MAX, SessionEvent, SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.stopping import lapse_pause
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import StateConflict
from backend.kernel.principal import system
from backend.ledger.service.balance import balance

S = SessionState
LAPSING = frozenset({S.AWAITING_CREDITS, S.AWAITING_CONFIRMATION, S.MISSED})


async def start_approved(tenant_id: UUID, session_id: UUID) -> None:
    """Use case of `session.approved`: immediate → preparing, with a due time → scheduled."""
    async with tenant_scope(system("start", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not S.APPROVED:
            return
        event = SessionEvent.START if session.due_at is None else SessionEvent.SCHEDULE
        began = await begin_series(scope, session) if event is SessionEvent.SCHEDULE else {}
        await move_session(scope, session, event, **began)


async def start_due() -> int:
    """Use case of the clock: due → preparing within max_lateness, else missed. Once, whatever the
    number of clocks: the move is a compare-and-set.
    """
    async with platform_scope(system("clock"), "due sessions") as scope:
        due = await sessions_in(scope, S.SCHEDULED, due_before=scope.now)
    started = 0
    for watched in due:
        try:
            started += await _start_or_miss(watched.tenant_id, watched.id)
        except StateConflict:
            continue  # another clock was first
    return started


async def _start_or_miss(tenant_id: UUID, session_id: UUID) -> bool:
    async with tenant_scope(system("clock", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not S.SCHEDULED or session.due_at is None or session.due_at > scope.now:
            return False
        if session.series_id is not None and await is_series_paused(scope, session.series_id):
            facts = {"reason": "series_paused"}
            await move_session(
                scope, session, SessionEvent.CANCEL, facts=facts, completed_at=scope.now
            )
            return False
        lateness = scope.now - session.due_at
        is_suspended = (await read_tenant_facts(scope)).status == "suspended"
        if not is_suspended and lateness <= timedelta(minutes=session.max_lateness_minutes):
            await move_session(scope, session, SessionEvent.DUE)
            return True
        until = scope.now + timedelta(days=MISSED_DAYS_MAX)
        failure = "tenant_suspended" if is_suspended else "too_late"
        await move_session(scope, session, SessionEvent.LAPSE, failure=failure, deadline_at=until)
        return False


async def lapse_preparing() -> int:
    """Use case of the clock: no working gateway for max_lateness, so it missed its time."""
    async with platform_scope(system("clock"), "preparing sessions") as scope:
        waiting = await sessions_in(scope, S.PREPARING)
        late = [
            watched
            for watched in waiting
            if (watched.lease_until is None or watched.lease_until < scope.now)
            and scope.now - watched.state_changed_at
            > timedelta(minutes=watched.max_lateness_minutes)
        ]
    for watched in late:
        await _lapse(watched.tenant_id, watched.id, S.PREPARING, "no_gateway")
    return len(late)


async def lapse_deadlines() -> int:
    """Use case of the clock: credits or confirmation never came, a pause lasted too long."""
    async with platform_scope(system("clock"), "deadlines") as scope:
        past = await sessions_past_deadline(scope)
    for tenant_id, session_id, state in past:
        if state is S.PAUSED:
            await lapse_pause(tenant_id, session_id)
        elif state in LAPSING:
            await _lapse(tenant_id, session_id, state, f"deadline_{state.value}")
    return len(past)


async def _lapse(tenant_id: UUID, session_id: UUID, state: SessionState, failure: str) -> None:
    try:
        async with tenant_scope(system("clock", tenant_id)) as scope:
            session = await read_session(scope, session_id)
            if session.state is not state:
                return
            until = None if state is S.MISSED else scope.now + timedelta(days=MISSED_DAYS_MAX)
            await move_session(
                scope, session, SessionEvent.LAPSE, failure=failure, deadline_at=until
            )
    except StateConflict:
        return


async def cover_sessions(tenant_id: UUID | None = None) -> int:
    """Use case of `credits.added`, and of the clock for every tenant: a top-up may have landed
    between a refused hold and the move it led to. Sessions that the balance now covers prepare
    again, oldest first.
    """
    async with platform_scope(system("cover"), "waiting for credits") as scope:
        waiting = await sessions_in(scope, S.AWAITING_CREDITS)
    covered = 0
    for watched in waiting:
        if tenant_id in {None, watched.tenant_id}:
            with suppress(StateConflict):
                covered += await _cover(watched.tenant_id, watched.id)
    return covered


async def _cover(tenant_id: UUID, session_id: UUID) -> bool:
    async with tenant_scope(system("cover", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not S.AWAITING_CREDITS:
            return False
        required = await credits_required(scope, session_id)
        if required is not None and (await balance(scope)).available < required:
            return False
        await move_session(scope, session, SessionEvent.COVER)
        return True


async def preparing_without_owner() -> list[tuple[UUID, UUID]]:
    """Sessions in preparing whose worker died, or that nobody heard of."""
    async with platform_scope(system("clock"), "preparing sessions") as scope:
        return [
            (watched.tenant_id, watched.id)
            for watched in await sessions_in(scope, S.PREPARING)
            if watched.lease_until is None or watched.lease_until < scope.now
        ]
