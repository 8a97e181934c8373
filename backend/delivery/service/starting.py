"""From approval to preparing: at once, at its time, or visibly missed (promise 9)."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from backend.campaigns.service.moves import credits_required, move_session, read_session
from backend.campaigns.service.series import begin_series, is_series_paused
from backend.campaigns.service.watching import (
    WATCHED_ROWS_MAX,
    sessions_in,
    sessions_past_deadline,
)
from backend.campaigns.states import MISSED_DAYS_MAX, SessionEvent, SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.failing import settle_failed
from backend.delivery.service.stopping import lapse_pause
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import StateConflict
from backend.kernel.principal import system
from backend.ledger.service.balance import may_hold

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


async def start_due(page_rows: int = WATCHED_ROWS_MAX) -> int:
    """Use case of the clock: due → preparing within max_lateness, else missed. Once, whatever the
    number of clocks: the move is a compare-and-set.
    """
    started = 0
    async for watched in sessions_in(
        system("clock"), S.SCHEDULED, is_due=True, page_rows=page_rows
    ):
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


async def lapse_preparing(page_rows: int = WATCHED_ROWS_MAX) -> int:
    """Use case of the clock: no working gateway for max_lateness, so it missed its time."""
    now = await _now()
    lapsed = 0
    async for watched in sessions_in(system("clock"), S.PREPARING, page_rows=page_rows):
        late = timedelta(minutes=watched.max_lateness_minutes)
        if not watched.is_leased(now) and now - watched.state_changed_at > late:
            await _lapse(watched.tenant_id, watched.id, S.PREPARING, "no_gateway")
            lapsed += 1
    return lapsed


async def _now() -> datetime:
    async with platform_scope(system("clock"), "the time") as scope:
        return scope.now


async def lapse_deadlines(page_rows: int = WATCHED_ROWS_MAX) -> int:
    """Use case of the clock: credits or confirmation never came, a pause lasted too long."""
    seen = 0
    past = sessions_past_deadline(system("clock"), page_rows)
    async for tenant_id, session_id, state in past:
        seen += 1
        if state is S.PAUSED:
            await lapse_pause(tenant_id, session_id)
        elif state is S.FAILED:
            await settle_failed(tenant_id, session_id)
        elif state in LAPSING:
            await _lapse(tenant_id, session_id, state, f"deadline_{state.value}")
    return seen


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


async def cover_sessions(tenant_id: UUID | None = None, page_rows: int = WATCHED_ROWS_MAX) -> int:
    """Use case of `credits.added`, and of the clock for every tenant: a top-up may have landed
    between a refused hold and the move it led to. Sessions that the balance now covers prepare
    again, oldest first.
    """
    covered = 0
    async for watched in sessions_in(system("cover"), S.AWAITING_CREDITS, page_rows=page_rows):
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
        if required is not None and not await may_hold(scope, required):
            return False
        await move_session(scope, session, SessionEvent.COVER)
        return True


async def preparing_without_owner(
    page_rows: int = WATCHED_ROWS_MAX,
) -> list[tuple[UUID, UUID]]:
    """Sessions in preparing whose worker died, or that nobody heard of."""
    now = await _now()
    preparing = sessions_in(system("clock"), S.PREPARING, page_rows=page_rows)
    return [
        (watched.tenant_id, watched.id) async for watched in preparing if not watched.is_leased(now)
    ]
