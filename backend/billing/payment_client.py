"""The payment provider: a port around Stripe's own library.

Every call is read again or repeated without harm: writes carry the caller's idempotency key, and
what came of them is asked of the provider, not remembered. None of them belongs into a scope.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import stripe
from stripe.params.checkout import SessionCreateParamsPaymentIntentData

from backend.billing import payment_objects as objects
from backend.billing.payment_answers import answered, created_between, each_of
from backend.billing.payment_events import believed
from backend.billing.payment_facts import (
    Card,
    Checkout,
    CheckoutFacts,
    DisputeFacts,
    Line,
    PaymentFacts,
    RefundFacts,
    SetupFacts,
    StripeEvent,
    WarningFacts,
)
from backend.billing.payment_http import HttpClient
from backend.billing.payment_setup import PaymentSetup
from backend.kernel.errors import Conflict, MalformedInput, NotFound

CALL_RETRIES_MAX: Final = 2  # by the library, with the same idempotency key
PAGE_OBJECTS: Final = 100  # the provider's own maximum

stripe.enable_telemetry = False  # no timings of our calls to anybody


class Payments:
    def __init__(self, setup: PaymentSetup) -> None:
        self._setup = setup
        self.is_live = setup.is_live
        self.refused_events = 0  # since this process started
        self._http = HttpClient(is_direct=bool(setup.base_url))
        self._client = stripe.StripeClient(
            setup.api_key,
            base_addresses={"api": setup.base_url} if setup.base_url else None,
            max_network_retries=CALL_RETRIES_MAX,
            http_client=self._http,
        )

    async def close(self) -> None:
        await self._http.close_async()

    async def create_customer(self, tenant_id: UUID, name: str, email: str, *, key: str) -> str:
        made = await answered(
            self._client.v1.customers.create_async(
                {"name": name, "email": email, "metadata": {"tenant_id": str(tenant_id)}},
                {"idempotency_key": key},
            )
        )
        return made.id

    async def open_checkout(
        self,
        *,
        customer: str,
        purchase_id: UUID,
        tenant_id: UUID,
        lines: Iterable[Line],
        currency: str,
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
        save_card: bool,
        key: str,
    ) -> Checkout:
        """`expires_at` lies 30 minutes to 24 hours ahead: the provider's bounds."""
        ours = {"purchase_id": str(purchase_id), "tenant_id": str(tenant_id)}
        payment: SessionCreateParamsPaymentIntentData = {"metadata": ours}
        if save_card:
            payment["setup_future_usage"] = "off_session"
        made = await answered(
            self._client.v1.checkout.sessions.create_async(
                {
                    "mode": "payment",
                    "customer": customer,
                    "client_reference_id": str(purchase_id),
                    "line_items": objects.line_items(lines, currency),
                    "adaptive_pricing": {"enabled": False},  # the currency on the document is paid
                    "payment_intent_data": payment,
                    "metadata": ours,
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "expires_at": int(expires_at.timestamp()),
                },
                {"idempotency_key": key},
            )
        )
        return objects.page_of(made)

    async def open_setup(
        self,
        *,
        customer: str,
        tenant_id: UUID,
        success_url: str,
        cancel_url: str,
        currency: str = "EUR",
        key: str,
    ) -> Checkout:
        """A page on which a card is saved and nothing is paid."""
        ours = {"tenant_id": str(tenant_id)}
        made = await answered(
            self._client.v1.checkout.sessions.create_async(
                {
                    "mode": "setup",
                    "customer": customer,
                    "currency": currency.lower(),
                    "allowed_payment_method_types": ["card"],
                    "setup_intent_data": {"metadata": ours},
                    "metadata": ours,
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                },
                {"idempotency_key": key},
            )
        )
        return objects.page_of(made)

    async def checkout(self, checkout_id: str) -> CheckoutFacts:
        found = self._client.v1.checkout.sessions.retrieve_async(checkout_id)
        return objects.checkout_of(await answered(found))

    async def charge_card(
        self,
        *,
        customer: str,
        card: str,
        amount_minor: int,
        currency: str,
        purchase_id: UUID,
        tenant_id: UUID,
        description: str,
        key: str,
    ) -> PaymentFacts:
        """Nobody is there to confirm. Raises CardRefused, with `authentication_required` where the
        bank wants its customer: then `authenticate`.
        """
        made = self._client.v1.payment_intents.create_async(
            {
                "customer": customer,
                "payment_method": card,
                "allowed_payment_method_types": ["card"],
                "amount": amount_minor,
                "currency": currency.lower(),
                "description": description,
                "metadata": {"purchase_id": str(purchase_id), "tenant_id": str(tenant_id)},
                "off_session": True,
                "confirm": True,
            },
            {"idempotency_key": key},
        )
        return objects.payment_of(await answered(made))

    async def authenticate(
        self, payment: str, *, card: str, return_url: str, key: str
    ) -> PaymentFacts:
        """The same payment, its owner present: `next_action_url` is the bank's page."""
        confirmed = self._client.v1.payment_intents.confirm_async(
            payment, {"payment_method": card, "return_url": return_url}, {"idempotency_key": key}
        )
        return objects.payment_of(await answered(confirmed))

    async def cancel_payment(self, payment: str, *, key: str) -> PaymentFacts:
        """Raises Conflict `payments_refused` for one that has gone through or is on its way."""
        cancelled = self._client.v1.payment_intents.cancel_async(
            payment, {}, {"idempotency_key": key}
        )
        return objects.payment_of(await answered(cancelled))

    async def payment(self, payment_id: str) -> PaymentFacts:
        found = self._client.v1.payment_intents.retrieve_async(payment_id)
        return objects.payment_of(await answered(found))

    async def setup(self, setup_id: str) -> SetupFacts:
        found = self._client.v1.setup_intents.retrieve_async(setup_id)
        return objects.setup_of(await answered(found))

    async def cards(self, customer: str) -> list[Card]:
        listed = self._client.v1.customers.payment_methods.list_async(
            customer, {"type": "card", "limit": PAGE_OBJECTS}
        )
        return [objects.card_of(method) for method in (await answered(listed)).data]

    async def customer_of_card(self, card: str) -> str | None:
        """None for one that is attached to nobody (any more)."""
        found = await answered(self._client.v1.payment_methods.retrieve_async(card))
        return objects.id_of(found.customer)

    async def forget_card(self, card: str) -> None:
        """Forgetting twice is no error."""
        try:
            await answered(self._client.v1.payment_methods.detach_async(card))
        except (NotFound, Conflict):  # gone, or attached to nobody any more
            return

    async def refund(
        self, *, payment: str, amount_minor: int, refund_id: UUID, tenant_id: UUID, key: str
    ) -> RefundFacts:
        """Raises Conflict `payments_refused` where more would go back than was paid."""
        made = self._client.v1.refunds.create_async(
            {
                "payment_intent": payment,
                "amount": amount_minor,
                "metadata": {"refund_id": str(refund_id), "tenant_id": str(tenant_id)},
            },
            {"idempotency_key": key},
        )
        return objects.refund_of(await answered(made))

    async def refund_facts(self, refund_id: str) -> RefundFacts:
        return objects.refund_of(await answered(self._client.v1.refunds.retrieve_async(refund_id)))

    async def refunds_of(self, payment: str) -> list[RefundFacts]:
        """Every refund of a payment, in the order they were made."""
        listed = self._client.v1.refunds.list_async(
            {"payment_intent": payment, "limit": PAGE_OBJECTS}
        )
        newest_first = [objects.refund_of(refund) async for refund in each_of(listed)]
        return newest_first[::-1]

    async def dispute(self, dispute_id: str) -> DisputeFacts:
        return objects.dispute_of(
            await answered(self._client.v1.disputes.retrieve_async(dispute_id))
        )

    async def warning(self, warning_id: str) -> WarningFacts:
        found = self._client.v1.radar.early_fraud_warnings.retrieve_async(warning_id)
        return objects.warning_of(await answered(found))

    async def payments_between(self, start: datetime, end: datetime) -> AsyncIterator[PaymentFacts]:
        """Made in [start, end), the newest first."""
        listed = self._client.v1.payment_intents.list_async(
            {"created": created_between(start, end), "limit": PAGE_OBJECTS}
        )
        async for payment in each_of(listed):
            yield objects.payment_of(payment)

    async def refunds_between(self, start: datetime, end: datetime) -> AsyncIterator[RefundFacts]:
        """Made in [start, end), the newest first."""
        listed = self._client.v1.refunds.list_async(
            {"created": created_between(start, end), "limit": PAGE_OBJECTS}
        )
        async for refund in each_of(listed):
            yield objects.refund_of(refund)

    async def disputes_between(self, start: datetime, end: datetime) -> AsyncIterator[DisputeFacts]:
        """Made in [start, end), the newest first."""
        listed = self._client.v1.disputes.list_async(
            {"created": created_between(start, end), "limit": PAGE_OBJECTS}
        )
        async for dispute in each_of(listed):
            yield objects.dispute_of(dispute)

    def event(self, body: bytes, signature: str) -> StripeEvent:
        """Raises MalformedInput `signature_invalid` for whatever is not said by our account, in
        our mode, in the last five minutes; nothing about it is kept but its count.
        """
        try:
            return believed(self._client, body, signature, self._setup)
        except MalformedInput:
            self.refused_events += 1
            raise
