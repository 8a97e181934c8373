"""The same calls at the simulator and, where a key of an account in test mode is given, at Stripe
itself: what the one answers the other must answer too.
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.billing.payment_client import Payments
from backend.billing.payment_facts import CardRefused, CustomerGone, Line
from backend.billing.payment_setup import PaymentSetup
from backend.kernel.errors import Conflict, NotFound, Unavailable
from backend.kernel.ids import uuid7
from tests.paying import Paying
from tests.peers import STRIPE_KEY

pytestmark = pytest.mark.anyio

AT_STRIPE = pytest.param("stripe", marks=[pytest.mark.peer("stripe"), pytest.mark.enable_socket])


@pytest.fixture(params=["simulator", AT_STRIPE])
async def port(request: pytest.FixtureRequest, paying: Paying) -> AsyncIterator[Payments]:
    if request.param == "simulator":
        yield paying.payments
        return
    key = os.environ[STRIPE_KEY]
    assert key.startswith(("sk_test_", "rk_test_")), "no test ever runs on a live account"
    at_stripe = Payments(PaymentSetup(key, ""))
    yield at_stripe
    await at_stripe.close()


class Buyer:
    """A customer and a card of it, saved as the page would save it."""

    def __init__(self, port: Payments) -> None:
        self.port = port
        self.tenant_id = uuid7()
        self.customer = ""

    async def register(self) -> "Buyer":
        name, email = "Nordlys AS", "buyer@nordlys.example"
        key = f"customer:{self.tenant_id}"
        made = [await self.port.create_customer(self.tenant_id, name, email, key=key) for _ in "ab"]
        assert made[0] == made[1]
        self.customer = made[0]
        return self

    async def save(self, token: str) -> str:
        setup = await self.port._client.v1.setup_intents.create_async(
            {
                "customer": self.customer,
                "payment_method": token,
                "confirm": True,
                "usage": "off_session",
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "metadata": {"tenant_id": str(self.tenant_id)},
            }
        )
        facts = await self.port.setup(setup.id)
        assert (facts.status, facts.tenant_id) == ("succeeded", self.tenant_id)
        assert facts.customer == self.customer
        assert facts.card
        return facts.card

    async def charge(self, card: str, amount_minor: int = 2_000, key: str = ""):
        purchase_id = uuid7()
        return await self.port.charge_card(
            customer=self.customer,
            card=card,
            amount_minor=amount_minor,
            currency="EUR",
            purchase_id=purchase_id,
            tenant_id=self.tenant_id,
            description="2,000 credits",
            key=key or f"purchase:{purchase_id}",
        )


@pytest.fixture
async def buyer(port: Payments) -> Buyer:
    return await Buyer(port).register()


async def test_a_saved_card_is_listed_charged_and_forgotten(buyer: Buyer, port: Payments) -> None:
    card = await buyer.save("pm_card_visa")
    listed = await port.cards(buyer.customer)
    assert [(one.id, one.brand, one.last4) for one in listed] == [(card, "visa", "4242")]
    paid = await buyer.charge(card)
    assert (paid.status, paid.amount_minor, paid.received_minor) == ("succeeded", 2_000, 2_000)
    assert (paid.currency, paid.tenant_id, paid.card) == ("EUR", buyer.tenant_id, card)
    assert await port.payment(paid.id) == paid
    await port.forget_card(card)
    await port.forget_card(card)
    assert await port.cards(buyer.customer) == []
    with pytest.raises(Conflict) as refused:
        await buyer.charge(card)
    assert refused.value.code == "payments_refused"


async def test_a_deleted_customer_is_told_from_all_else_that_is_missing(
    buyer: Buyer, port: Payments
) -> None:
    card = await buyer.save("pm_card_visa")
    await port._client.v1.customers.delete_async(buyer.customer)
    with pytest.raises(CustomerGone):
        await buyer.charge(card)
    with pytest.raises(CustomerGone):
        await port.open_setup(
            customer=buyer.customer,
            tenant_id=buyer.tenant_id,
            success_url="https://desk.example/credits",
            cancel_url="https://desk.example/credits",
            key=f"setup:{uuid7()}",
        )
    with pytest.raises(NotFound):
        await port.cards(buyer.customer)
    assert await port.customer_of_card(card) is None


async def test_one_key_is_one_payment(buyer: Buyer) -> None:
    card = await buyer.save("pm_card_visa")
    purchase_id, key = uuid7(), f"purchase:{uuid7()}"
    said: dict[str, Any] = {
        "customer": buyer.customer,
        "card": card,
        "amount_minor": 500,
        "currency": "EUR",
        "purchase_id": purchase_id,
        "tenant_id": buyer.tenant_id,
        "description": "500 credits",
        "key": key,
    }
    first, again = [await buyer.port.charge_card(**said) for _ in "ab"]
    assert first.id == again.id
    with pytest.raises(Conflict) as refused:
        await buyer.port.charge_card(**{**said, "amount_minor": 501})
    assert refused.value.facts["provider_code"] == "idempotency_error"


async def test_a_card_that_is_declined_later_says_so(buyer: Buyer, port: Payments) -> None:
    card = await buyer.save("pm_card_chargeCustomerFail")
    key = f"purchase:{uuid7()}"
    with pytest.raises(CardRefused) as refused:
        await buyer.charge(card, key=key)
    assert refused.value.code == "card_declined"
    assert refused.value.decline_code == "generic_decline"
    failed = await port.payment(refused.value.payment_id or "")
    assert (failed.status, failed.received_minor) == ("requires_payment_method", 0)
    assert failed.decline_code == "generic_decline"


async def test_a_bank_that_wants_its_customer_is_asked_with_a_page(
    buyer: Buyer, port: Payments
) -> None:
    card = await _attached(buyer, "pm_card_authenticationRequired")
    with pytest.raises(CardRefused) as refused:
        await buyer.charge(card)
    assert refused.value.code == "authentication_required"
    payment = refused.value.payment_id or ""
    asked = await port.authenticate(
        payment, card=card, return_url="https://desk.example/back", key=f"ask:{payment}"
    )
    assert asked.status == "requires_action"
    assert asked.next_action_url
    assert asked.next_action_url.startswith("http")
    cancelled = await port.cancel_payment(payment, key=f"cancel:{payment}")
    assert cancelled.status == "canceled"


async def _attached(buyer: Buyer, token: str) -> str:
    attached = await buyer.port._client.v1.payment_methods.attach_async(
        token, {"customer": buyer.customer}
    )
    return str(attached.id)


async def test_money_goes_back_once_and_never_more_than_came(buyer: Buyer, port: Payments) -> None:
    paid = await buyer.charge(await buyer.save("pm_card_visa"), 1_000)
    refund_id = uuid7()

    async def give_back(amount_minor: int, key: str):
        return await port.refund(
            payment=paid.id,
            amount_minor=amount_minor,
            refund_id=refund_id,
            tenant_id=buyer.tenant_id,
            key=key,
        )

    first = await give_back(400, f"refund:{refund_id}")
    assert (first.status, first.amount_minor, first.currency) == ("succeeded", 400, "EUR")
    assert (first.payment, first.refund_id) == (paid.id, refund_id)
    assert (await give_back(400, f"refund:{refund_id}")).id == first.id
    with pytest.raises(Conflict) as refused:
        await give_back(601, f"refund:{uuid7()}")
    assert refused.value.code == "payments_refused"
    assert (await port.refund_facts(first.id)).status == "succeeded"


async def test_pages_are_opened_for_paying_and_for_saving(buyer: Buyer, port: Payments) -> None:
    purchase_id = uuid7()
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    page = await port.open_checkout(
        customer=buyer.customer,
        purchase_id=purchase_id,
        tenant_id=buyer.tenant_id,
        lines=[Line("1,000 credits", 2_000), Line("VAT 21 %", 420)],
        currency="EUR",
        success_url="https://desk.example/paid?checkout={CHECKOUT_SESSION_ID}",
        cancel_url="https://desk.example/back",
        expires_at=expires_at,
        save_card=True,
        key=f"purchase:{purchase_id}",
    )
    assert page.url.startswith("http")
    assert abs(page.expires_at - expires_at) < timedelta(seconds=2)
    facts = await port.checkout(page.id)
    assert (facts.mode, facts.status, facts.payment_status) == ("payment", "open", "unpaid")
    assert (facts.purchase_id, facts.tenant_id) == (purchase_id, buyer.tenant_id)
    assert facts.customer == buyer.customer
    saving = await port.open_setup(
        customer=buyer.customer,
        tenant_id=buyer.tenant_id,
        success_url="https://desk.example/saved",
        cancel_url="https://desk.example/back",
        key=f"setup:{uuid7()}",
    )
    found = await port.checkout(saving.id)
    assert (found.mode, found.status, found.tenant_id) == ("setup", "open", buyer.tenant_id)


async def test_what_was_paid_and_given_back_is_listed_by_its_time(
    buyer: Buyer, port: Payments
) -> None:
    start = datetime.now(UTC) - timedelta(seconds=30)
    paid = await buyer.charge(await buyer.save("pm_card_visa"), 700)
    back = await port.refund(
        payment=paid.id,
        amount_minor=700,
        refund_id=uuid7(),
        tenant_id=buyer.tenant_id,
        key=f"refund:{uuid7()}",
    )
    end = datetime.now(UTC) + timedelta(seconds=30)
    assert paid.id in [one.id async for one in port.payments_between(start, end)]
    assert back.id in [one.id async for one in port.refunds_between(start, end)]
    assert [one async for one in port.disputes_between(start, start)] == []
    before = start - timedelta(days=1)
    assert paid.id not in [one.id async for one in port.payments_between(before, start)]


async def test_what_nobody_knows_is_not_found(port: Payments) -> None:
    for ask in (port.payment, port.refund_facts, port.dispute, port.checkout, port.setup):
        with pytest.raises(NotFound):
            await ask("none_such")


async def test_a_wrong_key_is_nobodys_card(port: Payments) -> None:
    stranger = Payments(PaymentSetup("sk_test_wrong", "", port._setup.base_url))
    try:
        with pytest.raises(Unavailable) as refused:
            await stranger.payment("pi_any")
    finally:
        await stranger.close()
    assert refused.value.code == "payments_unavailable"
    assert "sk_test" not in refused.value.detail
