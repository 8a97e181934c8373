"""Many at once on one tenant: no deadlock, nothing negative, every credit accounted for."""

import asyncio
import random
from uuid import UUID

import pytest

from backend.db.scope import tenant_scope
from backend.kernel.errors import Conflict
from backend.kernel.principal import system
from backend.ledger.service.holds import (
    capture,
    hold,
    place_hold,
    release,
    release_rest,
    return_spent,
)
from backend.ledger.service.lots import expire_due, top_up
from tests.factories import make_tenant
from tests.ledger.factories import balance_of, make_funded_tenant, make_hold, violations_of

pytestmark = pytest.mark.anyio
CLIENTS = 6
ROUNDS = 15


async def test_parallel_captures_of_one_hold_add_up(database):
    tenant = await make_funded_tenant(10_000)
    held = await make_hold(tenant, CLIENTS * ROUNDS * 7)

    async def worker(name: int) -> None:
        for turn in range(ROUNDS):
            async with tenant_scope(system("test", tenant)) as scope:
                await capture(scope, held.id, 7, f"window:{name}:{turn}")

    await asyncio.gather(*(worker(name) for name in range(CLIENTS)))
    async with tenant_scope(system("test", tenant)) as scope:
        assert (await hold(scope, held.id)).open == 0
    assert (await balance_of(tenant)).spent_total == CLIENTS * ROUNDS * 7
    assert await violations_of(tenant) == []


async def test_holds_in_parallel_never_take_more_than_there_is(database):
    tenant = await make_funded_tenant(100)

    async def taken(name: int) -> int:
        try:
            return (await make_hold(tenant, 30)).amount
        except Conflict:
            return 0

    assert sum(await asyncio.gather(*(taken(name) for name in range(CLIENTS)))) == 90
    assert (await balance_of(tenant)).available == 10


async def test_one_reference_from_many_hands_moves_once(database):
    """The first rows of a ledger race as well: nobody had opened it."""
    tenant = await make_tenant()

    async def pay() -> bool:
        async with tenant_scope(system("test", tenant)) as scope:
            return (await top_up(scope, 100, "payment")).is_repeated

    answers = await asyncio.gather(*(pay() for _ in range(CLIENTS)))
    assert sorted(answers) == [False] + [True] * (CLIENTS - 1)
    assert (await balance_of(tenant)).available == 100


async def test_verbs_in_any_order_within_a_transaction_never_deadlock(database):
    """A ring: each client chains verbs whose accounts overlap in another order."""
    tenant = await make_funded_tenant(5_000)
    first, second = await make_hold(tenant, 1_000), await make_hold(tenant, 1_000)

    async def chain(seed: random.Random, reference: str, one: UUID, other: UUID) -> None:
        async with tenant_scope(system("test", tenant)) as scope:
            steps = [
                lambda: capture(scope, one, 2, f"c:{reference}"),
                lambda: release(scope, other, 1, f"r:{reference}"),
                lambda: top_up(scope, 3, f"t:{reference}"),
                lambda: place_hold(scope, f"h:{reference}", None, 2),
                lambda: expire_due(scope),
            ]
            seed.shuffle(steps)
            for step in steps:
                await step()

    async def worker(name: int) -> None:
        seed = random.Random(name)
        for turn in range(ROUNDS):
            one, other = seed.sample([first.id, second.id], 2)
            await chain(seed, f"{name}:{turn}", one, other)

    await asyncio.gather(*(worker(name) for name in range(CLIENTS)))
    async with tenant_scope(system("test", tenant)) as scope:
        for held in (first, second):
            await release_rest(scope, held.id, f"rest:{held.id}")
            await return_spent(scope, held.id, 1, f"return:{held.id}")
    assert await violations_of(tenant) == []
