"""Buying by itself: once for each crossing, with brakes, at the real simulator."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from backend.billing.purchase_states import PurchaseState
from backend.billing.reload_states import RELOAD_MOVES, ReloadState, wanted_credits
from backend.billing.schemas.purchases import PurchaseCreate
from backend.billing.service import auto_reload, cards, purchases, reload_charges, reloading
from backend.billing.service.reloading import Fall
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel import clock
from backend.kernel.errors import Conflict, InvalidInput, NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from tests.billing.buying import later_by
from tests.billing.reloads import URL, Shop, make_shop
from tests.database import CleanDatabase
from tests.paying import Paying

pytestmark = pytest.mark.anyio
PAID, FAILED, PENDING = PurchaseState.PAID, PurchaseState.FAILED, PurchaseState.PENDING


@pytest.fixture
async def shop(database: CleanDatabase, paying: Paying) -> AsyncIterator[Shop]:
    del database
    before = clock.offset()
    yield await make_shop(paying)
    clock.set_offset(before)


async def test_a_fall_below_the_threshold_buys_once(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    await shop.spend(500)  # to the threshold, not below
    await shop.hear()
    assert await shop.states() == []
    await shop.spend(100)
    await shop.hear(times=3)
    assert await shop.states() == [PAID]
    assert await shop.available() == 1_900
    assert len(shop.charges()) == 1
    await shop.hear_provider()
    await shop.sweep()
    assert (await shop.available(), len(shop.charges())) == (1_900, 1)
    await shop.spend(1_000)
    await shop.hear(times=2)
    assert await shop.states() == [PAID, PAID]
    view = await shop.view()
    assert (view.state, view.failures) == (ReloadState.ON, 0)
    assert view.spent_this_month_minor == sum(one["amount"] for one in shop.charges())


async def test_a_crossing_told_late_or_by_several_is_answered_once(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    await shop.spend(600)
    fall = Fall(uuid7(), 1_500, 900)
    opened = await asyncio.gather(
        *(reloading.check_reload(shop.tenant_id, fall) for _ in range(6)),
        *(reloading.check_reload(shop.tenant_id) for _ in range(4)),
    )
    purchases = [one for one in opened if one is not None]
    assert len(purchases) == 1
    await asyncio.gather(
        *(reload_charges.charge_reload(shop.tenant_id, purchases[0], URL) for _ in range(4))
    )
    assert len(shop.charges()) == 1
    assert await reloading.check_reload(shop.tenant_id, fall) is None
    await shop.hear()
    assert await reloading.check_reload(shop.tenant_id, fall) is None
    assert await shop.states() == [PAID]


async def test_an_announcement_nobody_heard_is_healed_by_the_sweep(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card(), amount_credits=None, target_credits=5_000)
    await shop.spend(1_200)
    await shop.sweep()
    assert await shop.available() == 5_000
    assert await shop.states() == [PAID]


async def test_what_is_on_its_way_counts(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    await shop.spend(600)
    await shop.hear(charges=False)
    assert await shop.states() == [PENDING]
    await shop.spend(200)
    await shop.give(500)
    await shop.spend(500)
    await shop.hear(charges=False)
    assert await shop.states() == [PENDING]
    with later_by(minutes=1):
        await shop.sweep()
    assert await shop.states() == [PAID]


async def test_a_refused_card_is_tried_again_and_again_more_rarely_then_off(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card("4000000000000341"))
    await shop.spend(600)
    await shop.hear(times=2)
    assert await shop.states() == [FAILED]
    for number, hours in enumerate((1, 6, 24), 1):
        view = await shop.view()
        assert (view.state, view.failures) == (ReloadState.BACKING_OFF, number)
        assert view.last_failure_code == "generic_decline"
        clock.set_offset(clock.offset() + _hours(hours, -60))
        await shop.sweep()
        assert len(await shop.states()) == number, "not before its time"
        clock.set_offset(clock.offset() + _hours(0, 120))
        await shop.sweep()
        assert await shop.states() == [FAILED] * (number + 1)
    view = await shop.view()
    assert (view.state, view.stop_reason) == (ReloadState.OFF, "declined")
    assert await shop.troubles() == ["declined"]
    clock.set_offset(clock.offset() + _hours(48, 0))
    await shop.sweep()
    assert len(await shop.states()) == 4
    await shop.switch_on(await shop.save_card())
    await shop.sweep()
    assert (await shop.states())[-1] is PAID
    assert (await shop.view()).state is ReloadState.ON


def _hours(hours: int, seconds: int) -> timedelta:
    return timedelta(hours=hours, seconds=seconds)


async def test_a_refusal_is_forgotten_when_somebody_else_pays(shop: Shop) -> None:
    card = await shop.save_card()
    await shop.paying.control(f"cards/{card}/become", token="pm_card_chargeDeclined")
    await shop.switch_on(card)
    await shop.spend(600)
    await shop.hear()
    assert (await shop.view()).state is ReloadState.BACKING_OFF
    await shop.give(1_000)
    await shop.hear()
    view = await shop.view()
    assert (view.state, view.failures, view.retry_at) == (ReloadState.ON, 0, None)


async def test_a_bank_that_asks_for_its_customer_waits_for_them(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card("4000002760003184"))
    await shop.spend(600)
    await shop.hear()
    assert await shop.states() == [PurchaseState.AWAITING_CUSTOMER]
    purchase_id = await shop.last_purchase()
    asked = await auto_reload.authenticate_purchase(shop.owner, purchase_id, URL)
    answer = await shop.paying.client.post(asked.url, data={"outcome": "approve"})
    assert answer.headers["location"].startswith(f"{URL}/credits?purchase={purchase_id}")
    await shop.hear_provider()
    assert await shop.states() == [PAID]
    assert await shop.available() == 1_900
    with pytest.raises(Conflict) as refused:
        await auto_reload.authenticate_purchase(shop.owner, purchase_id, URL)
    assert refused.value.code == "nothing_to_authenticate"


async def test_who_never_answers_their_bank_is_asked_again_and_never_pays_twice(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card("4000002760003184"))
    await shop.spend(600)
    await shop.hear()
    first = await auto_reload.authenticate_purchase(shop.owner, await shop.last_purchase(), URL)
    with later_by(hours=23, minutes=1):
        await shop.sweep()
        assert await shop.states() == [FAILED]
    with later_by(hours=25):
        await shop.sweep()
    assert await shop.states() == [FAILED, PurchaseState.AWAITING_CUSTOMER]
    await shop.paying.client.post(first.url, data={"outcome": "approve"})  # too late
    second = await auto_reload.authenticate_purchase(shop.owner, await shop.last_purchase(), URL)
    await shop.paying.client.post(second.url, data={"outcome": "approve"})
    await shop.hear_provider()
    assert await shop.states() == [FAILED, PAID]
    assert len(shop.charges()) == 1


async def test_the_monthly_cap_is_never_passed_and_told_once(shop: Shop) -> None:
    card = await shop.save_card()
    view = await shop.switch_on(card)
    await shop.spend(600)
    await shop.hear()
    price = shop.charges()[0]["amount"]
    view = await shop.switch_on(card, monthly_cap_minor=2 * price - 1)
    assert view.spent_this_month_minor == price
    await shop.spend(1_000)
    for _ in range(3):
        await shop.hear()
        with later_by(minutes=3):
            await shop.sweep()
    assert await shop.states() == [PAID]
    assert await shop.troubles() == ["monthly_cap_reached"]
    assert (await shop.view()).state is ReloadState.ON
    await shop.switch_on(card, monthly_cap_minor=2 * price)
    await shop.sweep()
    assert await shop.states() == [PAID, PAID]


async def test_three_in_ten_minutes_pause_it(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    for _ in range(4):
        await shop.spend(await shop.available() - 900)
        await shop.hear()
    assert await shop.states() == [PAID] * 3
    view = await shop.view()
    assert (view.state, view.stop_reason) == (ReloadState.PAUSED, "burst")
    assert await shop.troubles() == ["burst"]


async def test_a_provider_that_is_away_is_asked_again_by_the_same_key(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    await shop.paying.control("faults", fail_next=3)
    await shop.spend(600)
    await shop.hear()
    assert await shop.states() == [PENDING]
    await shop.paying.control("faults", hang_up_next=1)
    with later_by(minutes=1):
        await shop.sweep()
    assert await shop.states() == [PAID]
    assert len(shop.charges()) == 1


async def test_after_a_day_without_an_answer_no_second_charge_is_risked(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    await shop.spend(600)
    await shop.hear(charges=False)
    with later_by(hours=23, minutes=1):
        await shop.sweep()
    assert await shop.states() == [FAILED]
    assert shop.charges() == []


async def test_turned_off_before_the_charge_nothing_is_charged(shop: Shop) -> None:
    card = await shop.save_card()
    await shop.switch_on(card)
    await shop.spend(600)
    await shop.hear(charges=False)
    await shop.switch_on(card, is_on=False)
    with later_by(minutes=1):
        await shop.sweep()
    assert await shop.states() == [FAILED]
    assert shop.charges() == []
    assert (await shop.view()).state is ReloadState.OFF


@pytest.mark.parametrize("minutes", [1, 23 * 60 + 1])
async def test_a_charge_whose_answer_was_lost_is_credited(shop: Shop, minutes: int) -> None:
    card = await shop.save_card()
    await shop.switch_on(card)
    await shop.spend(600)
    await shop.hear(charges=False)
    purchase_id = await shop.last_purchase()
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        opened = await purchases.purchase_facts(scope, purchase_id)
    await shop.paying.payments.charge_card(
        customer=opened.customer_id or "",
        card=card,
        amount_minor=opened.gross_minor,
        currency=opened.currency,
        purchase_id=purchase_id,
        tenant_id=shop.tenant_id,
        description="1,000 credits",
        key=str(purchase_id),
    )
    await shop.switch_on(card, is_on=False)
    with later_by(minutes=minutes):
        await shop.sweep()
    assert await shop.states() == [PAID]
    assert (await shop.available(), len(shop.charges())) == (1_900, 1)


async def test_a_card_that_is_gone_turns_it_off(shop: Shop) -> None:
    card = await shop.save_card()
    await shop.switch_on(card)
    with pytest.raises(Conflict) as refused:
        await cards.forget_card(shop.owner, card)
    assert refused.value.code == "card_in_use"
    await shop.paying.payments.forget_card(card)  # in the provider's own dashboard
    await shop.hear_provider()
    view = await shop.view()
    assert (view.state, view.stop_reason, view.card) == (ReloadState.OFF, "card_gone", None)
    assert await shop.troubles() == ["card_gone"]
    await shop.spend(1_000)
    await shop.hear()
    assert await shop.states() == []


async def test_a_suspended_tenant_buys_nothing(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    await shop.spend(600)
    async with platform_scope(system("test"), "test") as scope:
        sql = "UPDATE tenants SET status = 'suspended' WHERE id = $1"
        await scope.execute(sql, shop.tenant_id)
    await shop.hear()
    assert await shop.states() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"target_credits": 5_000}, "one_aim"),
        ({"amount_credits": None}, "one_aim"),
        ({"threshold_credits": 1_001}, "amount_below_threshold"),
        ({"amount_credits": None, "target_credits": 1_000}, "target_below_threshold"),
        ({"card_id": "pm_other"}, "unknown_card"),
        ({"monthly_cap_minor": 1}, "cap_below_price"),
    ],
)
async def test_what_cannot_work_is_refused(shop: Shop, changed: dict[str, Any], code: str) -> None:
    card = await shop.save_card()
    with pytest.raises(InvalidInput) as refused:
        await shop.switch_on(card, **changed)
    assert refused.value.code == code
    with pytest.raises(NotFound):
        await shop.view()


async def test_turned_off_it_stays_quiet(shop: Shop) -> None:
    card = await shop.save_card()
    await shop.switch_on(card, is_on=False)
    await shop.spend(600)
    await shop.hear()
    await shop.sweep()
    assert await shop.states() == []
    await cards.forget_card(shop.owner, card)
    assert (await cards.list_cards(shop.owner)).items == []
    with pytest.raises(NotFound):
        await cards.forget_card(shop.owner, card)


async def test_a_card_saved_while_buying_is_there(shop: Shop) -> None:
    asked = PurchaseCreate(credits=1_000, saves_card=True)
    bought = await purchases.create_purchase(shop.owner, URL, asked)
    assert await shop.paying.pay(bought.checkout_url or "")
    await shop.hear_provider()
    listed = (await cards.list_cards(shop.owner)).items
    assert [(one.last4, one.is_expired, one.reloads) for one in listed] == [("4242", False, False)]


def test_the_moves_leave_no_state_without_a_way_on() -> None:
    assert {state for state, _ in RELOAD_MOVES} == set(ReloadState)
    assert wanted_credits(None, 5_000, 4_900, 500) == 500
    assert wanted_credits(None, 5_000, -100, 500) == 5_100
    assert wanted_credits(700, None, 0, 500) == 700
