"""A dispute opened, won and lost, at every stage of its lot's life (DESIGN §3.3)."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.kernel import clock
from backend.ledger.service.balance import may_hold
from backend.ledger.service.disputes import (
    freeze_top_up,
    reverse_top_up,
    thaw_top_up,
    write_off,
)
from backend.ledger.service.holds import (
    capture,
    place_hold,
    release,
    release_rest,
    return_spent,
)
from backend.ledger.service.lines import set_credit_line
from backend.ledger.service.lots import expire_due, grant, top_up
from backend.ledger.service.refunds import refund, unspent
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


async def spent(tenant, amount: int, reference: str):
    held = await ask(tenant, place_hold, f"hold {reference}", None, amount)
    await ask(tenant, capture, held.id, amount, reference)
    return held


async def disputed(amount: int = 100, used: int = 60):
    """A tenant whose one lot is used in part and under dispute."""
    tenant = await make_tenant()
    await ask(tenant, top_up, amount, "paid")
    held = await spent(tenant, used, "used")
    await ask(tenant, freeze_top_up, "paid", "opened", reason="fraudulent")
    return tenant, held


async def test_the_example_of_the_promise(database):
    """100 bought, 60 spent, dispute lost: 100 + 60 = 60 spent + 100 reversed."""
    tenant, _ = await disputed()
    assert await accounts_of(tenant) == {"issued": -100, "frozen": 40, "spent": 60}
    lost = await ask(tenant, reverse_top_up, "paid", "lost")
    assert lost.amount == 100
    assert await accounts_of(tenant) == {
        "issued": -100,
        "receivable": -60,
        "spent": 60,
        "reversed": 100,
    }
    assert (await balance_of(tenant)).receivable == 60
    assert await violations_of(tenant) == []


async def test_what_is_disputed_cannot_be_used_until_it_is_won(database):
    tenant, _ = await disputed()
    assert (await announced(tenant, Topic.CREDITS_FELL))[-1] == {"before": 40, "after": 0}
    assert (await refusal(tenant, place_hold, "h", None, 1))[0] == "insufficient_credits"
    assert await ask(tenant, unspent, "paid") == 0
    assert (await refusal(tenant, refund, "paid", 1, "refund", "now?"))[0] == (
        "refund_exceeds_unspent"
    )
    won = await ask(tenant, thaw_top_up, "paid", "won")
    assert (won.amount, won.left) == (40, 40)
    assert (await lots_of(tenant))[100]["dispute"] is None
    assert len(await announced(tenant, Topic.CREDITS_ADDED)) == 2
    assert await ask(tenant, unspent, "paid") == 40
    assert await violations_of(tenant) == []


async def test_each_step_runs_twice_and_moves_once(database):
    tenant, _ = await disputed()
    assert (await ask(tenant, freeze_top_up, "paid", "opened")).is_repeated
    assert (await refusal(tenant, freeze_top_up, "paid", "another"))[0] == "already_disputed"
    assert (await refusal(tenant, thaw_top_up, "paid", "opened"))[0] == "reference_reused"
    await ask(tenant, reverse_top_up, "paid", "lost")
    before = await accounts_of(tenant)
    assert (await ask(tenant, reverse_top_up, "paid", "lost")).is_repeated
    assert (await ask(tenant, freeze_top_up, "paid", "opened")).is_repeated
    assert (await refusal(tenant, thaw_top_up, "paid", "won"))[0] == "not_disputed"
    assert (await refusal(tenant, reverse_top_up, "paid", "lost again"))[0] == "not_disputed"
    assert (await refusal(tenant, freeze_top_up, "paid", "reopened"))[0] == "already_disputed"
    assert await accounts_of(tenant) == before
    for verb in (freeze_top_up, thaw_top_up, reverse_top_up):
        assert (await refusal(tenant, verb, "unknown", f"x {verb}"))[0] == "not_found"


async def test_a_lot_that_is_all_spent_freezes_nothing_and_is_known_as_disputed(database):
    tenant, _ = await disputed(used=100)
    assert (await ask(tenant, freeze_top_up, "paid", "opened")).is_repeated
    assert (await ask(tenant, thaw_top_up, "paid", "won")).amount == 0
    assert (await ask(tenant, thaw_top_up, "paid", "won")).is_repeated
    assert len(await announced(tenant, Topic.CREDITS_ADDED)) == 1  # of the top-up alone
    assert await accounts_of(tenant) == {"issued": -100, "spent": 100}
    await ask(tenant, freeze_top_up, "paid", "opened again")
    lost = await ask(tenant, reverse_top_up, "paid", "lost")
    assert lost.amount == 100
    assert lost.transfer_id is not None
    assert (await accounts_of(tenant))["receivable"] == -100
    assert await violations_of(tenant) == []


async def test_a_lot_nobody_used_leaves_nothing_owed(database):
    tenant, _ = await disputed(used=40)
    await ask(tenant, thaw_top_up, "paid", "won")
    other = await make_tenant()
    await ask(other, top_up, 5, "paid")
    await ask(other, freeze_top_up, "paid", "opened")
    await ask(other, reverse_top_up, "paid", "lost")
    assert await accounts_of(other) == {"issued": -5, "reversed": 5}
    assert await violations_of(other) == []


async def test_what_comes_back_while_disputed_is_frozen_at_once(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "paid")
    held = await ask(tenant, place_hold, "hold", None, 60)
    await ask(tenant, capture, held.id, 20, "used")
    await ask(tenant, freeze_top_up, "paid", "opened")
    await ask(tenant, release, held.id, 15, "rejected")
    await ask(tenant, return_spent, held.id, 5, "undelivered")
    assert (await accounts_of(tenant)) == {"issued": -100, "held": 25, "frozen": 60, "spent": 15}
    assert await violations_of(tenant) == []
    await ask(tenant, thaw_top_up, "paid", "won")
    assert (await balance_of(tenant)).available == 60
    assert await violations_of(tenant) == []


async def test_won_for_an_expired_lot_expires(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "paid", expires_at=datetime.now(UTC) + timedelta(days=1))
    await ask(tenant, freeze_top_up, "paid", "opened")
    clock.set_offset(timedelta(days=2))
    assert await ask(tenant, expire_due) == 0  # not while it is disputed
    await ask(tenant, thaw_top_up, "paid", "won")
    assert await accounts_of(tenant) == {"issued": -100, "expired": 100}
    assert await violations_of(tenant) == []


async def test_what_is_held_when_it_is_lost_is_owed_when_captured_and_gone_when_released(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 100, "paid")
    held = await ask(tenant, place_hold, "hold", None, 70)
    await ask(tenant, freeze_top_up, "paid", "opened")
    await ask(tenant, reverse_top_up, "paid", "lost")
    assert await accounts_of(tenant) == {"issued": -100, "held": 70, "reversed": 30}
    await ask(tenant, capture, held.id, 30, "accepted")
    assert await accounts_of(tenant) == {
        "issued": -100,
        "held": 40,
        "spent": 30,
        "receivable": -30,
        "reversed": 60,
    }
    assert await violations_of(tenant) == []
    released = await ask(tenant, release, held.id, 10, "rejected")
    assert (released.amount, released.left) == (10, 30)
    again = await ask(tenant, release, held.id, 10, "rejected")
    assert (again.amount, again.is_repeated) == (10, True)
    await ask(tenant, release_rest, held.id, "the rest")
    assert await accounts_of(tenant) == {
        "issued": -100,
        "spent": 30,
        "receivable": -30,
        "reversed": 100,
    }
    assert await violations_of(tenant) == []


async def test_a_release_over_a_lost_and_a_sound_lot_is_one_verb(database):
    tenant = await make_tenant()
    await ask(tenant, top_up, 10, "paid")
    await ask(tenant, top_up, 20, "sound")
    held = await ask(tenant, place_hold, "hold", None, 30)
    await ask(tenant, freeze_top_up, "paid", "opened")
    await ask(tenant, reverse_top_up, "paid", "lost")
    released = await ask(tenant, release, held.id, 25, "stopped")
    assert released.amount == 25
    again = await ask(tenant, release, held.id, 25, "stopped")
    assert (again.amount, again.is_repeated, again.transfer_id) == (
        25,
        True,
        released.transfer_id,
    )
    assert (await refusal(tenant, release, held.id, 20, "stopped"))[0] == "reference_reused"
    assert await accounts_of(tenant) == {"issued": -30, "available": 20, "held": 5, "reversed": 5}
    assert await violations_of(tenant) == []


async def test_returned_credits_of_a_lost_lot_pay_what_is_owed_and_then_stay(database):
    tenant, held = await disputed()
    await ask(tenant, reverse_top_up, "paid", "lost")
    await ask(tenant, return_spent, held.id, 10, "undelivered")
    assert (await balance_of(tenant)).receivable == 50
    assert (await balance_of(tenant)).available == 0
    await ask(tenant, top_up, 45, "most of it")
    assert (await balance_of(tenant)).receivable == 5
    await ask(tenant, return_spent, held.id, 8, "undelivered too")
    assert (await balance_of(tenant)).receivable == 0
    assert (await balance_of(tenant)).available == 3  # paid for by the second top-up
    kept = await ask(tenant, place_hold, "again", None, 3)
    await ask(tenant, release_rest, kept.id, "not needed")  # held after the loss: it comes back
    assert (await balance_of(tenant)).available == 3
    assert await violations_of(tenant) == []


async def test_while_something_is_owed_new_holds_are_refused(database):
    tenant, _ = await disputed()
    await ask(tenant, reverse_top_up, "paid", "lost")
    await ask(tenant, grant, 30, "gift")  # no money came: it pays nothing
    assert (await balance_of(tenant)).receivable == 60
    assert await refusal(tenant, place_hold, "h", None, 40) == (
        "receivable_open",
        {"required": 40, "available": 30, "missing": 70, "owed": 60},
    )
    await ask(tenant, set_credit_line, 25, "line", "they will pay")
    assert (await refusal(tenant, place_hold, "h", None, 26))[0] == "receivable_open"
    assert not await ask(tenant, may_hold, 26)
    assert await ask(tenant, may_hold, 25)
    held = await ask(tenant, place_hold, "h", None, 25)
    assert held.amount == 25
    assert await violations_of(tenant) == []


async def test_a_top_up_pays_what_is_owed_first(database):
    tenant, _ = await disputed()
    await ask(tenant, reverse_top_up, "paid", "lost")
    part = await ask(tenant, top_up, 25, "part")
    assert part.amount == 25
    assert (await ask(tenant, top_up, 25, "part")).is_repeated
    assert await ask(tenant, unspent, "part") == 0
    assert (await refusal(tenant, place_hold, "h", None, 1))[1]["owed"] == 35
    rest = await ask(tenant, top_up, 50, "rest")
    again = await ask(tenant, top_up, 50, "rest")
    assert (again.amount, again.is_repeated, again.transfer_id) == (50, True, rest.transfer_id)
    assert (await refusal(tenant, top_up, 15, "rest"))[0] == "reference_reused"
    assert await ask(tenant, unspent, "rest") == 15
    assert (await balance_of(tenant)).available == 15
    assert (await ask(tenant, place_hold, "h", None, 15)).amount == 15
    assert await violations_of(tenant) == []
    # The payment of the debt is disputed in turn: what it paid is owed again.
    await ask(tenant, freeze_top_up, "part", "opened part")
    await ask(tenant, reverse_top_up, "part", "lost part")
    assert (await balance_of(tenant)).receivable == 25
    assert await violations_of(tenant) == []


async def test_a_write_off_ends_what_is_owed(database):
    tenant, _ = await disputed()
    await ask(tenant, reverse_top_up, "paid", "lost")
    assert await refusal(tenant, write_off, 61, "off", "insolvent") == (
        "write_off_exceeds_owed",
        {"requested": 61, "owed": 60},
    )
    done = await ask(tenant, write_off, 60, "off", "insolvent")
    assert (done.amount, done.left) == (60, 0)
    assert (await ask(tenant, write_off, 60, "off", "insolvent")).is_repeated
    assert (await refusal(tenant, write_off, 60, "used", "x"))[0] == "reference_reused"
    assert await accounts_of(tenant) == {"issued": -160, "spent": 60, "reversed": 100}
    assert len(await announced(tenant, Topic.CREDITS_ADDED)) == 2
    assert await violations_of(tenant) == []
