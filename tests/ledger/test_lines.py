"""The credit line: used last, given back first, repaid by the next top-up, never cut below use."""

import pytest

from backend.ledger.service.disputes import freeze_top_up, reverse_top_up
from backend.ledger.service.holds import capture, place_hold, release_rest, return_spent
from backend.ledger.service.lines import set_credit_line
from backend.ledger.service.lots import adjust, top_up
from backend.ledger.service.refunds import unspent
from backend.outbox.topics import Topic
from tests.factories import make_tenant
from tests.ledger.factories import (
    accounts_of,
    announced,
    ask,
    balance_of,
    lots_of,
    refusal,
    violations_of,
)

pytestmark = pytest.mark.anyio
LINE = 50


async def drawn(amount: int = 20):
    """A tenant that spent so much of a credit line of 50 and nothing else."""
    tenant = await make_tenant()
    await ask(tenant, set_credit_line, LINE, "line", "a good customer")
    held = await ask(tenant, place_hold, "hold", None, amount)
    await ask(tenant, capture, held.id, amount, "used")
    return tenant, held


async def test_it_is_set_raised_lowered_and_ended(database):
    tenant = await make_tenant()
    assert (await ask(tenant, set_credit_line, LINE, "line", "good")).amount == LINE
    assert (await ask(tenant, set_credit_line, LINE, "line", "good")).is_repeated
    assert (await refusal(tenant, set_credit_line, 40, "line", "other"))[0] == "reference_reused"
    assert (await ask(tenant, set_credit_line, 80, "raised", "better")).amount == 30
    assert (await ask(tenant, set_credit_line, 80, "the same", "as before")).amount == 0
    assert (await ask(tenant, set_credit_line, 10, "lowered", "worse")).amount == -70
    assert (await balance_of(tenant)).credit_line == 10
    assert (await ask(tenant, set_credit_line, 0, "ended", "gone")).amount == -10
    assert (await balance_of(tenant)).available == 0
    assert len(await announced(tenant, Topic.CREDITS_ADDED)) == 2
    assert await announced(tenant, Topic.CREDITS_FELL) == [
        {"before": 80, "after": 10},
        {"before": 10, "after": 0},
    ]
    assert (await refusal(tenant, set_credit_line, -1, "x", "y"))[0] == "invalid_amount"
    assert await violations_of(tenant) == []


async def test_it_is_not_set_below_what_is_used_or_reserved_of_it(database):
    tenant, _ = await drawn(20)
    await ask(tenant, place_hold, "more", None, 15)
    assert await refusal(tenant, set_credit_line, 34, "lower", "cautious") == (
        "line_in_use",
        {"requested": 34, "owed": 35},
    )
    await ask(tenant, set_credit_line, 35, "lower", "cautious")
    assert (await balance_of(tenant)).available == 0
    assert (await accounts_of(tenant))["available"] == -35
    assert (await refusal(tenant, adjust, -1, "take", "from the line?"))[0] == (
        "insufficient_credits"
    )
    assert await violations_of(tenant) == []


async def test_the_next_top_up_repays_it_before_its_own_lot_opens(database):
    tenant, _ = await drawn(20)
    await ask(tenant, top_up, 15, "first")
    assert await ask(tenant, unspent, "first") == 0
    await ask(tenant, top_up, 30, "second")
    assert await ask(tenant, unspent, "second") == 25
    lots = await lots_of(tenant)
    assert (lots[15]["repaid"], lots[30]["repaid"], lots[LINE]["repaid"]) == (15, 5, -20)
    assert lots[LINE]["available"] == LINE
    assert (await balance_of(tenant)).available == 75
    assert await violations_of(tenant) == []


async def test_what_is_only_reserved_of_it_is_not_repaid(database):
    tenant = await make_tenant()
    await ask(tenant, set_credit_line, LINE, "line", "good")
    held = await ask(tenant, place_hold, "hold", None, 20)
    await ask(tenant, top_up, 100, "first")
    assert await ask(tenant, unspent, "first") == 100
    await ask(tenant, release_rest, held.id, "not sent")
    assert (await balance_of(tenant)).available == 150
    assert await violations_of(tenant) == []


async def test_returned_credits_go_to_the_lots_that_repaid_it(database):
    tenant, held = await drawn(20)
    await ask(tenant, top_up, 10, "first")
    await ask(tenant, top_up, 7, "second")  # 3 of the line are still owed
    await ask(tenant, return_spent, held.id, 12, "undelivered")
    lots = await lots_of(tenant)
    assert lots[LINE]["available"] == LINE  # its own 3 first
    assert (lots[7]["available"], lots[10]["available"]) == (7, 2)  # then the newest
    assert await ask(tenant, unspent, "second") == 7
    assert await violations_of(tenant) == []


async def test_what_repaid_it_is_owed_when_its_payment_is_lost(database):
    tenant, held = await drawn(20)
    await ask(tenant, top_up, 30, "paid")
    await ask(tenant, freeze_top_up, "paid", "opened")
    await ask(tenant, reverse_top_up, "paid", "lost")
    assert (await balance_of(tenant)).receivable == 20
    await ask(tenant, return_spent, held.id, 5, "undelivered")
    assert (await balance_of(tenant)).receivable == 15
    assert await violations_of(tenant) == []


async def test_what_is_owed_is_paid_before_the_line(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 10, "paid")
    await ask(tenant, set_credit_line, LINE, "line", "good")
    held = await ask(tenant, place_hold, "hold", None, 30)
    await ask(tenant, capture, held.id, 30, "used")
    await ask(tenant, freeze_top_up, "paid", "opened")
    await ask(tenant, reverse_top_up, "paid", "lost")
    await ask(tenant, top_up, 25, "next")
    lots = await lots_of(tenant)
    assert (lots[25]["settled"], lots[25]["repaid"], lots[25]["available"]) == (10, 15, 0)
    assert lots[LINE]["repaid"] == -15
    assert (await ask(tenant, top_up, 25, "next")).is_repeated
    assert await violations_of(tenant) == []
