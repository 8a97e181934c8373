"""What waits for a moderator past its time is visibly missed, and its case closed."""

from datetime import datetime, timedelta
from uuid import UUID

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.service.watching import WATCHED_ROWS_MAX, sessions_in
from backend.campaigns.states import MISSED_DAYS_MAX, SessionEvent, SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.errors import StateConflict
from backend.kernel.principal import system
from backend.moderation.service.cases import withdraw_case


async def lapse_unvalidated(page_rows: int = WATCHED_ROWS_MAX) -> int:
    """Use case of the clock: due time and max_lateness passed before anybody decided."""
    async with platform_scope(system("clock"), "the time") as scope:
        now = scope.now
    waiting = sessions_in(
        system("clock"), SessionState.AWAITING_VALIDATION, is_due=True, page_rows=page_rows
    )
    lapsed = 0
    async for one in waiting:
        if one.due_at is not None and _is_late(now, one.due_at, one.max_lateness_minutes):
            lapsed += await _lapse(one.tenant_id, one.id)
    return lapsed


def _is_late(now: datetime, due_at: datetime, max_lateness_minutes: int) -> bool:
    return now - due_at > timedelta(minutes=max_lateness_minutes)


async def _lapse(tenant_id: UUID, session_id: UUID) -> bool:
    try:
        async with tenant_scope(system("clock", tenant_id)) as scope:
            session = await read_session(scope, session_id)
            if session.state is not SessionState.AWAITING_VALIDATION or session.due_at is None:
                return False
            if not _is_late(scope.now, session.due_at, session.max_lateness_minutes):
                return False
            await move_session(
                scope,
                session,
                SessionEvent.LAPSE,
                failure="validation_too_late",
                lease_until=None,
                deadline_at=scope.now + timedelta(days=MISSED_DAYS_MAX),
            )
            await withdraw_case(scope, session_id, "lapsed")
    except StateConflict:
        return False
    return True
