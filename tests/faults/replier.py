"""A process that stores replies and sends answers, run in a fork so that a test may kill it: a
gateway is bound, what the carrier delivers is stored, answers are sent; it ends when nothing has
happened for a while.
"""

import asyncio
from pathlib import Path

import msgspec

from backend.db.engine import DATABASE
from backend.db.scope import platform_scope
from backend.delivery.service import opening
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.system_messages import send_system_messages
from backend.kernel.principal import system
from tests.delivery.factories import SECRET_KEY

QUIET_SECONDS = 0.8
TICK_SECONDS = 0.05


class Plan(msgspec.Struct):
    database_url: str
    directory: str


async def _seen() -> object:
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT state, count(*) AS n FROM inbound_messages GROUP BY 1"
            " UNION ALL SELECT state, count(*) FROM system_messages GROUP BY 1"
        )
    return sorted((row["state"], row["n"]) for row in rows)


async def run(plan: Plan) -> None:
    await DATABASE.open(plan.database_url, connections_max=6)
    carriers = Carriers(Path(plan.directory) / "journals")
    keeper = asyncio.create_task(opening.keep_open(carriers, SECRET_KEY))
    loop = asyncio.get_running_loop()
    seen, changed_at = await _seen(), loop.time()
    bound_at: float | None = None
    while True:
        if any(carriers.ready(gateway_id) for gateway_id in carriers.gateways):
            bound_at = bound_at or loop.time()
        await send_system_messages(carriers)
        now = await _seen()
        if now != seen:
            seen, changed_at = now, loop.time()
        since = max(changed_at, bound_at) if bound_at else loop.time()
        if loop.time() - since > QUIET_SECONDS:
            break
        if keeper.done():
            keeper.result()
        await asyncio.sleep(TICK_SECONDS)
    keeper.cancel()
    await asyncio.gather(keeper, return_exceptions=True)
    await carriers.close()
    await DATABASE.close()
