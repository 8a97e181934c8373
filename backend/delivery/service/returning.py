"""Messages that come back — refused, never written, proven undelivered — in new batches."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.service.watching import lock_sessions
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.delivery.queries import batches, outcomes as rows, waiting
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.changes import Change, MessageKey, write_changes
from backend.delivery.service.holding import hold_back
from backend.delivery.service.ways import end_of_batch, open_ways
from backend.delivery.states import MessageRow, MessageState
from backend.gateways.choice import pick, serving
from backend.gateways.schemas import StandingGateway
from backend.kernel import faults
from backend.kernel.errors import StateConflict
from backend.kernel.principal import system

SESSIONS_MAX = 200
UNSERVED_SECONDS = 60
"""Until the next look at messages that no gateway serves."""
M = MessageState


async def return_due() -> int:
    """Use case of the clock; any number of clocks. Returns the messages put into new batches."""
    async with platform_scope(system("returns"), "due messages") as scope:
        due = await waiting.sessions_due(scope, SESSIONS_MAX)
    gateways = await open_ways() if due else []
    returned = 0
    for row in due if any(gateway.is_choosable for gateway in gateways) else ():
        try:
            returned += await return_of_session(row["tenant_id"], row["session_id"], gateways)
        except StateConflict:
            continue  # it moved meanwhile: the next sweep sees where to
    return returned


async def return_of_session(
    tenant_id: UUID, session_id: UUID, gateways: Sequence[StandingGateway]
) -> int:
    async with tenant_scope(system("returns", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is SessionState.SETTLING and not session.is_stopped:
            if not await _may_resume(scope, session, gateways):
                return 0
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
        ways = await _by_way(scope, session_id, mine, wanted, gateways)
        mine = [row for _, of_way in ways for row in of_way]
        await write_changes(scope, sessions, _requeued(mine))
        for gateway, of_way in ways:
            await _insert_batches(scope, session_id, like, of_way, gateway, held.not_after)
        faults.point("return.before_commit")
    return len(mine)


async def _may_resume(
    scope: Scope, session: SessionRow, gateways: Sequence[StandingGateway]
) -> bool:
    """Retries that no gateway serves now are not due: for them a session that only waits for
    receipts would go to sending and back each time they are looked at.
    """
    ns = await waiting.due_ns(scope, session.id)
    if not ns or session.session_day is None:
        return False
    rows = await waiting.ways(scope, SessionKey(session.session_day, session.id), ns)
    if any(serving(gateways, country) for country in {row["country"] for row in rows}):
        return True
    due = scope.now + timedelta(seconds=UNSERVED_SECONDS)
    await waiting.put_off(scope, session.id, ns, due)
    return False


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


async def _by_way(
    scope: Scope,
    session_id: UUID,
    mine: Sequence[asyncpg.Record],
    wanted: Mapping[int, asyncpg.Record],
    gateways: Sequence[StandingGateway],
) -> list[tuple[StandingGateway, list[asyncpg.Record]]]:
    """A new choice: what one gateway refused or could not be given passes through another where
    there is one. Those that no gateway serves now wait on.
    """
    if not mine:
        return []
    key = SessionKey(mine[0]["session_day"], session_id)
    by_n = {row["n"]: row for row in await waiting.ways(scope, key, [row["n"] for row in mine])}
    chosen: dict[tuple[str, UUID | None], StandingGateway | None] = {}
    ways: dict[UUID, tuple[StandingGateway, list[asyncpg.Record]]] = {}
    on: list[tuple[int, str, int, datetime]] = []
    for row in mine:
        told, was = wanted[row["n"]], by_n[row["n"]]
        avoid = was["gateway_id"] if told["kind"] == "resend" else None
        case = (was["country"], avoid)
        if case not in chosen:
            among = serving(gateways, was["country"])
            chosen[case] = pick(among, (session_id, mine[0]["n"]), avoid) if among else None
        gateway = chosen[case]
        if gateway is None:
            due = scope.now + timedelta(seconds=UNSERVED_SECONDS)
            on.append((row["n"], told["kind"], told["attempt"], due))
        else:
            ways.setdefault(gateway.id, (gateway, []))[1].append(row)
    if on:
        await rows.put_waiting(scope, session_id, on)
    return list(ways.values())


async def _insert_batches(  # noqa: PLR0917 - one row
    scope: Scope,
    session_id: UUID,
    like: asyncpg.Record,
    mine: Sequence[asyncpg.Record],
    gateway: StandingGateway,
    not_after: datetime | None,
) -> None:
    segments = [row["segments"] for row in mine]
    start = 0
    while start < len(mine):
        end = end_of_batch(segments, start, gateway)
        await batches.insert_returning(
            scope,
            session_id,
            like=like,
            gateway_id=gateway.id,
            ns=[row["n"] for row in mine[start:end]],
            segments=sum(segments[start:end]),
            not_after=not_after,
        )
        start = end
