"""Buying by checkout: the row before the call, credited once by what Stripe's object says."""

import asyncio
from uuid import uuid4

import pytest
from msgspec.structs import replace

from backend.billing.purchase_states import (
    OPEN_PURCHASES_PER_TENANT_MAX,
    PurchaseState,
)
from backend.billing.schemas.purchases import PurchaseCreate
from backend.billing.service import purchases
from backend.billing.service.settling import settle_payment
from backend.kernel.errors import Conflict, NotFound, Unavailable
from backend.kernel.principal import Idempotency, StaffRole
from tests.billing.buying import (
    URL,
    account,
    bought,
    later_by,
    make_buyer,
    of_platform,
    problems,
    told,
    topics,
)
from tests.factories import make_tenant, member_of, staff
from tests.ledger.factories import balance_of, violations_of

__all__ = ["account"]
pytestmark = pytest.mark.anyio


async def state_of(view) -> PurchaseState:
    found = await purchases.read_purchase(member_of(view.tenant_id), view.id)
    return found.purchase.state


async def test_a_purchase_waits_until_stripe_says_it_is_paid(account):
    view = await bought()
    assert view.state is PurchaseState.PENDING
    assert view.checkout_url == "https://pay.test/c"
    assert (await balance_of(view.tenant_id)).available == 0
    account.pay(view)
    assert await state_of(view) is PurchaseState.PENDING  # looking books nothing
    await told(account)
    found = await purchases.read_purchase(member_of(view.tenant_id), view.id)
    assert (found.purchase.state, found.purchase.checkout_url) == (PurchaseState.PAID, None)
    assert [step.event for step in found.history] == ["open", "pay"]
    assert (await balance_of(view.tenant_id)).available == 1000
    assert await topics("purchase.paid", "credits.added") == ["purchase.paid", "credits.added"]
    assert await violations_of(view.tenant_id) == []


async def test_the_price_is_frozen_with_its_tax_and_needs_a_profile(account):
    view = await bought()
    assert (view.net_minor, view.tax_minor, view.gross_minor) == (6500, 1495, 7995)
    (page,) = [call for call in account.asked if "lines" in call]
    assert [(line.name, line.amount_minor) for line in page["lines"]] == [
        ("1,000 credits", 6500),
        ("VAT 23 %", 1495),
    ]
    with pytest.raises(Conflict, match="billing_profile_required"):
        await bought(await make_tenant())


async def test_the_row_stands_before_stripe_is_asked_and_the_same_request_goes_on(account):
    tenant = await make_buyer()
    asked = Idempotency("key-1", "create_purchase", "a" * 64)
    buyer = replace(member_of(tenant), idempotency=asked)
    account.is_down = True
    with pytest.raises(Unavailable, match="payments_unavailable"):
        await purchases.create_purchase(buyer, URL, PurchaseCreate(credits=1000))
    (row,) = await of_platform("SELECT id, state, checkout_id FROM purchases")
    assert (row["state"], row["checkout_id"]) == ("pending", None)
    account.is_down = False
    view = await purchases.create_purchase(buyer, URL, PurchaseCreate(credits=1000))
    assert view.id == row["id"]
    assert len(await of_platform("SELECT id FROM purchases")) == 1


async def test_two_tabs_that_pay_are_two_purchases_and_one_event_twice_is_one(account):
    tenant = await make_buyer()
    first, second = await bought(tenant), await bought(tenant)
    account.pay(first)
    await told(account)
    await told(account)
    assert (await balance_of(tenant)).available == 1000
    account.pay(second)
    await told(account)
    assert (await balance_of(tenant)).available == 2000
    assert account.calls.count("create_customer") == 1


async def test_twenty_hands_settle_one_payment_once(account):
    view = await bought()
    payment = account.pay(view)
    settled = await asyncio.gather(*(settle_payment(payment) for _ in range(20)))
    assert {one.state for one in settled if one} == {PurchaseState.PAID}
    assert (await balance_of(view.tenant_id)).available == 1000
    assert await topics("purchase.paid") == ["purchase.paid"]


@pytest.mark.parametrize(
    ("forged", "problem"),
    [
        ({"amount_minor": 1, "received_minor": 1}, "amount_differs"),
        ({"received_minor": 1}, "amount_differs"),
        ({"currency": "XXX"}, "currency_differs"),
        ({"customer": "cus_other"}, "customer_differs"),
        ({"purchase_id": uuid4()}, "unknown_purchase"),
        ({"tenant_id": uuid4()}, "unknown_purchase"),
    ],
)
async def test_what_differs_from_the_purchase_is_for_finance_and_credits_nothing(
    account, forged, problem
):
    view = await bought()
    account.pay(view, **forged)
    await told(account)
    await told(account)
    assert await problems() == [problem]
    assert await state_of(view) is not PurchaseState.PAID
    assert (await balance_of(view.tenant_id)).available == 0
    assert await topics("purchase.paid") == []


