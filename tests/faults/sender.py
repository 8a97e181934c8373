"""A sending process with its clock, run in a fork so that a test may kill it anywhere: prepares
and sends one session to its end. When nothing happens any more the clock is moved on, so that
leases and deadlines pass in seconds.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from backend.db.engine import DATABASE
from backend.db.scope import tenant_scope
from backend.delivery.service import matching, opening, recovery, returning, settling
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.failover import Rescuer
from backend.delivery.service.partitions import make_ahead
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.sending import send_batch
from backend.delivery.service.stopping import stop_session
from backend.gateways.service import note_working
from backend.gateways.watching import judge_gateways
from backend.kernel import clock
from backend.kernel.principal import system
from tests.delivery.factories import SECRET_KEY, ListedEvaluator, recipient, use

QUIET_SECONDS = 0.4
OWED_SECONDS = 8.0  # for a carrier that has receipts to send yet, on a machine that is busy
STEPS = (timedelta(seconds=70), timedelta(seconds=70), timedelta(hours=50))
TICK_SECONDS = 0.05
rescuer = Rescuer()


class Plan(msgspec.Struct):
    database_url: str
    directory: str
    tenant_id: UUID
    session_id: UUID
    recipients: int
    segments: int = 1
    lanes: int = 3
    is_stopped: bool = False
    """Somebody stops it as soon as something was accepted."""


async def _state(plan: Plan) -> tuple[str, tuple[Any, ...]]:
    async with tenant_scope(system("test", plan.tenant_id)) as scope:
        row = await scope.one(
            "SELECT state, generation FROM campaign_sessions WHERE id = $1", plan.session_id
        )
        counts = await scope.rows(
            "SELECT state, count(*)::int AS c FROM messages WHERE session_id = $1 GROUP BY 1"
            " ORDER BY 1",
            plan.session_id,
        )
    return row["state"], (row["generation"], *((r["state"], r["c"]) for r in counts))


async def _lane(carriers: Carriers, busy: set[object]) -> None:
    while True:
        for batch in await due_batches(20):
            if batch.key not in busy:
                busy.add(batch.key)
                try:
                    await send_batch(carriers, *batch.key)
                finally:
                    busy.discard(batch.key)
        await asyncio.sleep(TICK_SECONDS)


async def _tick(plan: Plan, state: str, counts: tuple[Any, ...]) -> None:
    if state == "preparing":
        await prepare_session(plan.tenant_id, plan.session_id)
    has_begun = any(count[0] in ("accepted", "delivered") for count in counts)
    if plan.is_stopped and state == "sending" and has_begun:
        await stop_session(system("test", plan.tenant_id), plan.session_id)
    await recovery.recover_expired()
    await judge_gateways()
    await rescuer.rescue()
    await matching.apply_parked()
    await matching.match_parked()
    await returning.return_due()
    await settling.settle_sessions()


async def _jump(carriers: Carriers, by: timedelta) -> None:
    """What the clock's other jobs would have kept up meanwhile: days to write to, signs of life."""
    clock.set_offset(clock.offset() + by)
    await note_working([one for one in carriers.gateways if carriers.ready(one)])
    if by > timedelta(hours=1):
        await make_ahead()


def _quiet_seconds(plan: Plan) -> float:
    """Days may pass when all that the carrier had to tell was heard, as it writes down itself."""
    written = b"".join(path.read_bytes() for path in Path(plan.directory).glob("truth-*.jsonl"))
    is_owed = written.count(b'"kind":"acknowledged"') < written.count(b'"kind":"accepted"')
    return OWED_SECONDS if is_owed else QUIET_SECONDS


async def run(plan: Plan) -> None:
    await DATABASE.open(plan.database_url, connections_max=8)
    use(
        ListedEvaluator(
            [recipient(n, segments=plan.segments) for n in range(plan.recipients)], page_rows=300
        )
    )
    carriers = Carriers(Path(plan.directory) / "journals")
    await recovery.recover_journals(carriers)
    keeper = asyncio.create_task(opening.keep_open(carriers, SECRET_KEY))
    busy: set[object] = set()
    lanes = [asyncio.create_task(_lane(carriers, busy)) for _ in range(plan.lanes)]
    loop = asyncio.get_running_loop()
    seen: object = None
    changed_at, steps = loop.time(), 0
    while True:
        state, now_seen = await _state(plan)
        if state in ("completed", "cancelled", "failed"):
            break
        if seen != now_seen or busy:
            seen, changed_at = now_seen, loop.time()
        elif loop.time() - changed_at > _quiet_seconds(plan) and carriers.gateways:
            await _jump(carriers, STEPS[min(steps, len(STEPS) - 1)])
            changed_at, steps = loop.time(), steps + 1
        await _tick(plan, state, now_seen[1:])
        for task in (keeper, *lanes):
            if task.done():
                task.result()
        await asyncio.sleep(TICK_SECONDS)
    for task in (keeper, *lanes):
        task.cancel()
    await asyncio.gather(keeper, *lanes, return_exceptions=True)
    await carriers.close()
    await DATABASE.close()
