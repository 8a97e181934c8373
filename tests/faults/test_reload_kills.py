"""kill -9 between every two steps of buying by itself: one charge, one top-up, one answer to one
crossing; and of what is done with saved cards.
"""

import signal
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from backend.billing.purchase_states import PurchaseState
from backend.billing.reload_states import ReloadState
from backend.billing.service import cards
from backend.kernel import clock
from tests.billing.buying import later_by
from tests.billing.reloads import Shop, make_shop
from tests.database import CleanDatabase
from tests.faults.deeds import Item, run_deed
from tests.faults.oracle import broken_promises
from tests.faults.rounds import ITEMS, SECONDS_A_TEST_MAX, in_rounds, passes
from tests.paying import Paying

STEP_SECONDS = 60
"""Between two tries: an opened purchase is charged again after thirty."""
DAY_SECONDS = 23 * 3600 + 120
ASKS = "4000002760003184"
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(SECONDS_A_TEST_MAX)]


async def low(paying: Paying, number: str = "4242424242424242") -> tuple[Shop, Item]:
    """A tenant whose balance fell, and nobody has heard of it."""
    shop = await make_shop(paying)
    await shop.switch_on(await shop.save_card(number))
    await shop.spend(600)
    fall = (await shop._news())[-1]
    told = {"announcement_id": str(fall["id"]), "before": "1500", "after": "900"}
    return shop, {**told, **_named(shop)}


def _named(shop: Shop) -> Item:
    return {"tenant_id": str(shop.tenant_id), "provider": shop.paying.provider.url}


async def ready_to_pay(paying: Paying) -> tuple[list[Shop], list[Item]]:
    made = [await low(paying) for _ in range(ITEMS)]
    return [shop for shop, _ in made], [item for _, item in made]


async def ready_to_ask(paying: Paying) -> tuple[list[Shop], list[Item]]:
    made = [await low(paying, ASKS) for _ in range(ITEMS)]
    return [shop for shop, _ in made], [item for _, item in made]


async def ready_to_give_up(paying: Paying) -> tuple[list[Shop], list[Item]]:
    """Asked a day ago, and never answered."""
    shops, items = await ready_to_ask(paying)
    for shop in shops:
        await shop.hear()
    return shops, items


async def ready_to_read(paying: Paying) -> tuple[list[Shop], list[Item]]:
    """A card was saved, and nobody has heard of it."""
    shops = [await make_shop(paying) for _ in range(ITEMS)]
    for shop in shops:
        opened = await cards.open_card_setup(shop.owner, "https://desk.example")
        assert await paying.pay(opened.url)
    return shops, [_named(shop) for shop in shops]


async def ready_to_forget(paying: Paying) -> tuple[list[Shop], list[Item]]:
    shops = [await make_shop(paying) for _ in range(ITEMS)]
    return shops, [{**_named(shop), "card_id": await shop.save_card()} for shop in shops]


async def all_paid(shops: list[Shop]) -> None:
    for shop in shops:
        assert await shop.states() == [PurchaseState.PAID]
        assert await shop.available() == 1_900
        assert (await shop.view()).state is ReloadState.ON
    assert len(shops[0].charges()) == len(shops)


async def all_asked(shops: list[Shop]) -> None:
    for shop in shops:
        assert await shop.states() == [PurchaseState.AWAITING_CUSTOMER]
    payments = list(shops[0].paying.provider.book.each("payment_intent"))
    assert [one["status"] for one in payments] == ["requires_action"] * len(shops)


async def all_given_up(shops: list[Shop]) -> None:
    for shop in shops:
        assert await shop.states() == [PurchaseState.FAILED]
        view = await shop.view()
        assert (view.state, view.failures) == (ReloadState.BACKING_OFF, 1)
    payments = list(shops[0].paying.provider.book.each("payment_intent"))
    assert [one["status"] for one in payments] == ["canceled"] * len(shops)


async def all_read(shops: list[Shop]) -> None:
    for shop in shops:
        assert [one.last4 for one in (await cards.list_cards(shop.owner)).items] == ["4242"]


async def all_forgotten(shops: list[Shop]) -> None:
    for shop in shops:
        assert (await cards.list_cards(shop.owner)).items == []
    book = shops[0].paying.provider.book
    assert all(one["customer"] is None for one in book.each("payment_method"))


class Deed(NamedTuple):
    name: str
    ready: Callable[[Paying], Awaitable[tuple[list[Shop], list[Item]]]]
    check: Callable[[list[Shop]], Awaitable[None]]
    offset_seconds: int = 0


PAYING = Deed("reload_credits", ready_to_pay, all_paid)
DEEDS = {
    "billing.reload_deciding": PAYING,
    "billing.reload_opened": PAYING,
    "billing.reload_charged": PAYING,
    "billing.paid": PAYING,
    "ledger.issued": PAYING,
    "billing.settled": PAYING,
    "billing.reload_settled": PAYING,
    "billing.reload_ended": PAYING,
    "billing.reload_needs_owner": Deed("reload_credits", ready_to_ask, all_asked),
    "billing.reload_cancelled": Deed("reload_credits", ready_to_give_up, all_given_up, DAY_SECONDS),
    "billing.cards_read": Deed("read_cards", ready_to_read, all_read),
    "billing.card_forgotten": Deed("forget_the_card", ready_to_forget, all_forgotten),
}
POINTS = tuple(DEEDS)


@in_rounds
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_it_has_one_effect(
    database: CleanDatabase, paying: Paying, point: str, seeds: range
) -> None:
    deed = DEEDS[point]
    shops, items = await deed.ready(paying)
    plan: dict[str, Any] = {"deed": deed.name, "database_url": database.login_url}
    offset = deed.offset_seconds + clock.offset().total_seconds()
    for nth in passes(seeds):
        items = items[1:] + items[:1]
        asked = {**plan, "items": items, "offset_seconds": offset}
        assert await run_deed(asked, f"kill:{point}:{nth}") == -signal.SIGKILL, "never hit"
        offset += STEP_SECONDS
    for _ in range(2):
        assert await run_deed({**plan, "items": items, "offset_seconds": offset}) == 0
        offset += STEP_SECONDS
    with later_by(seconds=offset):
        await deed.check(shops)
    assert await broken_promises() == []