async def test_another_tenants_purchase_is_not_paid_by_a_forged_tenant(account):
    view, other = await bought(), await make_buyer()
    account.pay(view, tenant_id=other)
    await told(account)
    assert await problems() == ["unknown_purchase"]
    assert (await balance_of(other)).available == 0
    assert (await balance_of(view.tenant_id)).available == 0


async def test_a_second_payment_of_one_purchase_is_told_and_not_credited(account):
    view = await bought()
    account.pay(view)
    await told(account)
    account.put(replace(account.pay(view), id="pi_second"), "payment_intent.succeeded")
    await told(account)
    assert set(await problems()) == {"paid_twice"}
    assert (await balance_of(view.tenant_id)).available == 1000


async def test_a_payment_of_another_product_is_left_alone(account):
    view = await bought()
    account.pay(view, tenant_id=None, purchase_id=None)
    await told(account)
    assert await problems() == []


async def test_a_delayed_method_credits_when_the_money_is_there(account):
    view = await bought()
    payment = account.pay(view, delayed=True)
    await told(account)
    assert await state_of(view) is PurchaseState.PROCESSING
    account.arrive(payment)
    await told(account)
    assert await state_of(view) is PurchaseState.PAID


async def test_a_delayed_method_that_is_refused_fails(account):
    view = await bought()
    payment = account.pay(view, delayed=True)
    account.bounce(payment)
    await told(account)
    found = await purchases.read_purchase(member_of(view.tenant_id), view.id)
    assert found.purchase.state is PurchaseState.FAILED
    assert found.purchase.failure_code == "insufficient_funds"
    assert await topics("purchase.failed") == ["purchase.failed"]


async def test_a_declined_card_on_the_page_leaves_it_open(account):
    view = await bought()
    payment = account.pay(view, delayed=True)
    page = replace(account.page_of(view.id), status="open", payment_intent=payment.id)
    account.put(page)
    declined = replace(payment, status="requires_payment_method", decline_code="card_declined")
    account.events.clear()
    account.put(declined, "payment_intent.payment_failed")
    await told(account)
    assert await state_of(view) is PurchaseState.PENDING


async def test_an_unpaid_page_expires_and_its_late_money_is_credited_all_the_same(account):
    view = await bought()
    account.expire(view.id)
    await told(account)
    assert await state_of(view) is PurchaseState.EXPIRED
    account.pay(view)
    await told(account)
    assert await state_of(view) is PurchaseState.PAID
    assert (await balance_of(view.tenant_id)).available == 1000


async def test_who_heard_nothing_asks(account):
    paid, unpaid = await bought(), await bought()
    account.pay(paid)
    account.expire(unpaid.id)
    assert await purchases.check_unfinished() == 0
    with later_by(minutes=11):
        assert await purchases.check_unfinished() == 2
        assert await purchases.check_unfinished() == 0
    assert await state_of(paid) is PurchaseState.PAID
    assert await state_of(unpaid) is PurchaseState.EXPIRED


async def test_a_page_nobody_got_expires(account):
    account.is_down = True
    tenant = await make_buyer()
    with pytest.raises(Unavailable):
        await bought(tenant)
    for hours in (1, 3):
        with later_by(hours=hours):
            await purchases.check_unfinished()
    (row,) = await of_platform("SELECT state, next_check_at FROM purchases")
    assert (row["state"], row["next_check_at"]) == ("expired", None)


async def test_open_pages_have_a_limit(account):
    tenant = await make_buyer()
    for _ in range(OPEN_PURCHASES_PER_TENANT_MAX):
        await bought(tenant)
    with pytest.raises(Conflict, match="too_many_open_purchases"):
        await bought(tenant)
    await bought()  # another's


async def test_finance_reads_and_another_tenant_does_not(account):
    view = await bought()
    finance = staff(StaffRole.FINANCE)
    page = await purchases.list_purchases(finance, view.tenant_id)
    assert [one.id for one in page.items] == [view.id]
    stranger = member_of(await make_buyer())
    assert (await purchases.list_purchases(stranger)).items == []
    with pytest.raises(NotFound):
        await purchases.read_purchase(stranger, view.id)


async def test_the_newest_comes_first_whatever_its_request_was_called(account):
    tenant = await make_buyer()
    made = []
    for turn in range(5):
        buyer = replace(
            member_of(tenant), idempotency=Idempotency(f"key-{turn}", "create_purchase", "a" * 64)
        )
        asked = PurchaseCreate(credits=1_000 + turn)
        made.append((await purchases.create_purchase(buyer, URL, asked)).id)
    listed, cursor = [], None
    while True:
        page = await purchases.list_purchases(member_of(tenant), cursor=cursor, limit=2)
        listed += [one.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert listed == made[::-1]
