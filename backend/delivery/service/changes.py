"""News about messages, whoever brings them: receipts, late answers, matches of Rule X3.

One tenant at a time, locks in one order for everybody: sessions, messages, progress, ledger.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.audience.service.contacts import record_contacts
from backend.audience.states import ContactKind
from backend.campaigns.schemas.sessions import ProgressDelta
from backend.campaigns.service.progress import record_progress
from backend.campaigns.service.watching import LockedSession, lock_sessions
from backend.db.scope import Scope
from backend.delivery.queries import outcomes as rows
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.delivered import Tally, TenantReceipts, news_of, write_delivered
from backend.delivery.states import (
    FAILED,
    MessageRow,
    MessageState,
    News,
    Rank,
    all_parts,
    apply_news,
    merge_ranks,
    ranks_of,
)
from backend.kernel.ids import uuid7
from backend.ledger.service.holds import capture

M = MessageState


class MessageKey(NamedTuple):
    session_day: date
    session_id: UUID
    n: int


class Change(msgspec.Struct, frozen=True, gc=False):
    """A row before and after."""

    key: MessageKey
    phone: str
    before: MessageRow
    after: MessageRow


AttemptNews = Mapping[MessageKey, Mapping[int, News]]
"""Message → attempt → what is new about it."""


async def bring_receipts(scope: Scope, told: TenantReceipts) -> int:
    """Apply them in the tenant the scope is in; returns the rows that changed."""
    await rows.expect_many(scope)
    sessions = await lock_sessions(scope, sorted({key.session_id for key in told}))
    tally, left = await write_delivered(scope, sessions, told)
    news = {
        MessageKey(*key, n): news_of(pairs)
        for key, of_session in left.items()
        for n, pairs in of_session.items()
    }
    changes = await _changes(scope, sessions, news)
    await write_changes(scope, sessions, changes, tally)
    return tally.changed + len(changes)


async def bring_news(scope: Scope, news: AttemptNews) -> int:
    """Apply them in the tenant the scope is in; returns the rows that changed."""
    sessions = await lock_sessions(scope, sorted({key.session_id for key in news}))
    changes = await _changes(scope, sessions, news)
    await write_changes(scope, sessions, changes)
    return len(changes)


async def _changes(
    scope: Scope, sessions: Mapping[UUID, LockedSession], news: AttemptNews
) -> list[Change]:
    """Of rows it locks, in one order for everybody."""
    if not news:
        return []
    keys = sorted(news, key=lambda key: (key.session_id, key.n))
    found = await rows.lock_rows(
        scope, [k.session_day for k in keys], [k.session_id for k in keys], [k.n for k in keys]
    )
    changes = []
    for record in found:
        key = MessageKey(record["session_day"], record["session_id"], record["n"])
        before = msgspec.convert(dict(record), MessageRow)
        after = before
        for attempt, told in sorted(news[key].items()):
            if attempt == before.attempt:
                after = _applied(scope, sessions[key.session_id], after, told)
            elif attempt < before.attempt:
                after = await _of_earlier_attempt(scope, key, after, attempt, told)
        if after != before:
            changes.append(Change(key, record["phone"], before, after))
    return changes


def _applied(scope: Scope, session: LockedSession, row: MessageRow, told: News) -> MessageRow:
    is_open = session.is_open
    after = apply_news(row, told, scope.now, may_retry=is_open and not session.is_stopped)
    # After the end the money is settled: a late receipt changes what the row says, nothing else.
    return after if is_open else msgspec.structs.replace(after, charged=row.charged)


async def _of_earlier_attempt(
    scope: Scope, key: MessageKey, row: MessageRow, attempt: int, told: News
) -> MessageRow:
    """A retry has replaced it: only *delivered* still counts, whatever the attempt."""
    kept = await rows.merge_earlier_attempt(scope, key.session_id, key.n, attempt)
    if kept is None:
        return row
    ranks = merge_ranks(kept["ranks"], told.ranks)
    parts = kept["parts_accepted"] | told.parts_accepted
    await rows.write_earlier_attempt(
        scope, key.session_id, key.n, attempt, parts_accepted=parts, ranks=ranks
    )
    is_delivered = min(ranks_of(ranks, row.segments)) == Rank.DELIVERED
    if not is_delivered or row.state in (M.SUBMITTING, M.EXCLUDED, M.CANCELLED):
        return row
    done_at = row.done_by(told.done_at)
    return msgspec.structs.replace(row, state=M.DELIVERED, retry_at=None, done_at=done_at)


async def write_changes(
    scope: Scope,
    sessions: Mapping[UUID, LockedSession],
    changes: Sequence[Change],
    tally: Tally | None = None,
) -> None:
    """Rows, waiting list, progress, contacts and credits of rows the caller has locked; `tally`
    counts what was written before them.
    """
    tally = tally or Tally()
    if not changes and not tally.changed:
        return
    by_session: dict[UUID, list[Change]] = {}
    for change in changes:
        by_session.setdefault(change.key.session_id, []).append(change)
    await rows.expect_many(scope)
    for session_id, of_session in sorted(by_session.items()):
        # Whoever locked them may have been told of them in any order.
        of_session.sort(key=lambda change: change.after.n)
        after = [change.after for change in of_session]
        columns = [[getattr(row, name) for row in after] for name in _WRITTEN]
        key = SessionKey(of_session[0].key.session_day, session_id)
        written = await rows.write_rows(scope, key, [row.n for row in after], columns)
        if written != len(after):
            raise RuntimeError(f"{len(after) - written} rows that were locked are not there")
        await _note_waiting(scope, session_id, of_session)
    for session_id in sorted(by_session.keys() | tally.deltas.keys()):
        of_session = by_session.get(session_id, [])
        written_before = tally.deltas.get(session_id, [])
        await _note_progress(scope, sessions[session_id], of_session, written_before)
    delivered = [c.phone for c in changes if c.after.state is M.DELIVERED is not c.before.state]
    await record_contacts(scope, ContactKind.DELIVERED, [*tally.phones, *delivered])
    for session_id, of_session in sorted(by_session.items()):
        await _capture(scope, sessions[session_id], of_session)


_WRITTEN = (
    "state",
    "charged",
    "parts_accepted",
    "ranks",
    "cause_rank",
    "cause",
    "error_code",
    "retry_at",
    "accepted_at",
    "done_at",
)


async def _note_waiting(scope: Scope, session_id: UUID, changes: Iterable[Change]) -> None:
    put = []
    dropped = []
    ended = []
    for change in changes:
        before, after = change.before, change.after
        if after.retry_at is not None and before.retry_at is None:
            put.append((after.n, "retry", after.attempt, after.retry_at))
        elif (
            before.retry_at is not None and after.retry_at is None
        ) or before.state is M.QUEUED is not after.state:
            dropped.append(after.n)
        if before.state is M.UNCONFIRMED is not after.state:
            ended.append((after.n, after.attempt))
    if put:
        await rows.put_waiting(scope, session_id, put)
    if dropped:
        await rows.drop_waiting(scope, session_id, dropped)
    if ended:
        await rows.end_attempts(scope, session_id, ended)


async def _note_progress(
    scope: Scope,
    session: LockedSession,
    changes: Iterable[Change],
    written_before: Iterable[ProgressDelta],
) -> None:
    deltas: dict[int, ProgressDelta] = {}
    for delta in written_before:
        into = deltas.setdefault(delta.batch_no, ProgressDelta(batch_no=delta.batch_no))
        into.accepted += delta.accepted
        into.delivered += delta.delivered
    causes: dict[str, int] = {}
    is_open = session.is_open
    for change in changes:
        before, after = change.before, change.after
        delta = deltas.setdefault(after.batch_no, ProgressDelta(batch_no=after.batch_no))
        if not is_open:
            delta.late_receipts += 1
            continue
        _move(delta, before.counter, -1)
        _move(delta, after.counter, 1)
        new_parts = after.parts_accepted & ~before.parts_accepted
        delta.segments_accepted += new_parts.bit_count()
        delta.ever_accepted += bool(new_parts) and _is_accepted(after) and not before.charged
        delta.credits_captured += after.charged - before.charged
        for row, sign in ((before, -1), (after, 1)):
            if row.state in FAILED and row.retry_at is None:
                cause = row.cause or "unknown"
                causes[cause] = causes.get(cause, 0) + sign
    changed = {cause: count for cause, count in causes.items() if count}
    await record_progress(scope, session.id, deltas.values(), causes=changed, receipt_at=scope.now)


def _is_accepted(row: MessageRow) -> bool:
    return row.parts_accepted == all_parts(row.segments)


def _move(delta: ProgressDelta, counter: str | None, by: int) -> None:
    if counter is not None:
        setattr(delta, counter, getattr(delta, counter) + by)


async def _capture(scope: Scope, session: LockedSession, changes: Iterable[Change]) -> None:
    captured = sum(change.after.charged - change.before.charged for change in changes)
    if captured and session.hold_id is not None:
        await capture(scope, session.hold_id, captured, f"receipts:{session.id}:{uuid7()}")
