"""Many at once on one tenant: no deadlock, nothing negative, every credit accounted for."""

import asyncio
import random
from uuid import UUID

import pytest

from backend.db.scope import Scope, batch_scope, tenant_scope
from backend.kernel.errors import Conflict
from backend.kernel.principal import system
from backend.ledger.service.disputes import (
    freeze_top_up,
    reverse_top_up,
    thaw_top_up,
    write_off,
)
from backend.ledger.service.holds import (
    capture,
    hold,
    place_hold,
    release,
    release_rest,
    return_spent,
)
from backend.ledger.service.lines import set_credit_line
from backend.ledger.service.lots import expire_due, top_up
from backend.ledger.service.refunds import refund
from tests.factories import make_tenant
from tests.ledger.factories import balance_of, make_funded_tenant, make_hold, violations_of

pytestmark = pytest.mark.anyio
CLIENTS = 6
ROUNDS = 15
REFUSALS = {
    "insufficient_credits",
    "receivable_open",
    "refund_exceeds_unspent",
    "already_disputed",
    "not_disputed",
    "line_in_use",
    "write_off_exceeds_owed",
}


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


async def test_holders_refunders_and_disputers_over_a_ring_of_tenants_never_deadlock(database):
    """Each client visits the tenants in its own order and chains verbs whose lots and accounts
    overlap; what is refused is refused by name, and the proof finds nothing afterwards.
    """
    tenants = [await make_tenant() for _ in range(3)]
    for tenant in tenants:
        async with tenant_scope(system("test", tenant)) as scope:
            await set_credit_line(scope, 40, "line", "ring")
            for number in range(6):
                await top_up(scope, 50, f"paid:{number}")

    async def verbs(scope: Scope, seed: random.Random, name: str) -> None:
        paid = f"paid:{seed.randrange(6)}"
        steps = [
            lambda: refund(scope, paid, seed.randrange(1, 9), f"refund:{name}", "ring"),
            lambda: freeze_top_up(scope, paid, f"opened:{name}"),
            lambda: thaw_top_up(scope, paid, f"won:{name}"),
            lambda: reverse_top_up(scope, paid, f"lost:{name}"),
            lambda: top_up(scope, seed.randrange(1, 30), f"more:{name}"),
            lambda: write_off(scope, seed.randrange(1, 9), f"off:{name}", "ring"),
            lambda: set_credit_line(scope, seed.randrange(20, 60), f"line:{name}", "ring"),
            lambda: spend(scope, seed.randrange(1, 40), name),
        ]
        for step in seed.sample(steps, 4):
            try:
                await step()
            except Conflict as refused:
                if refused.code not in REFUSALS:
                    raise

    async def spend(scope: Scope, amount: int, name: str) -> None:
        held = await place_hold(scope, f"hold:{name}", None, amount)
        await capture(scope, held.id, (amount + 1) // 2, f"capture:{name}")
        if amount > 1:
            await release(scope, held.id, 1, f"release:{name}")
        await return_spent(scope, held.id, 1, f"return:{name}")

    async def client(number: int) -> None:
        seed = random.Random(number)
        for turn in range(ROUNDS):
            for tenant in seed.sample(tenants, len(tenants)):
                async with tenant_scope(system("test", tenant)) as scope:
                    await verbs(scope, seed, f"{number}:{turn}:{tenant}")

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    for tenant in tenants:
        assert await violations_of(tenant) == []


async def test_tenants_of_one_transaction_that_meet_in_a_ring_wait_or_fail_but_never_hang(database):
    """A transaction visits one tenant only, but for grouped receipts: those visit in the order of
    the tenants' ids, so a ring of waits cannot close.
    """
    tenants = sorted([await make_funded_tenant(10_000) for _ in range(3)])
    held = {tenant: (await make_hold(tenant, 5_000)).id for tenant in tenants}

    async def client(number: int) -> None:
        seed = random.Random(number)
        for turn in range(ROUNDS):
            async with batch_scope("gateway", system("test")) as scope:
                for tenant in sorted(seed.sample(tenants, 2)):
                    await scope.enter(tenant)
                    await capture(scope, held[tenant], 1, f"{number}:{turn}")
                    await scope.leave()

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    spent = [(await balance_of(tenant)).spent_total for tenant in tenants]
    assert sum(spent) == CLIENTS * ROUNDS * 2
    for tenant in tenants:
        assert await violations_of(tenant) == []
