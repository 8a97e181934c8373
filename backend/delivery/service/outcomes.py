"""What became of windows: rows, carrier ids, progress and credits in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.audience.service.contacts import record_contacts
from backend.audience.states import ContactKind
from backend.campaigns.schemas.sessions import ProgressDelta
from backend.campaigns.service.progress import record_progress
from backend.campaigns.service.watching import LockedSession, lock_for_sending
from backend.db.scope import Scope, tenant_scope
from backend.delivery.queries import batches, outcomes as rows
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.claiming import (
    LEASE_SECONDS,
    ClaimedMessage,
    Lease,
    Part,
    Window,
    key_of,
)
from backend.delivery.states import (
    RESENDS_MAX,
    MessageState,
    Verdict,
    judge,
    resend_delay_seconds,
)
from backend.gateways.port import Cause, Outcome, OutcomeKind
from backend.kernel import faults
from backend.kernel.principal import system
from backend.ledger.service.holds import capture, release

M = MessageState
Judged = tuple[ClaimedMessage, Verdict]


class Answered(NamedTuple):
    """A window and what became of its submissions, a row per part in their order."""

    lease: Lease
    window: Window
    outcomes: Sequence[Outcome]


class Recorded(msgspec.Struct, frozen=True):
    """`is_ours` False: the lease was lost; the outcomes must go the way of late answers."""

    is_ours: bool
    parts: list[tuple[str, Part]]


class _Mine(NamedTuple):
    answered: Answered
    judged: list[Judged]


def judge_window(window: Window, outcomes: Sequence[Outcome], *, is_stopped: bool) -> list[Judged]:
    """Outcomes stand in the order of submissions, a row per part."""
    judged: list[Judged] = []
    start = 0
    for message in window.messages:
        verdict = judge(outcomes[start : start + message.segments])
        start += message.segments
        if verdict.state is M.QUEUED:
            verdict = _of_unsent(message, verdict, is_stopped=is_stopped)
        judged.append((message, verdict))
    return judged


def _of_unsent(message: ClaimedMessage, verdict: Verdict, *, is_stopped: bool) -> Verdict:
    """The carrier certainly has it not: again later, or never where nobody wants it any more."""
    if is_stopped:
        state = M.CANCELLED if message.attempt == 1 else M.UNDELIVERED
        return msgspec.structs.replace(verdict, state=state)
    if message.resends >= RESENDS_MAX:
        state = M.REJECTED if message.attempt == 1 else M.UNDELIVERED
        return msgspec.structs.replace(verdict, state=state)
    return verdict


async def record_outcomes(answered: Sequence[Answered]) -> list[Recorded]:
    """Windows of one session, all or none. Meets each fence first: what was judged by others
    meanwhile is not judged again.
    """
    first = answered[0].lease
    recorded = [Recorded(is_ours=False, parts=[])] * len(answered)
    order = sorted(range(len(answered)), key=lambda at: answered[at].lease.batch_no)
    async with tenant_scope(system("send", first.tenant_id)) as scope:
        locked = await lock_for_sending(scope, first.session_id)
        mine = []
        for at in order:
            one = answered[at]
            if await _end_window(scope, one.lease):
                judged = judge_window(one.window, one.outcomes, is_stopped=locked.is_stopped)
                mine.append(_Mine(one, judged))
                recorded[at] = Recorded(is_ours=True, parts=_parts_of(one.outcomes))
        if mine:
            await _record(scope, first.key, locked, mine)
        faults.point("outcome.before_commit")
    faults.point("outcome.committed")
    return recorded


async def _end_window(scope: Scope, lease: Lease) -> bool:
    until = scope.now + timedelta(seconds=LEASE_SECONDS)
    return await batches.end_window(scope, lease.session_id, lease.batch_no, lease.fence, until)


async def _record(
    scope: Scope, key: SessionKey, locked: LockedSession, mine: Sequence[_Mine]
) -> None:
    judged = sorted((pair for one in mine for pair in one.judged), key=lambda pair: pair[0].n)
    await rows.expect_many(scope)
    await _write_rows(scope, key, judged)
    for one in mine:
        await _write_carrier_ids(scope, one.answered.lease, _parts_of(one.answered.outcomes))
        await _write_attempts(scope, one.answered.lease, one.judged)
    await record_contacts(
        scope, ContactKind.ACCEPTED, [m.phone for m, v in judged if v.state is M.ACCEPTED]
    )
    await _write_progress(scope, key.session_id, judged)
    await _move_credits(scope, mine[0].answered.window, locked, judged)


def _charge(message: ClaimedMessage, verdict: Verdict) -> int:
    price_per_part = message.credits // message.segments
    return max(message.charged, verdict.parts_accepted.bit_count() * price_per_part)


ACCEPTED_RUN_MIN = 8
"""Shorter stretches go with the rest: a statement each would cost more than its rows."""


async def _write_rows(scope: Scope, key: SessionKey, judged: Sequence[Judged]) -> None:
    """A range of first attempts that were accepted is one fact; the rest is told row by row."""
    others: list[Judged] = []
    written = 0
    for stretch in _stretches(judged):
        if _is_plain(*stretch[0]) and len(stretch) >= ACCEPTED_RUN_MIN:
            first, last = stretch[0][0].n, stretch[-1][0].n
            written += await rows.write_accepted(scope, key, first, last)
        else:
            others += stretch
    written += await _write_each(scope, key, others) if others else 0
    if written != len(judged):
        raise RuntimeError(f"{len(judged) - written} rows of our window were not ours")


def _is_plain(message: ClaimedMessage, verdict: Verdict) -> bool:
    return verdict.state is M.ACCEPTED and message.attempt == 1


def _stretches(judged: Sequence[Judged]) -> list[list[Judged]]:
    """In the order of n: neighbours without a gap that are all plain, and each other one alone."""
    stretches: list[list[Judged]] = []
    before = None
    for message, verdict in judged:
        is_plain = _is_plain(message, verdict)
        if is_plain and before == message.n - 1:
            stretches[-1].append((message, verdict))
        else:
            stretches.append([(message, verdict)])
        before = message.n if is_plain else None
    return stretches


async def _write_each(scope: Scope, key: SessionKey, judged: Sequence[Judged]) -> int:
    values = []
    waiting = []
    for message, verdict in judged:
        goes_back = verdict.state is M.QUEUED
        was_never_called = verdict.state in (M.QUEUED, M.CANCELLED) and message.attempt == 1
        attempt = 0 if was_never_called else message.attempt
        values.append(
            (
                message.n,
                message.attempt,
                attempt,
                verdict.state.value,
                message.resends + goes_back,
                verdict.parts_accepted,
                _charge(message, verdict),
                verdict.cause,
                verdict.code,
            )
        )
        if goes_back:
            due = scope.now + timedelta(seconds=resend_delay_seconds(message.resends))
            waiting.append((message.n, "resend", attempt, due))
    written = await rows.write_verdicts(scope, key, values)
    if waiting:
        await rows.put_waiting(scope, key.session_id, waiting)
    return written


def _parts_of(outcomes: Iterable[Outcome]) -> list[tuple[str, Part]]:
    return [
        (outcome.carrier_id, Part(*key_of(outcome), outcome.part))
        for outcome in outcomes
        if outcome.kind is OutcomeKind.ACCEPTED
    ]


async def _write_carrier_ids(scope: Scope, lease: Lease, parts: Sequence[tuple[str, Part]]) -> None:
    if parts:
        await rows.insert_carrier_ids(
            scope,
            lease.key,
            scope.now.date(),
            lease.gateway_id,
            [(carrier_id, part.n, part.attempt, part.part) for carrier_id, part in parts],
        )


async def _write_attempts(scope: Scope, lease: Lease, judged: Sequence[Judged]) -> None:
    noted = [
        (
            message.n,
            message.attempt,
            message.phone,
            "unconfirmed" if verdict.state is M.UNCONFIRMED else "ended",
            verdict.parts_accepted,
            verdict.code,
        )
        for message, verdict in judged
        if verdict.state is M.UNCONFIRMED or message.attempt > 1
    ]
    if noted:
        await rows.note_attempts(scope, lease.key, lease.gateway_id, lease.sender, noted)


async def _write_progress(scope: Scope, session_id: UUID, judged: Sequence[Judged]) -> None:
    deltas: dict[int, ProgressDelta] = {}
    causes: dict[str, int] = {}
    is_submitted = False
    for message, verdict in judged:
        delta = deltas.setdefault(message.batch_no, ProgressDelta(batch_no=message.batch_no))
        _count(delta, message, verdict)
        is_submitted = is_submitted or verdict.state not in (M.QUEUED, M.CANCELLED)
        if verdict.state is M.REJECTED:
            cause = verdict.cause or Cause.UNKNOWN.value
            causes[cause] = causes.get(cause, 0) + 1
    await record_progress(
        scope,
        session_id,
        deltas.values(),
        causes=causes,
        submitted_at=scope.now if is_submitted else None,
    )


def _count(delta: ProgressDelta, message: ClaimedMessage, verdict: Verdict) -> None:
    is_first = message.attempt == 1
    if verdict.state is M.ACCEPTED:
        delta.accepted += 1
        delta.ever_accepted += message.charged == 0
    elif verdict.state is M.UNCONFIRMED:
        delta.unconfirmed += 1
    elif verdict.state is M.REJECTED:
        delta.rejected += 1
    elif verdict.state is M.UNDELIVERED:
        delta.undelivered += 1
    elif verdict.state is M.CANCELLED:
        delta.cancelled += 1
    delta.ever_submitted += is_first and verdict.state not in (M.QUEUED, M.CANCELLED)
    delta.segments_accepted += verdict.parts_accepted.bit_count()
    delta.credits_captured += _charge(message, verdict) - message.charged


async def _move_credits(
    scope: Scope, window: Window, locked: LockedSession, judged: Sequence[Judged]
) -> None:
    """Last: each verb locks the tenant's ledger until the commit."""
    if locked.hold_id is None:
        raise RuntimeError("a session sends without a hold")
    captured = sum(_charge(message, verdict) - message.charged for message, verdict in judged)
    released = sum(
        message.credits - _charge(message, verdict)
        for message, verdict in judged
        if verdict.state in (M.REJECTED, M.CANCELLED)
    )
    reference = f"window:{window.token}"
    if captured:
        await capture(scope, locked.hold_id, captured, f"{reference}:captured")
    if released:
        await release(scope, locked.hold_id, released, f"{reference}:released")
