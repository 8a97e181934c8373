"""Messages held by somebody's hours: how many wait until when, and timing them anew.

A batch is taken up inside its window only. One that a pause, a retry or a slow gateway carried past
its end is dissolved, and its messages are judged again: held until the next window, or left out
where none opens within the validity.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.audience.schemas.rules import AudienceRule
from backend.audience.service.evaluation import openings
from backend.audience.service.reach import AT_ONCE, Opening
from backend.campaigns.schemas.sessions import ProgressDelta, SessionRow
from backend.campaigns.service.contents import read_audience_rule
from backend.campaigns.service.moves import read_session
from backend.campaigns.service.progress import record_progress
from backend.campaigns.service.watching import LockedSession, lock_for_sending
from backend.campaigns.states import SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.delivery.queries import held as queries, outcomes as rows_of_messages
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.schemas import WaitingHour, WaitingView
from backend.delivery.service.changes import Change, MessageKey, write_changes
from backend.delivery.service.pages import Window
from backend.delivery.states import MessageRow, MessageState
from backend.kernel import faults
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system
from backend.ledger.service.holds import release

CLOSED_BATCHES_MAX = 200


async def read_waiting(principal: Principal, session_id: UUID) -> WaitingView:
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        rows = await queries.waiting(scope, session.id)
    hours = [WaitingHour(opens_at=row["opens_at"], messages=row["messages"]) for row in rows]
    return WaitingView(
        messages=sum(hour.messages for hour in hours),
        next_at=hours[0].opens_at if hours else None,
        last_at=hours[-1].opens_at if hours else None,
        hours=hours,
    )


async def retime_closed() -> int:
    """Use case of the clock; any number of clocks. Returns the batches dissolved. Page by page to
    the end: a batch of a session that does not send stays, and must not hide the others.
    """
    dissolved, after = 0, None
    while True:
        async with platform_scope(system("hours"), "closed batches") as scope:
            closed = await queries.closed(scope, after, CLOSED_BATCHES_MAX)
        for row in closed:
            after = (row["tenant_id"], row["session_id"], row["batch_no"])
            dissolved += await retime_batch(*after)
        if len(closed) < CLOSED_BATCHES_MAX:
            return dissolved


async def retime_batch(tenant_id: UUID, session_id: UUID, batch_no: int) -> bool:
    async with tenant_scope(system("hours", tenant_id)) as scope:
        locked = await lock_for_sending(scope, session_id)
        if locked.state is not SessionState.SENDING:
            return False  # paused ones are judged when they go on, stopped ones are over
        batch = await queries.end_closed(scope, session_id, batch_no)
        if batch is None:
            return False
        session = await read_session(scope, session_id)
        key = SessionKey(batch["session_day"], session_id)
        ns = batch["ns"] or list(range(batch["first_n"], batch["last_n"] + 1))
        rows = await queries.queued_rows(scope, key, ns[batch["claimed_upto"] :])
        found = await openings_of(scope, session, rows)
        await _spread(scope, key, batch, rows, found)
        expired = [row for row in rows if _opening(found, row).closed_by is not None]
        await expire_rows(scope, key, locked, expired, found)
        faults.point("hours.before_commit")
    return True


async def openings_of(
    scope: Scope, session: SessionRow, rows: Sequence[asyncpg.Record]
) -> dict[UUID, Opening]:
    """A step: by subscriber, as groups and settings are now."""
    rule: AudienceRule = await read_audience_rule(scope, session)
    ids = [row["subscriber_id"] for row in rows if row["subscriber_id"] is not None]
    return await openings(scope, rule, ids)


def _opening(found: Mapping[UUID, Opening], row: asyncpg.Record) -> Opening:
    """Of somebody erased meanwhile nothing is known; the claim judges them like anybody."""
    return found.get(row["subscriber_id"], AT_ONCE)


async def _spread(
    scope: Scope,
    key: SessionKey,
    like: asyncpg.Record,
    rows: Sequence[asyncpg.Record],
    found: Mapping[UUID, Opening],
) -> None:
    by_window: dict[Window, list[asyncpg.Record]] = {}
    for row in rows:
        opening = _opening(found, row)
        if opening.closed_by is None:
            window = Window(opening.opens_at, opening.closes_at)
            by_window.setdefault(window, []).append(row)
    for window, of_window in by_window.items():
        await queries.insert_held(
            scope,
            key.session_id,
            like=like,
            rows=of_window,
            opens_at=window.opens_at,
            not_after=window.last_moment,
        )


async def expire_rows(
    scope: Scope,
    key: SessionKey,
    locked: LockedSession,
    expired: Sequence[asyncpg.Record],
    found: Mapping[UUID, Opening],
) -> None:
    """A step: left out with what closed them, and their part of the hold released."""
    if not expired:
        return
    evidence = [_opening(found, row).closed_by or "hours" for row in expired]
    await rows_of_messages.expect_many(scope)
    await queries.exclude_expired(scope, key, expired, evidence)
    deltas: dict[int, ProgressDelta] = {}
    released = 0
    for row in expired:
        delta = deltas.setdefault(row["batch_no"], ProgressDelta(batch_no=row["batch_no"]))
        if row["charged"]:
            delta.undelivered += 1
        else:
            delta.excluded += 1
            released += row["credits"]
    causes = {"quiet_hours_expired": len(expired)}
    await record_progress(scope, key.session_id, deltas.values(), causes=causes)
    if released and locked.hold_id is not None:
        reference = f"quiet-hours:{key.session_id}:{uuid7()}"
        await release(scope, locked.hold_id, released, reference)


class HeldBack(msgspec.Struct, frozen=True):
    """`rows`: the numbers that do not go now; `not_after`: until when the others may."""

    rows: frozenset[int] = frozenset()
    not_after: datetime | None = None


async def hold_back(
    scope: Scope,
    session: SessionRow,
    locked: LockedSession,
    mine: Sequence[asyncpg.Record],
    wanted: Mapping[int, asyncpg.Record],
) -> HeldBack:
    """A step: of messages that come back, those whose recipients are not written to now wait for
    their window; where none opens within the validity they end. `mine` are locked.
    """
    if not mine or not await queries.has_hours(scope, session.id):
        return HeldBack()
    key = SessionKey(mine[0]["session_day"], session.id)
    people = await queries.subscribers_of(scope, key, [row["n"] for row in mine])
    found = await openings_of(scope, session, people)
    by_n = {row["n"]: _opening(found, row) for row in people}
    later, ended = [], []
    moments = []
    for row in mine:
        opening = by_n[row["n"]]
        if opening.closed_by is not None:
            ended.append(row)
        elif opening.opens_at is not None:
            told = wanted[row["n"]]
            later.append((row["n"], told["kind"], told["attempt"], opening.opens_at))
        elif opening.closes_at is not None:
            moments.append(Window(None, opening.closes_at).last_moment)
    if later:
        await rows_of_messages.put_waiting(scope, session.id, later)
    await _end_returning(scope, key, locked, ended, found)
    numbers = frozenset({n for n, *_ in later} | {row["n"] for row in ended})
    return HeldBack(numbers, min((m for m in moments if m is not None), default=None))


async def _end_returning(
    scope: Scope,
    key: SessionKey,
    locked: LockedSession,
    ended: Sequence[asyncpg.Record],
    found: Mapping[UUID, Opening],
) -> None:
    """Never with the carrier: left out. Proven undelivered: that is how it ends."""
    queued = [row["n"] for row in ended if row["state"] == MessageState.QUEUED]
    rows = await queries.queued_rows(scope, key, queued) if queued else []
    await expire_rows(scope, key, locked, rows, found)
    changes = []
    for record in ended:
        if record["state"] == MessageState.QUEUED:
            continue
        before = msgspec.convert(dict(record), MessageRow)
        after = msgspec.structs.replace(before, retry_at=None, cause="quiet_hours_expired")
        message_key = MessageKey(key.session_day, key.session_id, before.n)
        changes.append(Change(message_key, record["phone"], before, after))
    await write_changes(scope, {locked.id: locked}, changes)
