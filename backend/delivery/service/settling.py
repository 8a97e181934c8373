"""From the last submission to the end: drained, counted, the rest released."""

from datetime import timedelta
from uuid import UUID

import msgspec

from backend.campaigns.schemas.sessions import Progress, ProgressDelta, SessionRow
from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.service.progress import record_progress, session_progress
from backend.campaigns.service.watching import WATCHED_ROWS_MAX, lock_sessions, sessions_in
from backend.campaigns.states import RECEIPT_DEADLINE_HOURS, SessionEvent, SessionState
from backend.db.scope import Scope, tenant_scope
from backend.delivery.queries import batches, waiting
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.changes import Change, MessageKey, write_changes
from backend.delivery.service.steps import given
from backend.delivery.states import MessageRow, MessageState
from backend.kernel import faults
from backend.kernel.errors import StateConflict
from backend.kernel.principal import system
from backend.ledger.service.holds import release_rest, return_spent
from backend.moderation.schemas.trust import OutcomeFacts
from backend.moderation.service.outcomes import record_outcome_facts

FINISHED_ROWS_MAX = 5_000
"""Rows made final per transaction at the receipt deadline."""
M = MessageState
RETURNED_STATES = (M.UNDELIVERED, M.UNREACHABLE, M.EXPIRED, M.REJECTED)


async def settle_sessions(page_rows: int = WATCHED_ROWS_MAX) -> int:
    """Use case of the clock: sending → settling → completed. Returns the moves made."""
    running = (SessionState.SENDING, SessionState.SETTLING)
    moved = 0
    async for watched in sessions_in(system("settle"), *running, page_rows=page_rows):
        try:
            moved += await settle_session(watched.tenant_id, watched.id)
        except StateConflict:
            continue  # it moved meanwhile
    return moved


async def settle_session(tenant_id: UUID, session_id: UUID) -> bool:
    """One step further, where there is one."""
    async with tenant_scope(system("settle", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is SessionState.SENDING:
            return await _drain(scope, session)
        if session.state is not SessionState.SETTLING:
            return False
        progress = await session_progress(scope, session_id)
        if progress.final >= progress.planned:
            await _complete(scope, session)
            return True
        if not _is_past_deadline(scope, session, progress):
            return False
    await finish_rows(tenant_id, session_id)
    return True


async def _drain(scope: Scope, session: SessionRow) -> bool:
    if await batches.count_open(scope, session.id):
        return False
    if await waiting.count_unsent(scope, session.id):
        return False
    await move_session(scope, session, SessionEvent.DRAIN)
    return True


def _is_past_deadline(scope: Scope, session: SessionRow, progress: Progress) -> bool:
    since = progress.last_submitted_at or session.state_changed_at
    return scope.now >= since + timedelta(hours=RECEIPT_DEADLINE_HOURS)


async def finish_rows(tenant_id: UUID, session_id: UUID) -> None:
    """What no receipt came for is unreachable; an unconfirmed one costs nothing."""
    while True:
        async with tenant_scope(system("settle", tenant_id)) as scope:
            sessions = await lock_sessions(scope, [session_id])
            session = sessions[session_id]
            if not session.is_settling or session.session_day is None:
                return
            key = SessionKey(session.session_day, session_id)
            found = await waiting.unfinished_rows(scope, key, FINISHED_ROWS_MAX)
            changes = []
            for record in found:
                before = msgspec.convert(dict(record), MessageRow)
                cause = before.cause or (
                    "unconfirmed" if before.state is M.UNCONFIRMED else "no_receipt"
                )
                after = msgspec.structs.replace(
                    before, state=M.UNREACHABLE, retry_at=None, cause=cause
                )
                message_key = MessageKey(key.session_day, session_id, before.n)
                changes.append(Change(message_key, record["phone"], before, after))
            await write_changes(scope, sessions, changes)
        if len(found) < FINISHED_ROWS_MAX:
            return


async def _complete(scope: Scope, session: SessionRow) -> None:
    """The hold ends with the session: what nobody accepted was never spent."""
    gives_back = await given().returns_undelivered(scope, session)
    await move_session(scope, session, SessionEvent.COMPLETE, completed_at=scope.now)
    progress = await session_progress(scope, session.id)
    facts = OutcomeFacts(accepted=progress.ever_accepted, delivered=progress.delivered)
    await record_outcome_facts(scope, session.id, facts)
    await waiting.drop_all(scope, session.id)
    if session.hold_id is None or session.session_day is None:
        return
    if gives_back:
        key = SessionKey(session.session_day, session.id)
        refund = await waiting.charged_undelivered(scope, key, RETURNED_STATES)
        if refund:
            first = await batches.first_of(scope, session.id)
            delta = ProgressDelta(batch_no=first["batch_no"], credits_returned=refund)
            await record_progress(scope, session.id, [delta])
            await return_spent(
                scope, session.hold_id, refund, f"undelivered:{session.id}", reason="undelivered"
            )
    await release_rest(scope, session.hold_id, f"completed:{session.id}")
    faults.point("settle.before_commit")
