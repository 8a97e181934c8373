"""Leases of batches and the claim of a window: committed before the first byte leaves."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from backend.campaigns.schemas.sessions import ProgressDelta
from backend.campaigns.service.progress import record_progress
from backend.campaigns.service.watching import LockedSession, lock_for_sending
from backend.campaigns.states import SessionState
from backend.db.scope import Scope, tenant_scope
from backend.delivery.queries import batches, claims
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.states import BatchState, MessageState
from backend.gateways.port import Outcome, Submission
from backend.kernel import faults
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.service.holds import release
from backend.sms import segments
from backend.sms.encoding import Encoding

LEASE_SECONDS = 45
"""Longer than the 5 s to the last byte, the 10 s to the answers and a wait for throughput."""
WINDOW_MESSAGES_MAX = 200
VALIDITY_SECONDS = 24 * 3600
GSM7_DATA_CODING = 0
UCS2_DATA_CODING = 8


class Lease(msgspec.Struct, frozen=True):
    tenant_id: UUID
    session_id: UUID
    batch_no: int
    session_day: date
    generation: int
    gateway_id: UUID
    sender: str
    first_n: int
    last_n: int
    ns: list[int] | None
    size: int
    segments: int
    claimed_upto: int
    fence: int

    @property
    def key(self) -> SessionKey:
        return SessionKey(self.session_day, self.session_id)

    def numbers(self, start: int, count: int) -> list[int]:
        if self.ns is not None:
            return self.ns[start : start + count]
        first = self.first_n + start
        return list(range(first, min(first + count, self.last_n + 1)))


class SubmissionKey(NamedTuple):
    """Our name for a submission; comes back in its outcomes."""

    tenant_id: UUID
    session_day: date
    session_id: UUID
    n: int
    attempt: int


class Part(NamedTuple):
    """One submitted part: where its receipt belongs."""

    tenant_id: UUID
    session_day: date
    session_id: UUID
    n: int
    attempt: int
    part: int


def key_of(outcome: Outcome) -> SubmissionKey:
    assert isinstance(outcome.key, SubmissionKey)
    return outcome.key


class ClaimedMessage(msgspec.Struct, frozen=True, gc=False):
    """A row of ours while it is being submitted."""

    n: int
    batch_no: int
    phone: str
    body: str
    encoding: str
    segments: int
    credits: int
    charged: int
    attempt: int
    resends: int


class Window(msgspec.Struct, frozen=True):
    token: UUID
    claimed_upto: int
    messages: list[ClaimedMessage]


class Halt(msgspec.Struct, frozen=True):
    """No window: the batch goes back in this state."""

    state: BatchState


async def take_lease(tenant_id: UUID, session_id: UUID, batch_no: int) -> Lease | None:
    """None: taken, done, stopped or not due. The fence tells this holder from every other."""
    async with tenant_scope(system("send", tenant_id)) as scope:
        until = scope.now + timedelta(seconds=LEASE_SECONDS)
        row = await batches.lease(scope, session_id, batch_no, until)
    faults.point("lease.committed")
    return None if row is None else msgspec.convert(dict(row), Lease)


def halted_state(locked: LockedSession, generation: int) -> BatchState | None:
    """What becomes of a batch whose session does not send; None where it does."""
    if locked.generation != generation:
        return BatchState.CANCELLED
    if locked.state is SessionState.PAUSED:
        return BatchState.PAUSED
    if locked.state is not SessionState.SENDING:
        return BatchState.CANCELLED if locked.is_stopped else BatchState.QUEUED
    return BatchState.QUEUED if locked.is_killed else None


async def claim_window(lease: Lease, claimed_upto: int, messages_max: int) -> Window | Halt:
    """Two statements: the locks, then the claim, whose snapshot is younger than the locks."""
    numbers = lease.numbers(claimed_upto, messages_max)
    if not numbers:
        return Halt(BatchState.DONE)
    token = uuid7()
    async with tenant_scope(system("send", lease.tenant_id)) as scope:
        locked = await lock_for_sending(scope, lease.session_id)
        halted = halted_state(locked, lease.generation)
        if halted is not None:
            return Halt(halted)
        faults.point("claim.locked")
        moved = await batches.move_mark(
            scope,
            lease.session_id,
            lease.batch_no,
            fence=lease.fence,
            claimed_upto=claimed_upto + len(numbers),
            window_token=token,
            window_ns=numbers,
            until=scope.now + timedelta(seconds=LEASE_SECONDS),
        )
        if not moved:
            return Halt(BatchState.LEASED)
        if lease.ns is not None:
            await claims.keep_earlier_attempts(scope, lease.key, numbers)
        rows = await claims.claim(scope, lease.key, numbers, lease.sender, lease.gateway_id)
        await _note_claim(scope, lease, locked, rows)
        faults.point("claim.before_commit")
    faults.point("claim.committed")
    ours = [
        msgspec.convert(dict(row), ClaimedMessage)
        for row in rows
        if row["state"] == MessageState.SUBMITTING
    ]
    return Window(token, claimed_upto + len(numbers), ours)


async def _note_claim(
    scope: Scope, lease: Lease, locked: LockedSession, rows: Sequence[asyncpg.Record]
) -> None:
    again = [r for r in rows if r["attempt"] > 1 and r["state"] == MessageState.SUBMITTING]
    if again:
        await claims.insert_attempts(scope, lease.key, lease.gateway_id, lease.sender, again)
    opted_out = [row for row in rows if row["state"] != MessageState.SUBMITTING]
    if not opted_out:
        return
    deltas: dict[int, ProgressDelta] = {}
    released = 0
    for row in opted_out:
        delta = deltas.setdefault(row["batch_no"], ProgressDelta(batch_no=row["batch_no"]))
        if row["state"] == MessageState.EXCLUDED:
            delta.excluded += 1
            released += row["credits"]
        else:
            delta.undelivered += 1
    await record_progress(
        scope, lease.session_id, deltas.values(), causes={"opted_out": len(opted_out)}
    )
    if released and locked.hold_id is not None:
        reference = f"opted-out:{lease.session_id}:{uuid7()}"
        await release(scope, locked.hold_id, released, reference)


def submission(lease: Lease, message: ClaimedMessage) -> Submission:
    is_gsm = message.encoding == Encoding.GSM7
    return Submission(
        SubmissionKey(
            lease.tenant_id, lease.session_day, lease.session_id, message.n, message.attempt
        ),
        message.phone,
        lease.sender,
        tuple(segments.split(message.body)),
        GSM7_DATA_CODING if is_gsm else UCS2_DATA_CODING,
        VALIDITY_SECONDS,
        reference_of(lease.session_id, message.n, message.attempt),
    )


def reference_of(session_id: UUID, n: int, attempt: int) -> str:
    """Travels with the message, so that a receipt without a known id still names it (Rule X3)."""
    return f"{session_id}:{n}:{attempt}"


async def give_back(lease: Lease, state: BatchState, *, pause_seconds: float = 0) -> None:
    """What becomes of the batch is decided anew under the session's lock: between a halted claim
    and this, a resume may have passed, and a batch left `paused` would never be leased again.
    """
    async with tenant_scope(system("send", lease.tenant_id)) as scope:
        if state is not BatchState.DONE:
            locked = await lock_for_sending(scope, lease.session_id)
            state = halted_state(locked, lease.generation) or BatchState.QUEUED
        await batches.give_back(
            scope,
            lease.session_id,
            lease.batch_no,
            lease.fence,
            state.value,
            scope.now + timedelta(seconds=pause_seconds),
        )
