"""The three functions that move a purchase, a refund and a dispute: compare-and-set, event row,
audit row, outbox row. A row that is already there, or further, answers None and nothing is written.
"""

from typing import Any, Final

from backend.audit.service import record
from backend.billing.purchase_states import (
    DISPUTE_MOVES,
    PURCHASE_MOVES,
    REFUND_MOVES,
    DisputeEvent,
    DisputeState,
    PurchaseEvent,
    PurchaseState,
    RefundEvent,
    RefundState,
)
from backend.billing.queries import purchases, refunds
from backend.billing.schemas.purchases import Dispute, Purchase, Refund
from backend.db.scope import Scope
from backend.kernel.errors import StateConflict
from backend.outbox.service import announce
from backend.outbox.topics import Topic

_PURCHASE_NEWS: Final = {
    PurchaseState.PAID: Topic.PURCHASE_PAID,
    PurchaseState.FAILED: Topic.PURCHASE_FAILED,
    PurchaseState.AWAITING_CUSTOMER: Topic.PURCHASE_AWAITING_CUSTOMER,
}
_DISPUTE_NEWS: Final = {
    DisputeState.OPEN: Topic.PURCHASE_DISPUTED,
    DisputeState.WON: Topic.PURCHASE_DISPUTE_WON,
    DisputeState.LOST: Topic.PURCHASE_DISPUTE_LOST,
}


async def move_purchase(
    scope: Scope, purchase: Purchase, event: PurchaseEvent, **changes: Any
) -> Purchase | None:
    """None: this state takes no such event (any more). Raises StateConflict where the row changed
    since it was read, which a locked one cannot.
    """
    to = PURCHASE_MOVES.get((purchase.state, event))
    if to is None:
        return None
    moved = await purchases.change(scope, purchase, to, changes)
    if moved is None:
        raise _lost("purchase", str(purchase.id))
    facts = {"failure_code": moved.failure_code} if to is PurchaseState.FAILED else {}
    await note_purchase(scope, moved, event.value, purchase.state, facts)
    if to in _PURCHASE_NEWS:
        await announce(scope, _PURCHASE_NEWS[to], {"purchase_id": str(purchase.id), **facts})
    return moved


async def note_purchase(
    scope: Scope,
    purchase: Purchase,
    event: str,
    before: PurchaseState | None,
    facts: dict[str, Any],
) -> None:
    await purchases.insert_event(
        scope,
        machine="purchase",
        subject_id=str(purchase.id),
        event=event,
        states=(before and before.value, purchase.state.value),
        purchase_id=purchase.id,
        top_up_id=None,
        facts=facts,
    )
    await record(
        scope,
        f"purchase.{event}",
        f"purchase:{purchase.id}",
        credits=purchase.credits,
        gross_minor=purchase.gross_minor,
        currency=purchase.currency,
        payment_id=purchase.payment_id,
        **facts,
    )


async def move_refund(
    scope: Scope, refund: Refund, event: RefundEvent, **changes: Any
) -> Refund | None:
    """As `move_purchase`."""
    to = REFUND_MOVES.get((refund.state, event))
    if to is None:
        return None
    if to in {RefundState.SUCCEEDED, RefundState.FAILED, RefundState.DECLINED}:
        changes["settled_at"] = scope.now
    moved = await refunds.change(scope, refund, to, changes)
    if moved is None:
        raise _lost("refund", str(refund.id))
    await note_refund(scope, moved, event.value, refund.state)
    if to is RefundState.SUCCEEDED:
        await _announce_refund(scope, refund)
    return moved


async def note_refund(scope: Scope, refund: Refund, event: str, before: RefundState | None) -> None:
    await purchases.insert_event(
        scope,
        machine="refund",
        subject_id=str(refund.id),
        event=event,
        states=(before and before.value, refund.state.value),
        purchase_id=refund.purchase_id,
        top_up_id=refund.top_up_id,
        facts={"failure_code": refund.failure_code} if refund.failure_code else {},
    )
    await record(
        scope,
        f"refund.{event}",
        f"refund:{refund.id}",
        of=refund.top_up_reference,
        credits=refund.credits,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        reason=refund.reason,
        reference=refund.reference,
    )


async def _announce_refund(scope: Scope, refund: Refund) -> None:
    told = {"refund_id": str(refund.id)}
    if refund.purchase_id is not None:
        told["purchase_id"] = str(refund.purchase_id)
        await announce(scope, Topic.PURCHASE_REFUNDED, told)
    else:
        told["top_up_id"] = str(refund.top_up_id)
        await announce(scope, Topic.TOP_UP_REFUNDED, told)


async def move_dispute(scope: Scope, dispute: Dispute, event: DisputeEvent) -> Dispute | None:
    """As `move_purchase`."""
    to = DISPUTE_MOVES.get((dispute.state, event))
    if to is None:
        return None
    ended = scope.now if to is not DisputeState.OPEN else None
    moved = await refunds.change_dispute(scope, dispute, to, ended)
    if moved is None:
        raise _lost("dispute", dispute.id)
    await note_dispute(scope, moved, event.value, dispute.state)
    return moved


async def note_dispute(
    scope: Scope, dispute: Dispute, event: str, before: DisputeState | None
) -> None:
    await purchases.insert_event(
        scope,
        machine="dispute",
        subject_id=dispute.id,
        event=event,
        states=(before and before.value, dispute.state.value),
        purchase_id=dispute.purchase_id,
        top_up_id=None,
        facts={"reason": dispute.reason},
    )
    await record(
        scope,
        f"dispute.{event}",
        f"dispute:{dispute.id}",
        of=f"purchase:{dispute.purchase_id}",
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
    )
    if dispute.state in _DISPUTE_NEWS:
        told = {"purchase_id": str(dispute.purchase_id), "dispute_id": dispute.id}
        await announce(scope, _DISPUTE_NEWS[dispute.state], told)


def _lost(machine: str, subject_id: str) -> StateConflict:
    return StateConflict(detail=f"the {machine} changed meanwhile", subject_id=subject_id)
