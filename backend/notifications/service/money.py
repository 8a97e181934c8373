"""Purchases, and what became of them: told to whoever may read them, once for each event."""

from typing import Any
from uuid import UUID

from backend.billing.pricing import money
from backend.billing.reload_states import NO_REFUSALS
from backend.billing.service.purchases import purchase_facts
from backend.billing.service.refunds import refund_facts
from backend.db.scope import Scope, tenant_scope
from backend.kernel.principal import system
from backend.notifications.service.noticing import notice, people_for
from backend.notifications.states import NoticeKind


async def tell_of_purchase(tenant_id: UUID, purchase_id: UUID, kind: NoticeKind, event: str) -> int:
    """Use case of the purchase topics; `event` tells two of one purchase apart. Answers how many
    people heard of it now; a second time nobody does.
    """
    people = await people_for(tenant_id, kind)
    async with tenant_scope(system("notices", tenant_id)) as scope:
        facts = await _of_purchase(scope, purchase_id)
        if facts.get("failure") in NO_REFUSALS:
            return 0
        return await notice(scope, kind, f"purchase:{purchase_id}:{event}", facts, people)


async def _of_purchase(scope: Scope, purchase_id: UUID) -> dict[str, Any]:
    purchase = await purchase_facts(scope, purchase_id)
    facts: dict[str, Any] = {
        "purchase_id": str(purchase.id),
        "bought": purchase.credits,
        "amount": money(purchase.gross_minor, purchase.currency),
        "at": (purchase.paid_at or purchase.created_at).isoformat(),
    }
    if purchase.failure_code:
        facts["failure"] = purchase.failure_code
    return facts


async def tell_of_reload(tenant_id: UUID, event_id: UUID, reason: str) -> int:
    """Use case of `auto_reload.trouble`: `reason` is its code."""
    kind = NoticeKind.AUTO_RELOAD_STOPPED
    people = await people_for(tenant_id, kind)
    async with tenant_scope(system("notices", tenant_id)) as scope:
        return await notice(scope, kind, f"event:{event_id}", {"failure": reason}, people)


async def tell_of_refund(tenant_id: UUID, refund_id: UUID) -> int:
    """Use case of `purchase.refunded` and `top_up.refunded`."""
    kind = NoticeKind.CREDITS_REFUNDED
    people = await people_for(tenant_id, kind)
    async with tenant_scope(system("notices", tenant_id)) as scope:
        refund = await refund_facts(scope, refund_id)
        facts: dict[str, Any] = {
            "bought": refund.credits,
            "amount": money(refund.amount_minor, refund.currency),
        }
        if refund.purchase_id is not None:
            facts["purchase_id"] = str(refund.purchase_id)
        return await notice(scope, kind, f"refund:{refund_id}", facts, people)
