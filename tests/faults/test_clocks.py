"""Three clock processes and many sessions due in the same second, kill -9 among the clocks: each
session starts once, none early, and none waits for the clock that died (promise 9).

CLEARSEND_CLOCK_SESSIONS sessions: 60 by default, 500 in the soak.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from backend.campaigns.service.moves import read_session
from backend.campaigns.states import SessionState as S
from backend.db.scope import tenant_scope
from backend.kernel import clock
from backend.kernel.principal import system
from backend.settings import environment
from tests.browserless import settings_of
from tests.campaigns.factories import Shop, make_shop
from tests.delivery.factories import ROOT
from tests.faults.oracle import broken_promises
from tests.moderation.factories import later, make_moderator
from tests.schedules.factories import announced, in_hours, now, scheduled

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]
SESSIONS = int(os.environ.get("CLEARSEND_CLOCK_SESSIONS", "60"))
SEED = int(os.environ.get("CLEARSEND_FAULT_FIRST_SEED", "0"))
CLOCKS = 3
KILLS = max(3, SESSIONS // 60)
BOOT_SECONDS = 12
"""How long before the due second the clocks are started: all of them must have been early."""
START_SECONDS_MAX = 30 + SESSIONS / 10
DUE = "SELECT session_id, at FROM session_events WHERE event = 'due'"


class Clocks:
    """Processes, each replaced by a new one when it is killed."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.environ = environ
        self.log = log
        self.running: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        offset = str(clock.offset().total_seconds())
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.ticker", offset),
                env=self.environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self.running.append(process)

    async def replace_one(self, dice: random.Random) -> None:
        process = self.running.pop(dice.randrange(len(self.running)))
        assert process.returncode is None, self.log.read_text()[-3000:]
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        await self.start()

    async def end(self) -> None:
        for process in self.running:
            if process.returncode is None:
                process.kill()
            await process.wait()


@asynccontextmanager
async def clocks(database, redis_url: str, directory: Path) -> AsyncIterator[Clocks]:
    settings = settings_of(database, redis_url, data_dir=directory)
    environ = {**os.environ, **environment(settings), "PYTHONPATH": str(ROOT)}
    made = Clocks(environ, directory / "clocks.log")
    try:
        for _ in range(CLOCKS):
            await made.start()
        yield made
    finally:
        await made.end()


async def all_due_at_once(shop: Shop) -> tuple[set[UUID], datetime]:
    mira = await make_moderator()
    schedule = in_hours(2)
    # The words are the same: a person approves the first, and the others rest on that.
    made = [await scheduled(shop, mira, schedule) for _ in range(SESSIONS)]
    (at,) = {session.due_at for session in made}
    assert at is not None
    return {session.id for session in made}, at


async def started(shop: Shop) -> list[tuple[UUID, datetime]]:
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        return [(row["session_id"], row["at"]) for row in await scope.rows(DUE)]


async def test_each_starts_once_and_none_early_whichever_clock_dies(
    database, redis_url, tmp_path, shop
):
    ids, at = await all_due_at_once(shop)
    later(seconds=(at - now()).total_seconds() - BOOT_SECONDS)
    dice = random.Random(SEED)
    kill_at = sorted(dice.sample(range(1, SESSIONS), KILLS))
    async with clocks(database, redis_url, tmp_path) as made:
        while len(found := await started(shop)) < SESSIONS:
            assert now() < at + timedelta(seconds=START_SECONDS_MAX), (len(found), made.log)
            if kill_at and len(found) >= kill_at[0]:
                kill_at.pop(0)
                await made.replace_one(dice)
            await asyncio.sleep(0.005)
        # Whoever comes back late finds nothing left to do.
        for _ in range(len(kill_at)):
            await made.replace_one(dice)
        await asyncio.sleep(1)
    found = await started(shop)
    assert Counter(session_id for session_id, _ in found) == Counter(ids)
    assert min(moment for _, moment in found) >= at
    told = Counter(
        one["session_id"] for one in await announced(shop.tenant_id, "session.preparing")
    )
    assert told == Counter(map(str, ids))
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        states = Counter([(await read_session(scope, one)).state for one in ids])
    assert states == {S.PREPARING: SESSIONS}
    assert await broken_promises() == []


@pytest.fixture
async def shop(database):
    made = await make_shop()
    await made.people(1)
    before = clock.offset()
    yield made
    clock.set_offset(before)
