"""Messages that come back — refused, never written, proven undelivered — in new batches."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.service.watching import lock_sessions
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.delivery.queries import batches, outcomes as rows, waiting
from backend.delivery.service.changes import Change, MessageKey, write_changes
from backend.delivery.service.holding import hold_back
from backend.delivery.states import MessageRow, MessageState
from backend.gateways.service import standing_gateways
from backend.kernel import faults
from backend.kernel.errors import StateConflict
from backend.kernel.principal import system

SESSIONS_MAX = 200
M = MessageState


async def return_due() -> int:
    """Use case of the clock; any number of clocks. Returns the messages put into new batches."""
    async with platform_scope(system("returns"), "due messages") as scope:
        due = await waiting.sessions_due(scope, SESSIONS_MAX)
        working = [g.id for g in await standing_gateways(scope) if g.is_working] if due else []
    returned = 0
    for row in due if working else ():
        try:
            returned += await return_of_session(row["tenant_id"], row["session_id"], working)
        except StateConflict:
            continue  # it moved meanwhile: the next sweep sees where to
    return returned


async def return_of_session(tenant_id: UUID, session_id: UUID, working: Sequence[UUID]) -> int:
    async with tenant_scope(system("returns", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is SessionState.SETTLING and not session.is_stopped:
            session = await move_session(scope, session, SessionEvent.RETRY)
        if session.state is SessionState.PAUSED:
            return 0
        if session.state is not SessionState.SENDING:
            await waiting.drop_all(scope, session_id)
            return 0
        sessions = await lock_sessions(scope, [session_id])
        if sessions[session_id].state is not SessionState.SENDING:
            return 0
        like = await batches.first_of(scope, session_id)
        taken = await waiting.take_due(scope, session_id)
        found = await rows.lock_rows(
            scope,
            [like["session_day"]] * len(taken),
            [session_id] * len(taken),
            [row["n"] for row in taken],
        )
        wanted = {row["n"]: row for row in taken}
        mine = [row for row in found if _may_go(row, wanted[row["n"]])]
        held = await hold_back(scope, session, sessions[session_id], mine, wanted)
        mine = [row for row in mine if row["n"] not in held.rows]
        await write_changes(scope, sessions, _requeued(mine))
        await _insert_batch(scope, session_id, like, mine, working, held.not_after)
        faults.point("return.before_commit")
    return len(mine)


def _may_go(row: asyncpg.Record, taken: asyncpg.Record) -> bool:
    if row["attempt"] != taken["attempt"]:
        return False
    if taken["kind"] == "resend":
        return bool(row["state"] == M.QUEUED)
    return bool(row["state"] == M.UNDELIVERED and row["retry_at"] is not None)


def _requeued(mine: Sequence[asyncpg.Record]) -> list[Change]:
    changes = []
    for record in mine:
        before = msgspec.convert(dict(record), MessageRow)
        if before.state is M.UNDELIVERED:
            after = msgspec.structs.replace(before, state=M.QUEUED, retry_at=None)
            key = MessageKey(record["session_day"], record["session_id"], before.n)
            changes.append(Change(key, record["phone"], before, after))
    return changes


async def _insert_batch(  # noqa: PLR0917 - one row
    scope: Scope,
    session_id: UUID,
    like: asyncpg.Record,
    mine: Sequence[asyncpg.Record],
    working: Sequence[UUID],
    not_after: datetime | None,
) -> None:
    if not mine:
        return
    # A new choice: what one gateway refused or could not reach may pass through another.
    gateway_id = working[mine[0]["attempt"] % len(working)]
    await batches.insert_returning(
        scope,
        session_id,
        like=like,
        gateway_id=gateway_id,
        ns=[row["n"] for row in mine],
        segments=sum(row["segments"] for row in mine),
        not_after=not_after,
    )
