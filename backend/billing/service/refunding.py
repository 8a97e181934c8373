"""What Stripe says about refunds of a purchase, booked: ours, and those made in its dashboard."""

from typing import Any

from backend.billing.payment_facts import PaymentFacts, RefundFacts
from backend.billing.payments import payments
from backend.billing.purchase_states import (
    ProblemKind,
    PurchaseState,
    RefundEvent,
    RefundMethod,
    RefundOrigin,
    RefundState,
    share_credits,
)
from backend.billing.queries import inbox, purchases, refunds
from backend.billing.schemas.purchases import Purchase, Refund
from backend.billing.service import settling
from backend.billing.service.payment_moves import move_refund, note_refund
from backend.db.scope import Scope, tenant_scope
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.ledger.service import refunds as ledger

_ON_ITS_WAY = frozenset({"pending", "requires_action"})
_CAME_BACK = frozenset({"failed", "canceled"})
GONE = frozenset({RefundState.DECLINED, RefundState.FAILED})


async def settle_whole(payment_id: str) -> Purchase | None:
    """Use case: a payment and every refund of it, in the order they were made."""
    facts, purchase = await settling.settle(payment_id)
    if purchase is None or purchase.state is not PurchaseState.PAID:
        return purchase
    if purchase.payment_id != facts.id:
        return purchase
    made = await payments().refunds_of(facts.id)
    if made:
        await settle_refunds(purchase, facts, made)
    return purchase


async def settle_refunds(
    purchase: Purchase, payment: PaymentFacts, made: list[RefundFacts]
) -> None:
    async with tenant_scope(settling.settler(purchase.tenant_id)) as scope:
        current = await purchases.locked(scope, purchase.id)
        if current is None:
            return
        for facts in made:
            refund = await _known(scope, current, facts)
            if refund is None:
                refund = await _book_foreign(scope, current, payment, facts)
            await apply(scope, refund, facts)
        point("billing.refunds_settled")


async def _known(scope: Scope, purchase: Purchase, facts: RefundFacts) -> Refund | None:
    """By Stripe's id or, before that was kept, by ours in its metadata, where the rest agrees."""
    found = await refunds.by_stripe_id(scope, facts.id)
    if found is not None or facts.refund_id is None:
        return found
    asked = await refunds.find(scope, facts.refund_id)
    if asked is None or asked.stripe_id is not None:
        return None
    is_same = (asked.purchase_id, asked.amount_minor, asked.currency) == (
        purchase.id,
        facts.amount_minor,
        facts.currency,
    )
    return asked if is_same and asked.state is not RefundState.REQUESTED else None


async def apply(scope: Scope, refund: Refund, facts: RefundFacts) -> Refund:
    """A step: the row as far as the refund has come, and the credits back where it failed."""
    if refund.state is RefundState.APPROVED:
        submitted = {"stripe_id": facts.id, "submitted_at": scope.now}
        moved = await move_refund(scope, refund, RefundEvent.SUBMIT, **submitted)
        refund = moved or refund
    if facts.status == "succeeded":
        return await move_refund(scope, refund, RefundEvent.SUCCEED) or refund
    if facts.status in _CAME_BACK:
        return await give_back(scope, refund, facts.failure_reason or facts.status) or refund
    return refund


async def give_back(scope: Scope, refund: Refund, code: str) -> Refund | None:
    """A step: the money did not arrive, so the credits return. None: they had before."""
    moved = await move_refund(scope, refund, RefundEvent.FAIL, failure_code=code[:500])
    if moved is None:
        return None
    if refund.state is RefundState.SUCCEEDED:
        facts = {"refund_id": str(refund.id), "failure_code": code[:500]}
        reference = f"refund:{refund.id}:{ProblemKind.REFUND_FAILED_LATE}"
        await inbox.insert_problem(scope, ProblemKind.REFUND_FAILED_LATE, reference, facts)
    if refund.credits:
        reference = f"refund:{refund.id}"
        await ledger.restore(
            scope, reference, f"{reference}:restored", f"refund failed: {code}"[:500]
        )
    return moved


async def _book_foreign(
    scope: Scope, purchase: Purchase, payment: PaymentFacts, facts: RefundFacts
) -> Refund:
    """The money is gone already: the credits follow as far as they are unspent."""
    before = [one for one in await refunds.of_purchase(scope, purchase.id) if one.state not in GONE]
    minor_gone = sum(one.amount_minor for one in before) + facts.amount_minor
    credits_gone = sum(one.credits + one.missing_credits for one in before)
    due = max(share_credits(purchase.credits, payment.amount_minor, minor_gone) - credits_gone, 0)
    taken = min(due, await ledger.unspent(scope, purchase.reference))
    values: dict[str, Any] = {
        "id": uuid7(),
        "purchase_id": purchase.id,
        "origin": RefundOrigin.STRIPE.value,
        "method": RefundMethod.STRIPE.value,
        "state": RefundState.APPROVED.value,
        "credits": taken,
        "missing_credits": due - taken,
        "amount_minor": facts.amount_minor,
        "currency": facts.currency,
        "reason": "refunded in Stripe's dashboard",
        "requested_by": scope.principal.actor,
        "requested_at": scope.now,
    }
    refund = await refunds.insert(scope, values)
    assert refund is not None, "the purchase's row is locked"
    await note_refund(scope, refund, "hear", None)
    if taken:
        reason = f"refunded in Stripe's dashboard: {facts.id}"
        await ledger.refund(scope, purchase.reference, taken, f"refund:{refund.id}", reason)
    if refund.missing_credits:
        told = {
            "refund": facts.id,
            "purchase_id": str(purchase.id),
            "missing_credits": refund.missing_credits,
            "amount_minor": facts.amount_minor,
        }
        reference = f"refund:{facts.id}:{ProblemKind.REFUND_OVER_UNSPENT}"
        await inbox.insert_problem(scope, ProblemKind.REFUND_OVER_UNSPENT, reference, told)
    return refund
