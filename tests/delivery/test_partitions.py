"""Days to write to: made ahead by any number of clocks, and by whoever prepares a session first."""

from datetime import date, timedelta
from functools import partial

import anyio
import pytest

from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.queries import preparing as queries
from backend.delivery.service.partitions import make_ahead
from backend.kernel import clock
from backend.kernel.principal import system
from tests.delivery.factories import until
from tests.factories import make_tenant

pytestmark = pytest.mark.anyio
DAYS_AHEAD = 700
"""No other test writes so far from today, on either side."""
WAITING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
PARTS = (
    "SELECT inhparent::regclass::text AS parent FROM pg_inherits"
    " WHERE inhrelid::regclass::text LIKE $1 ORDER BY 1"
)


async def days_from_now(days: int) -> date:
    async with platform_scope(system("test"), "the time") as scope:
        return scope.now.date() + timedelta(days=days)


async def together(open_scope, act, day: date) -> None:
    """One has done it and not committed; the other has seen the day as it was, and waits for it."""
    is_done = anyio.Event()

    async def second() -> None:
        await is_done.wait()
        async with open_scope() as scope:
            assert not await act(scope, day)

    async with anyio.create_task_group() as group:
        group.start_soon(second)
        async with platform_scope(system("test"), "test") as scope:
            assert await act(scope, day)
            is_done.set()
            await until(partial(scope.value, WAITING))


async def parts_of(day: date) -> list[str]:
    async with platform_scope(system("test"), "test") as scope:
        return [row["parent"] for row in await scope.rows(PARTS, f"%{day:_%Y%m%d}")]


async def test_who_waited_for_the_day_another_made_writes_to_it(database):
    tenant_id = await make_tenant()
    day = await days_from_now(DAYS_AHEAD)
    await together(partial(tenant_scope, system("test", tenant_id)), queries.make_partitions, day)
    assert await parts_of(day) == ["carrier_ids", "exclusions", "messages", "raw_receipts"]


async def test_who_waited_for_the_day_another_dropped_has_nothing_to_drop(database):
    day = await days_from_now(-DAYS_AHEAD)
    async with platform_scope(system("test"), "test") as scope:
        assert await queries.make_partitions(scope, day)
    await together(partial(platform_scope, system("test"), "test"), queries.drop_partitions, day)
    assert await parts_of(day) == ["exclusions", "messages"]


async def test_clocks_at_once_make_a_week_once(database):
    clock.set_offset(clock.offset() + timedelta(days=DAYS_AHEAD + 30))
    made: list[int] = []

    async def one() -> None:
        made.append(await make_ahead())

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(one)
    assert sorted(made) == [0, 0, 0, 8]
