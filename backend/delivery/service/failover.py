"""Batches that wait at a gateway which cannot send them go to another.

Only what no window ever held is moved: rows above a batch's mark. What was handed to a carrier is
moved by proof alone: a refusal or a row never written comes back through `waiting_messages`, and
what is in doubt stays in doubt.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

from backend.campaigns.service.watching import lock_for_sending
from backend.campaigns.states import SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.delivery.queries import batches, held, turns
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.announcing import BatchKey
from backend.delivery.service.ways import end_of_batch, open_ways
from backend.gateways.choice import Serving, pick, serving
from backend.gateways.schemas import StandingGateway
from backend.kernel import faults
from backend.kernel.principal import system

STRANDED_ROWS_MAX: Final = 200
"""Found per statement."""
HOPELESS_MAX: Final = 100_000
"""Remembered; then all are looked at again."""


class Rescuer:
    """Of one clock: what no other gateway serves is not looked at again until that may change."""

    def __init__(self) -> None:
        self._hopeless: set[BatchKey] = set()
        self._gateways: list[StandingGateway] = []

    async def rescue(self) -> int:
        """Use case of the clock; any number of clocks. Returns the batches moved."""
        gateways = await open_ways()
        if gateways != self._gateways or len(self._hopeless) > HOPELESS_MAX:
            self._gateways = gateways
            self._hopeless.clear()
        if not any(gateway.is_choosable for gateway in gateways):
            return 0
        usable = [gateway.id for gateway in gateways if gateway.may_send]
        moved, after = 0, None
        while True:
            async with platform_scope(system("failover"), "stranded batches") as scope:
                rows = await turns.stranded(scope, usable, after, STRANDED_ROWS_MAX)
            for row in rows:
                after = BatchKey(row["tenant_id"], row["session_id"], row["batch_no"])
                if after in self._hopeless:
                    continue
                is_moved = await rescue_batch(after, gateways)
                if is_moved:
                    moved += 1
                elif is_moved is False:
                    self._hopeless.add(after)
            if len(rows) < STRANDED_ROWS_MAX:
                return moved


async def rescue_batch(key: BatchKey, gateways: Sequence[StandingGateway]) -> bool | None:
    """Use case. False: none of these gateways serves it. None: somebody has it or its session was
    paused meanwhile, so it may be asked for again.
    """
    async with tenant_scope(system("failover", key.tenant_id)) as scope:
        locked = await lock_for_sending(scope, key.session_id)
        if locked.state is not SessionState.SENDING:
            return None
        batch = await turns.lock_waiting(scope, key.session_id, key.batch_no)
        if batch is None or _may_send(gateways, batch["gateway_id"]):
            return None
        session = SessionKey(batch["session_day"], key.session_id)
        ns = batch["ns"] or list(range(batch["first_n"], batch["last_n"] + 1))
        rows = await held.queued_rows(scope, session, ns[batch["claimed_upto"] :])
        ways = _by_way(rows, gateways)
        if not any(among for among, _ in ways):
            return False
        await _move(scope, batch, ways)
        faults.point("failover.before_commit")
    return True


def _may_send(gateways: Sequence[StandingGateway], gateway_id: UUID) -> bool:
    return any(gateway.id == gateway_id and gateway.may_send for gateway in gateways)


def _by_way(
    rows: Sequence[asyncpg.Record], gateways: Sequence[StandingGateway]
) -> list[tuple[Serving, list[asyncpg.Record]]]:
    """Served or not: the empty way is a way too."""
    of_country = {country: serving(gateways, country) for country in {r["country"] for r in rows}}
    ways: dict[tuple[UUID, ...], tuple[Serving, list[asyncpg.Record]]] = {}
    for row in rows:
        among = of_country[row["country"]]
        key = tuple(gateway.id for gateway in among)
        ways.setdefault(key, (among, []))[1].append(row)
    return list(ways.values())


async def _move(
    scope: Scope, batch: asyncpg.Record, ways: Sequence[tuple[Serving, list[asyncpg.Record]]]
) -> None:
    session_id, batch_no = batch["session_id"], batch["batch_no"]
    if len(ways) == 1:
        ((among, rows),) = ways
        gateway = pick(among, (session_id, batch_no, batch["fence"]))
        if end_of_batch([row["segments"] for row in rows], 0, gateway) == len(rows):
            await turns.move_waiting(scope, session_id, batch_no, gateway.id)
            return
    await turns.end_waiting(scope, session_id, batch_no)
    for among, rows in ways:
        if not among:
            await _insert(scope, batch, batch["gateway_id"], rows)
            continue
        segments = [row["segments"] for row in rows]
        start = 0
        while start < len(rows):
            gateway = pick(among, (session_id, batch_no, rows[start]["n"]))
            end = end_of_batch(segments, start, gateway)
            await _insert(scope, batch, gateway.id, rows[start:end])
            start = end


async def _insert(
    scope: Scope, batch: asyncpg.Record, gateway_id: UUID, rows: Sequence[asyncpg.Record]
) -> None:
    await batches.insert_returning(
        scope,
        batch["session_id"],
        like=batch,
        gateway_id=gateway_id,
        ns=[row["n"] for row in rows],
        segments=sum(row["segments"] for row in rows),
        not_after=batch["not_after"],
    )
