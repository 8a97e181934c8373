"""Refunds of that very lot, refunds that failed, and top-ups that should never have been."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.kernel import clock
from backend.ledger.service.disputes import freeze_top_up, reverse_top_up
from backend.ledger.service.holds import capture, place_hold, release, release_rest
from backend.ledger.service.lots import adjust, expire_due, grant, top_up
from backend.ledger.service.refunds import refund, restore, reverse, unspent
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


def in_days(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


async def test_a_refund_takes_that_very_lot_and_only_what_is_unspent(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "first")
    await ask(tenant, top_up, 40, "second")
    held = await ask(tenant, place_hold, "hold", None, 70)
    await ask(tenant, capture, held.id, 50, "captured")
    assert await ask(tenant, unspent, "first") == 30
    assert await ask(tenant, unspent, "second") == 40
    done = await ask(tenant, refund, "first", 20, "refund", "asked for")
    assert (done.amount, done.left, done.is_repeated) == (20, 50, False)
    assert await refusal(tenant, refund, "first", 11, "too much", "asked for") == (
        "refund_exceeds_unspent",
        {"requested": 11, "unspent": 10},
    )
    assert (await lots_of(tenant))[100]["refunded"] == 20
    assert (await accounts_of(tenant))["refunded"] == 20
    fell = await announced(tenant, Topic.CREDITS_FELL)
    assert fell[-1] == {"before": 70, "after": 50}
    assert await violations_of(tenant) == []


async def test_a_refund_runs_twice_and_moves_once(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "first")
    await ask(tenant, refund, "first", 20, "refund", "asked for")
    again = await ask(tenant, refund, "first", 20, "refund", "asked for")
    assert (again.amount, again.is_repeated) == (20, True)
    assert (await balance_of(tenant)).available == 80
    assert len(await announced(tenant, Topic.CREDITS_FELL)) == 1
    for verb, *args in (
        (refund, "first", 21, "refund", "another amount"),
        (refund, "first", 20, "first", "the top-up's own"),
        (restore, "refund", "refund", "another verb"),
        (top_up, 20, "refund"),
        (adjust, -20, "refund", "another verb"),
    ):
        assert (await refusal(tenant, verb, *args))[0] == "reference_reused"


async def test_only_what_was_bought_is_refunded(database):
    tenant = await make_tenant()
    await ask(tenant, grant, 50, "gift")
    await ask(tenant, adjust, 30, "made good", "our fault")
    for reference in ("gift", "made good"):
        code, _ = await refusal(tenant, refund, reference, 1, "refund", "asked for")
        assert code == "not_refundable"
    assert (await refusal(tenant, refund, "nothing", 1, "refund", "asked for"))[0] == "not_found"
    assert (await refusal(tenant, unspent, "nothing"))[0] == "not_found"
    assert (await refusal(await make_tenant(), refund, "none", 1, "refund", "r"))[0] == "not_found"


async def test_credits_past_their_day_have_no_money_left(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "first", expires_at=in_days(1))
    clock.set_offset(timedelta(days=2))
    assert await ask(tenant, unspent, "first") == 0
    code, facts = await refusal(tenant, refund, "first", 1, "refund", "asked for")
    assert (code, facts) == ("refund_exceeds_unspent", {"requested": 1, "unspent": 0})


async def test_a_failed_refund_comes_back_once(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "first")
    await ask(tenant, refund, "first", 60, "refund", "asked for")
    done = await ask(tenant, restore, "refund", "restored", "account closed")
    assert (done.amount, done.left) == (60, 100)
    assert (await ask(tenant, restore, "refund", "restored", "account closed")).is_repeated
    code, _ = await refusal(tenant, restore, "refund", "restored again", "account closed")
    assert code == "already_restored"
    assert (await refusal(tenant, restore, "first", "r", "no refund"))[0] == "not_found"
    assert await ask(tenant, unspent, "first") == 100
    assert len(await announced(tenant, Topic.CREDITS_ADDED)) == 2
    assert await violations_of(tenant) == []


async def test_a_failed_refund_of_an_expired_lot_lives_thirty_more_days(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "first", expires_at=in_days(1))
    await ask(tenant, refund, "first", 60, "refund", "asked for")
    clock.set_offset(timedelta(days=2))
    assert await ask(tenant, expire_due) == 40
    await ask(tenant, restore, "refund", "restored", "account closed")
    assert (await balance_of(tenant)).available == 60
    clock.set_offset(timedelta(days=33))
    assert await ask(tenant, expire_due) == 60
    assert await violations_of(tenant) == []


@pytest.mark.parametrize(
    ("lost", "lot"),
    [
        (False, {"frozen": 100, "reversed": 0, "dispute": "open"}),
        (True, {"frozen": 0, "reversed": 100, "dispute": "lost"}),
    ],
)
async def test_a_failed_refund_shares_the_fate_of_a_disputed_lot(database, lost, lot):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "first")
    await ask(tenant, refund, "first", 60, "refund", "asked for")
    await ask(tenant, freeze_top_up, "first", "opened")
    if lost:
        await ask(tenant, reverse_top_up, "first", "lost")
    await ask(tenant, restore, "refund", "restored", "blocked by the dispute")
    found = (await lots_of(tenant))[100]
    assert {name: found[name] for name in lot} == lot
    assert (await balance_of(tenant)).available == 0
    assert await violations_of(tenant) == []


async def test_a_clerks_mistake_goes_if_all_of_it_is_there(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "right")
    await ask(tenant, top_up, 70, "wrong")
    done = await ask(tenant, reverse, "wrong", "reversal", "the neighbour's payment")
    assert (done.amount, done.left) == (70, 100)
    assert (await ask(tenant, reverse, "wrong", "reversal", "the same")).is_repeated
    assert await accounts_of(tenant) == {"issued": -100, "available": 100}
    assert (await announced(tenant, Topic.CREDITS_FELL))[-1] == {"before": 170, "after": 100}
    held = await ask(tenant, place_hold, "hold", None, 1)
    for tried in ("right", "wrong"):
        code, facts = await refusal(tenant, reverse, tried, f"again {tried}", "too late")
        assert code == "reversal_exceeds_unspent"
        assert facts == {
            "requested": 100 if tried == "right" else 70,
            "unspent": 99 if tried == "right" else 0,
        }
    assert (await refusal(tenant, reverse, "nothing", "r", "unknown"))[0] == "not_found"
    await ask(tenant, release_rest, held.id, "given back")
    await ask(tenant, reverse, "right", "reversal of right", "it too")
    assert await accounts_of(tenant) == {}
    assert await violations_of(tenant) == []


async def test_two_clocks_that_disagree_expire_what_came_back_between(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "first", expires_at=in_days(1))
    held = await ask(tenant, place_hold, "hold", None, 30)
    clock.set_offset(timedelta(days=2))
    assert await ask(tenant, expire_due) == 70
    clock.set_offset(timedelta(0))  # a transaction that began before the lot's last moment
    await ask(tenant, release, held.id, 30, "released")
    clock.set_offset(timedelta(days=2))
    assert await ask(tenant, expire_due) == 30
    assert await violations_of(tenant) == []
