"""Leases whose holder died, and what its journal still proves."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from backend.campaigns.schemas.sessions import ProgressDelta
from backend.campaigns.service.progress import record_progress
from backend.campaigns.service.watching import LockedSession, lock_for_sending
from backend.campaigns.states import SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.delivery.queries import batches, outcomes as rows
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.carriers import Carriers
from backend.delivery.states import BatchState, MessageState, resend_delay_seconds
from backend.gateways.journal import JournalEntry, read
from backend.kernel import faults
from backend.kernel.principal import system
from backend.ledger.service.holds import release

EXPIRED_ROWS_MAX = 200
M = MessageState


async def recover_expired() -> int:
    """Use case of the clock: rows above the mark stay queued, those of the last window without an
    outcome become unconfirmed. Returns the batches taken over.
    """
    async with platform_scope(system("leases"), "expired leases") as scope:
        expired = await batches.expired(scope, EXPIRED_ROWS_MAX)
    taken = 0
    for row in expired:
        taken += await take_over(row["tenant_id"], row["session_id"], row["batch_no"], row["fence"])
    return taken


async def take_over(tenant_id: UUID, session_id: UUID, batch_no: int, fence: int) -> bool:
    async with tenant_scope(system("leases", tenant_id)) as scope:
        locked = await lock_for_sending(scope, session_id)
        state = BatchState.QUEUED
        if locked.is_stopped or locked.state in (SessionState.FAILED, SessionState.COMPLETED):
            state = BatchState.CANCELLED
        elif locked.state is SessionState.PAUSED:
            state = BatchState.PAUSED
        batch = await batches.take_over(scope, session_id, batch_no, fence, state.value)
        if batch is None:
            return False
        if batch["window_ns"]:
            key = SessionKey(batch["session_day"], session_id)
            left = await rows.window_rows(scope, key, batch["window_ns"], [M.SUBMITTING])
            await _doubt(scope, key, batch, left)
        faults.point("expire.before_commit")
    return True


async def _doubt(
    scope: Scope, key: SessionKey, batch: asyncpg.Record, left: Sequence[asyncpg.Record]
) -> None:
    if not left:
        return
    await rows.write_states(
        scope, key, [(r["n"], r["attempt"], M.UNCONFIRMED.value, r["resends"]) for r in left]
    )
    await rows.note_attempts(
        scope,
        key,
        batch["gateway_id"],
        batch["sender"],
        [(r["n"], r["attempt"], r["phone"], "unconfirmed", 0, "sender_died") for r in left],
    )
    deltas: dict[int, ProgressDelta] = {}
    for row in left:
        delta = deltas.setdefault(row["batch_no"], ProgressDelta(batch_no=row["batch_no"]))
        delta.unconfirmed += 1
        delta.ever_submitted += row["attempt"] == 1
    await record_progress(scope, key.session_id, deltas.values(), submitted_at=scope.now)


async def recover_journals(carriers: Carriers) -> int:
    """At the start of a sending process: rows its dead predecessors never handed to a socket go
    back to the queue, also where the clock had declared them unconfirmed meanwhile.
    """
    returned = 0
    for path in carriers.left_journals():
        entry = read(path)
        if entry is not None:
            returned += await _return_unwritten(entry)
        path.unlink(missing_ok=True)
    return returned


async def _return_unwritten(entry: JournalEntry) -> int:
    async with platform_scope(system("journal"), "window of a journal") as scope:
        batch = await batches.of_window(scope, entry.window_token)
    if batch is None or not batch["window_ns"]:
        return 0
    if batch["state"] == BatchState.LEASED:
        await take_over(batch["tenant_id"], batch["session_id"], batch["batch_no"], batch["fence"])
    key = SessionKey(batch["session_day"], batch["session_id"])
    async with tenant_scope(system("journal", batch["tenant_id"])) as scope:
        locked = await lock_for_sending(scope, key.session_id)
        again = await batches.clear_window(
            scope, key.session_id, batch["batch_no"], entry.window_token
        )
        if not again:
            return 0
        claimed = await rows.claimed_rows(scope, key, batch["window_ns"])
        unwritten = [
            row
            for index, row in enumerate(claimed)
            if index > entry.last_index and row["state"] == M.UNCONFIRMED
        ]
        await _give_back(scope, key, locked, unwritten)
        return len(unwritten)


async def _give_back(
    scope: Scope, key: SessionKey, locked: LockedSession, unwritten: Sequence[asyncpg.Record]
) -> None:
    if not unwritten:
        return
    values = []
    waiting = []
    deltas: dict[int, ProgressDelta] = {}
    due = scope.now + timedelta(seconds=resend_delay_seconds(0))
    released = 0
    for row in unwritten:
        is_first = row["attempt"] == 1
        state = M.QUEUED
        if locked.is_stopped:
            state = M.CANCELLED if is_first else M.UNDELIVERED
        attempt = 0 if is_first else row["attempt"]
        values.append((row["n"], attempt, state.value, row["resends"]))
        delta = deltas.setdefault(row["batch_no"], ProgressDelta(batch_no=row["batch_no"]))
        delta.unconfirmed -= 1
        delta.ever_submitted -= is_first
        delta.cancelled += state is M.CANCELLED
        delta.undelivered += state is M.UNDELIVERED
        if state is M.QUEUED:
            waiting.append((row["n"], "resend", attempt, due))
        elif state is M.CANCELLED:
            released += row["credits"] - row["charged"]
    await rows.write_states(scope, key, values)
    await rows.end_attempts(scope, key.session_id, [(r["n"], r["attempt"]) for r in unwritten])
    if waiting:
        await rows.put_waiting(scope, key.session_id, waiting)
    await record_progress(scope, key.session_id, deltas.values())
    if released and locked.hold_id is not None:
        reference = f"journal:{key.session_id}:{unwritten[0]['n']}:{scope.now.isoformat()}"
        await release(scope, locked.hold_id, released, reference)
