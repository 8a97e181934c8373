"""A tenant has one customer at the provider; one that was deleted there is replaced, once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend.billing.purchase_states import PurchaseState, RefundState
from backend.billing.reload_states import ReloadState, StopReason
from backend.billing.schemas.purchases import PurchaseCreate, PurchaseView
from backend.billing.schemas.refunds import RefundCreate
from backend.billing.service import cards, purchases, refunds
from backend.kernel import clock
from backend.kernel.principal import StaffRole
from tests.billing.buying import of_platform, problems
from tests.billing.reloads import URL, Shop, make_shop
from tests.database import CleanDatabase
from tests.factories import staff
from tests.paying import Paying

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(database: CleanDatabase, paying: Paying) -> AsyncIterator[Shop]:
    del database
    before = clock.offset()
    yield await make_shop(paying)
    clock.set_offset(before)


async def known(shop: Shop) -> list[tuple[str, str | None]]:
    rows = await of_platform(
        "SELECT customer_id, replaces FROM payment_customers WHERE tenant_id = $1"
        " ORDER BY made_at, replaces NULLS FIRST",
        shop.tenant_id,
    )
    return [(row["customer_id"], row["replaces"]) for row in rows]


async def deleted_customer(shop: Shop) -> str:
    (customer, _) = (await known(shop))[-1]
    await shop.paying.control(f"customers/{customer}/delete")
    return customer


async def asked(shop: Shop) -> PurchaseView:
    return await purchases.create_purchase(shop.owner, URL, PurchaseCreate(credits=1_000))


async def bought(shop: Shop) -> PurchaseView:
    view = await asked(shop)
    assert view.checkout_url is not None
    assert await shop.paying.pay(view.checkout_url)
    await shop.hear_provider()
    details = await purchases.read_purchase(shop.owner, view.id)
    assert details.purchase.state is PurchaseState.PAID
    return details.purchase


async def test_who_was_deleted_there_buys_again(shop: Shop) -> None:
    before = await bought(shop)
    gone = await deleted_customer(shop)
    await bought(shop)
    [(_, first), (successor, replaces)] = await known(shop)
    assert (first, replaces) == (None, gone)
    await bought(shop)
    assert len(await known(shop)) == 2
    assert await problems() == []
    audit = await of_platform(
        "SELECT subject, facts FROM audit_log WHERE tenant_id = $1 AND action = $2",
        shop.tenant_id,
        "payment_customer.replaced",
    )
    assert [row["subject"] for row in audit] == [f"customer:{successor}"]
    assert audit[0]["facts"]["replaces"] == gone
    # What was paid by the one before goes back as ever.
    data = RefundCreate(purchase_id=before.id, credits=100, reason="too many")
    made = await refunds.create_refund(staff(StaffRole.FINANCE), shop.tenant_id, data)
    await shop.hear_provider()
    assert [row["state"] for row in await of_platform("SELECT state FROM refunds")] == [
        RefundState.SUCCEEDED.value
    ], made


async def test_many_at_once_have_one_successor(shop: Shop) -> None:
    await asked(shop)
    await deleted_customer(shop)
    views = await asyncio.gather(*(asked(shop) for _ in range(4)))
    assert len({view.checkout_url for view in views}) == 4
    assert len(await known(shop)) == 2
    sessions = list(shop.paying.provider.book.each("checkout.session"))
    assert {one["customer"] for one in sessions[:4]} == {(await known(shop))[1][0]}


async def test_a_card_is_saved_for_the_next_customer(shop: Shop) -> None:
    old = await shop.save_card()
    await shop.switch_on(old)
    await deleted_customer(shop)
    assert (await cards.refresh_cards(shop.owner)).items == []
    assert (await shop.view()).stop_reason is StopReason.CARD_GONE
    new = await shop.save_card()
    assert new != old
    await shop.switch_on(new)
    await shop.spend(600)
    await shop.hear()
    assert await shop.states() == [PurchaseState.PAID]


async def test_auto_reload_stops_where_nobody_can_be_charged(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    await deleted_customer(shop)
    await shop.spend(600)
    await shop.hear()
    assert await shop.states() == [PurchaseState.FAILED]
    view = await shop.view()
    assert (view.state, view.stop_reason) == (ReloadState.OFF, StopReason.CARD_GONE)
    assert shop.charges() == []


async def test_its_deletion_is_heard_of(shop: Shop) -> None:
    await shop.switch_on(await shop.save_card())
    await deleted_customer(shop)
    await shop.hear_provider()
    assert (await shop.view()).stop_reason is StopReason.CARD_GONE
    assert (await cards.list_cards(shop.owner)).items == []
