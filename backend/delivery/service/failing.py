"""Our own fault while sending: counted, and the third without progress ends the session.

What was never called is cancelled and its credits are back at once; what is in flight is settled by
receipts without changing the state, and the hold ends at the receipt deadline.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.moves import change_session, note_fault, read_session
from backend.campaigns.states import (
    RECEIPT_DEADLINE_HOURS,
    TRIES_MAX,
    SessionEvent,
    SessionState,
)
from backend.db.scope import Scope, tenant_scope
from backend.delivery.service.settling import finish_rows
from backend.delivery.service.stopping import end_sending
from backend.kernel.principal import system
from backend.ledger.service.holds import release_rest

_log = structlog.get_logger("clearsend.delivery")


async def count_fault(tenant_id: UUID, session_id: UUID, fault: Exception) -> bool:
    """Whether it was the last one. Raises StateConflict when somebody moved it meanwhile."""
    async with tenant_scope(system("faults", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not SessionState.SENDING:
            return False
        # The kind alone: what an exception says may hold a number or a text.
        found = await note_fault(scope, session, type(fault).__name__)
        if found < TRIES_MAX:
            return False
        await _fail(scope, session, found)
        return True


async def _fail(scope: Scope, session: SessionRow, tries: int) -> None:
    await end_sending(
        scope,
        session,
        SessionEvent.FAIL,
        failed_through_us=True,
        facts={"tries": tries},
        failure="sending_failed",
        completed_at=scope.now,
        deadline_at=scope.now + timedelta(hours=RECEIPT_DEADLINE_HOURS),
    )


async def settle_failed(tenant_id: UUID, session_id: UUID) -> None:
    """Use case of the clock at the receipt deadline: the rest of the hold goes back."""
    await finish_rows(tenant_id, session_id)
    async with tenant_scope(system("faults", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not SessionState.FAILED or session.deadline_at is None:
            return
        if session.deadline_at > scope.now:
            return
        await change_session(scope, session, deadline_at=None)
        if session.hold_id is not None:
            await release_rest(
                scope, session.hold_id, f"failed:{session.id}", failed_through_us=True
            )


async def alarm_failed(tenant_id: UUID, session_id: UUID) -> None:
    """Consumer of `session.failed`: whoever reads the logs is told, with what to look up."""
    async with tenant_scope(system("faults", tenant_id)) as scope:
        session = await read_session(scope, session_id)
    _log.error(
        "session_failed",
        tenant_id=str(tenant_id),
        session_id=str(session_id),
        failure=session.failure,
    )
