"""An account at the payment provider, kept in memory behind the port: what happens there has an
order, and a test chooses how much of it may be seen yet.
"""

import hashlib
import hmac
import json
import pickle
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from msgspec.structs import replace

from backend.billing.payment_client import Payments
from backend.billing.payment_facts import (
    Card,
    Checkout,
    CheckoutFacts,
    CustomerGone,
    DisputeFacts,
    PaymentFacts,
    RefundFacts,
    WarningFacts,
)
from backend.billing.payment_setup import PaymentSetup
from backend.kernel.errors import Conflict, NotFound, Unavailable

SECRET = "whsec_of_tests"
Seen = TypeVar("Seen")


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> str:
    stamp = int(at or time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


class StripeAccount(Payments):
    def __init__(self) -> None:
        super().__init__(PaymentSetup("sk_test_tests", SECRET))
        self.step = 0
        self.shown = 10**9
        """Nothing that happened after this step is seen."""
        self.is_down = False
        self.saved_cards: dict[str, list[Card]] = {}
        self.refuses_refunds = False
        self.gone: set[str] = set()
        """Customers that were deleted there."""
        self.calls: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.events: list[tuple[int, str, str, str]] = []
        self._objects: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        self._keys: dict[str, Any] = {}

    def _changed(self) -> None:
        """Something happened there."""

    def count(self, kind: type[Any]) -> int:
        return sum(isinstance(versions[-1][1], kind) for versions in self._objects.values())

    def forget_keys(self) -> None:
        """As it does after a day."""
        self._keys.clear()
        self._changed()

    def delete_customers(self) -> None:
        self.gone |= {str(kept) for kept in self._keys.values() if str(kept).startswith("cus_")}
        self._changed()

    def lose(self, object_id: str) -> None:
        del self._objects[object_id]

    # --- what happens there ---------------------------------------------------------------------

    def put(self, facts: Seen, *events: str) -> Seen:
        self.step += 1
        known: Any = facts
        self._objects[known.id].append((self.step, facts))
        self._changed()
        for kind in events:
            self.say(kind, known.id)
        return facts

    def say(self, kind: str, object_id: str) -> str:
        event_id = f"evt_{uuid4().hex}"
        self.events.append((self.step, event_id, kind, object_id))
        self._changed()
        return event_id

    def newest(self, object_id: str) -> Any:
        return self._objects[object_id][-1][1]

    def page_of(self, purchase_id: UUID) -> CheckoutFacts:
        for versions in self._objects.values():
            facts = versions[-1][1]
            if isinstance(facts, CheckoutFacts) and facts.purchase_id == purchase_id:
                return facts
        raise AssertionError(purchase_id)

    def pay(self, purchase: Any, *, delayed: bool = False, **forged: Any) -> PaymentFacts:
        """On the page, by card, or by a method whose money comes later (`arrive`, `bounce`)."""
        page = self.page_of(purchase.id)
        payment = PaymentFacts(
            id=f"pi_{uuid4().hex}",
            status="processing" if delayed else "succeeded",
            amount_minor=purchase.gross_minor,
            received_minor=0 if delayed else purchase.gross_minor,
            currency=purchase.currency,
            purchase_id=page.purchase_id,
            tenant_id=page.tenant_id,
            customer=page.customer,
            card="pm_1",
            charge=f"ch_{uuid4().hex}",
            decline_code=None,
            next_action_url=None,
        )
        kind = "processing" if delayed else "succeeded"
        payment = self.put(replace(payment, **forged), f"payment_intent.{kind}")
        self.put(
            replace(
                page,
                status="complete",
                payment_status="unpaid" if delayed else "paid",
                payment_intent=payment.id,
            ),
            "checkout.session.completed",
        )
        return payment

    def arrive(self, payment: PaymentFacts) -> None:
        assert payment.purchase_id is not None
        page = self.page_of(payment.purchase_id)
        received = {"status": "succeeded", "received_minor": payment.amount_minor}
        self.put(replace(payment, **received), "payment_intent.succeeded")
        paid = replace(page, payment_status="paid")
        self.put(paid, "checkout.session.async_payment_succeeded")

    def bounce(self, payment: PaymentFacts) -> None:
        assert payment.purchase_id is not None
        page = self.page_of(payment.purchase_id)
        refused = {"status": "requires_payment_method", "decline_code": "insufficient_funds"}
        self.put(replace(payment, **refused), "payment_intent.payment_failed")
        self.put(page, "checkout.session.async_payment_failed")

    def expire(self, purchase_id: UUID) -> None:
        page = self.page_of(purchase_id)
        self.put(replace(page, status="expired"), "checkout.session.expired")

    def refund_there(self, payment: PaymentFacts, amount_minor: int) -> RefundFacts:
        """In the provider's own dashboard."""
        made = RefundFacts(
            f"re_{uuid4().hex}", "succeeded", amount_minor, payment.currency, payment.id, None, None
        )
        self.put(made, "refund.created", "refund.updated")
        self.say("charge.refunded", str(payment.charge))
        return made

    def fail_refund(self, refund: RefundFacts) -> None:
        failed = replace(refund, status="failed", failure_reason="expired_or_canceled_card")
        self.put(failed, "refund.failed", "charge.refund.updated")

    def dispute_it(self, payment: PaymentFacts, status: str = "needs_response") -> DisputeFacts:
        made = DisputeFacts(
            id=f"du_{uuid4().hex}",
            status=status,
            reason="fraudulent",
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            payment=payment.id,
            charge=payment.charge,
        )
        return self.put(made, "charge.dispute.created", "charge.dispute.funds_withdrawn")

    def close_dispute(self, dispute: DisputeFacts, status: str) -> None:
        back = ["charge.dispute.funds_reinstated"] if status == "won" else []
        self.put(replace(dispute, status=status), "charge.dispute.closed", *back)

    def warn(self, payment: PaymentFacts) -> WarningFacts:
        made = WarningFacts(f"issfr_{uuid4().hex}", payment.id, payment.charge, True)
        return self.put(made, "radar.early_fraud_warning.created")

    def body_of(self, event_id: str, kind: str, object_id: str, **changed: Any) -> bytes:
        """As the provider writes an event; a charge names its payment."""
        said: dict[str, Any] = {"id": object_id, "object": kind.rsplit(".", 1)[0]}
        for versions in self._objects.values():
            facts = versions[-1][1]
            if isinstance(facts, PaymentFacts) and facts.charge == object_id:
                said["payment_intent"] = facts.id
        event = {
            "id": event_id,
            "object": "event",
            "type": kind,
            "livemode": False,
            "created": int(time.time()),
            "api_version": "2026-10-28.endive",
            "data": {"object": said},
            **changed,
        }
        return json.dumps(event).encode()

    # --- the port -------------------------------------------------------------------------------

    def _read(self, object_id: str, kind: type[Seen]) -> Seen:
        self.calls.append(f"read {object_id}")
        if self.is_down:
            raise Unavailable("payments_unavailable")
        seen = [facts for step, facts in self._objects[object_id] if step <= self.shown]
        if not seen:
            raise NotFound("not_at_provider")
        found = seen[-1]
        assert isinstance(found, kind)
        return found

    def _once(self, key: str, made: Any) -> Any:
        """The same key gets the same object."""
        if self.is_down:
            raise Unavailable("payments_unavailable")
        kept = self._keys.setdefault(key, made)
        self._changed()
        return kept

    async def create_customer(self, tenant_id: UUID, name: str, email: str, *, key: str) -> str:
        self.calls.append("create_customer")
        del tenant_id, name, email
        return str(self._once(key, f"cus_{uuid4().hex}"))

    async def open_checkout(self, **asked: Any) -> Checkout:
        self.calls.append("open_checkout")
        self.asked.append(asked)
        if asked["customer"] in self.gone:
            raise CustomerGone
        page = Checkout(f"cs_{uuid4().hex}", "https://pay.test/c", asked["expires_at"])
        kept: Checkout = self._once(asked["key"], page)
        if kept is page:
            facts = CheckoutFacts(
                id=page.id,
                mode="payment",
                status="open",
                payment_status="unpaid",
                payment_intent=None,
                setup_intent=None,
                customer=asked["customer"],
                purchase_id=asked["purchase_id"],
                tenant_id=asked["tenant_id"],
            )
            self.put(facts)
        return kept

    async def open_setup(self, **asked: Any) -> Checkout:
        made = Checkout(f"cs_{uuid4().hex}", "https://pay.example/setup", datetime.now(UTC))
        kept: Checkout = self._once(asked["key"], made)
        return kept

    async def cards(self, customer: str) -> list[Card]:
        return self.saved_cards.get(customer, [])

    async def forget_card(self, card: str) -> None:
        for saved in self.saved_cards.values():
            saved[:] = [one for one in saved if one.id != card]

    async def checkout(self, checkout_id: str) -> CheckoutFacts:
        return self._read(checkout_id, CheckoutFacts)

    async def payment(self, payment_id: str) -> PaymentFacts:
        return self._read(payment_id, PaymentFacts)

    async def refund_facts(self, refund_id: str) -> RefundFacts:
        return self._read(refund_id, RefundFacts)

    async def refunds_of(self, payment: str) -> list[RefundFacts]:
        newest = [
            [facts for step, facts in versions if step <= self.shown][-1:]
            for versions in list(self._objects.values())
        ]
        self.calls.append(f"refunds_of {payment}")
        if self.is_down:
            raise Unavailable("payments_unavailable")
        return [
            facts
            for found in newest
            for facts in found
            if isinstance(facts, RefundFacts) and facts.payment == payment
        ]

    async def dispute(self, dispute_id: str) -> DisputeFacts:
        return self._read(dispute_id, DisputeFacts)

    async def disputes_between(self, start: datetime, end: datetime) -> AsyncIterator[DisputeFacts]:
        del start, end
        if self.is_down:
            raise Unavailable("payments_unavailable")
        for versions in list(self._objects.values()):
            if isinstance(versions[-1][1], DisputeFacts):
                yield versions[-1][1]

    async def warning(self, warning_id: str) -> WarningFacts:
        return self._read(warning_id, WarningFacts)

    async def refund(self, **asked: Any) -> RefundFacts:
        self.calls.append("refund")
        if self.refuses_refunds:
            raise Conflict("payments_refused", provider_code="charge_disputed")
        if asked["payment"] not in self._objects:
            raise NotFound("not_at_provider")
        payment = self.newest(asked["payment"])
        made = RefundFacts(
            id=f"re_{uuid4().hex}",
            status="pending",
            amount_minor=asked["amount_minor"],
            currency=payment.currency,
            payment=payment.id,
            refund_id=asked["refund_id"],
            failure_reason=None,
        )
        kept: RefundFacts = self._once(asked["key"], made)
        if kept is made:
            self.put(made, "refund.created")
            self.say("charge.refunded", str(payment.charge))
        return kept


class FiledAccount(StripeAccount):
    """The same in a file: what happened there outlives the process that asked for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        if path.exists():
            with path.open("rb") as file:
                kept = pickle.load(file)  # noqa: S301 - written by a test a moment ago
            self.step, self.events, objects, self._keys, self.gone = kept
            self._objects = defaultdict(list, objects)

    def _changed(self) -> None:
        kept = (self.step, self.events, dict(self._objects), self._keys, self.gone)
        with self._path.open("wb") as file:
            pickle.dump(kept, file)
