"""What Stripe says about a payment, booked: once, whatever the order and number of its events.

Nothing here believes an event. Each names an object; the object is read again, and our rows move as
far as it has come. So every order of events, and every repetition, ends in the same rows.
"""

from typing import Any
from uuid import UUID

from backend.billing.payment_facts import CheckoutFacts, PaymentFacts
from backend.billing.payments import payments
from backend.billing.purchase_states import (
    UNFINISHED,
    ProblemKind,
    PurchaseEvent,
    PurchaseSource,
    PurchaseState,
)
from backend.billing.queries import inbox, purchases
from backend.billing.schemas.purchases import Purchase
from backend.billing.service.payment_moves import move_purchase
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.faults import point
from backend.kernel.principal import Principal, system
from backend.ledger.service import lots

SETTLER = "payments"
_GONE = frozenset({"requires_payment_method", "canceled"})
"""Statuses of a payment that was tried and that nobody is working on."""


def settler(tenant_id: UUID | None = None) -> Principal:
    return system(SETTLER, tenant_id)


async def settle_payment(facts: PaymentFacts) -> Purchase | None:
    """Use case: our purchase as far as its payment has come, credited once when it is paid.

    Tenant, amount and currency are the payment's own, checked against the purchase: where they
    differ nothing is credited and finance gets a problem. None: it is no payment of ours.
    """
    if facts.tenant_id is None or facts.purchase_id is None:
        return None  # another product on the same account
    async with tenant_scope(settler(facts.tenant_id)) as scope:
        purchase = await purchases.locked(scope, facts.purchase_id)
        if purchase is not None:
            purchase = await _book_payment(scope, purchase, facts)
            point("billing.settled")
    if purchase is None and facts.status == "succeeded":
        await _tell_unknown(facts)
    return purchase


async def _tell_unknown(facts: PaymentFacts) -> None:
    """Forged, or of another installation on the same account: its tenant is only what it says."""
    async with platform_scope(settler(), "a payment of no purchase") as scope:
        reference = f"payment:{facts.id}:{ProblemKind.UNKNOWN_PURCHASE}"
        await inbox.insert_problem(
            scope, ProblemKind.UNKNOWN_PURCHASE, reference, _told(facts, facts.purchase_id)
        )


async def _book_payment(scope: Scope, purchase: Purchase, facts: PaymentFacts) -> Purchase:
    if facts.status == "succeeded":
        return await _book_paid(scope, purchase, facts)
    moved = None
    if purchase.payment_id not in {None, facts.id}:
        return purchase  # an older try; the newer one decides
    if facts.status == "processing":
        moved = await move_purchase(
            scope, purchase, PurchaseEvent.WAIT_FOR_MONEY, payment_id=facts.id
        )
    elif purchase.source is PurchaseSource.AUTO_RELOAD:
        # On a page the buyer may try another card: there the page decides (`settle_checkout`).
        if facts.status == "requires_action":
            moved = await move_purchase(
                scope, purchase, PurchaseEvent.ASK_CUSTOMER, payment_id=facts.id
            )
        elif facts.status in _GONE:
            moved = await fail(scope, purchase, facts.decline_code or facts.status, facts.id)
    return moved or purchase


async def fail(
    scope: Scope, purchase: Purchase, code: str, payment_id: str | None = None
) -> Purchase | None:
    """A step. None: it was settled before, one way or the other."""
    return await move_purchase(
        scope,
        purchase,
        PurchaseEvent.FAIL,
        failure_code=code[:100],
        next_check_at=None,
        payment_id=payment_id or purchase.payment_id,
    )


async def _book_paid(scope: Scope, purchase: Purchase, facts: PaymentFacts) -> Purchase:
    problem = problem_of(purchase, facts)
    if problem is not None:
        reference = f"payment:{facts.id}:{problem}"
        await inbox.insert_problem(scope, problem, reference, _told(facts, purchase.id, purchase))
        return await purchases.change(scope, purchase, None, {"next_check_at": None}) or purchase
    moved = await move_purchase(
        scope,
        purchase,
        PurchaseEvent.PAY,
        payment_id=facts.id,
        charge_id=facts.charge,
        paid_at=scope.now,
        failure_code=None,
        next_check_at=None,
    )
    if moved is None:
        return purchase
    point("billing.paid")
    await lots.top_up(scope, moved.credits, moved.reference, reason=f"bought: {moved.source}")
    return moved


def problem_of(purchase: Purchase, facts: PaymentFacts) -> ProblemKind | None:
    """Why a payment that went through is not this purchase's."""
    if purchase.state is PurchaseState.PAID and purchase.payment_id != facts.id:
        return ProblemKind.PAID_TWICE
    if facts.currency != purchase.currency:
        return ProblemKind.CURRENCY_DIFFERS
    if not facts.amount_minor == facts.received_minor == purchase.gross_minor:
        return ProblemKind.AMOUNT_DIFFERS
    if purchase.customer_id is not None and facts.customer != purchase.customer_id:
        return ProblemKind.CUSTOMER_DIFFERS
    return None


def _told(
    facts: PaymentFacts, purchase_id: UUID | None, purchase: Purchase | None = None
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "payment": facts.id,
        "purchase_id": str(purchase_id),
        "tenant_id": str(facts.tenant_id),
        "received_minor": facts.received_minor,
        "currency": facts.currency,
    }
    if purchase is not None:
        told |= {"expected_minor": purchase.gross_minor, "expected_currency": purchase.currency}
        told |= {"payment_before": purchase.payment_id}
    return told


async def settle_checkout(checkout_id: str) -> Purchase | None:
    """Use case: a page and what was paid on it. None: no page of ours."""
    seen = await payments().checkout(checkout_id)
    if seen.mode != "payment" or seen.tenant_id is None or seen.purchase_id is None:
        return None
    payment = await payments().payment(seen.payment_intent) if seen.payment_intent else None
    point("billing.read_again")
    purchase = await settle_payment(payment) if payment else None
    if purchase is not None and purchase.state is PurchaseState.PAID:
        return purchase
    async with tenant_scope(settler(seen.tenant_id)) as scope:
        purchase = await purchases.locked(scope, seen.purchase_id)
        return purchase and await _close_page(scope, purchase, seen, payment)


async def _close_page(
    scope: Scope, purchase: Purchase, seen: CheckoutFacts, payment: PaymentFacts | None
) -> Purchase:
    if purchase.checkout_id not in {None, seen.id} or purchase.state not in UNFINISHED:
        return purchase
    moved = None
    if seen.status == "expired":
        moved = await move_purchase(scope, purchase, PurchaseEvent.EXPIRE, next_check_at=None)
    elif seen.status == "complete" and payment is not None and payment.status in _GONE:
        # A delayed method that was refused in the end.
        moved = await fail(scope, purchase, payment.decline_code or payment.status, payment.id)
    if moved is None and purchase.checkout_id is None:
        moved = await purchases.change(scope, purchase, None, {"checkout_id": seen.id})
    return moved or purchase


async def settle(payment_id: str) -> tuple[PaymentFacts, Purchase | None]:
    """Use case: a payment, and the page it was made on where it has not gone through."""
    facts = await payments().payment(payment_id)
    point("billing.read_again")
    purchase = await settle_payment(facts)
    if purchase is not None and purchase.state in UNFINISHED and purchase.checkout_id is not None:
        purchase = await settle_checkout(purchase.checkout_id)
    return facts, purchase
