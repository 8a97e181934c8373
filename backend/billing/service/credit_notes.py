"""Documents about purchases, and the credit notes for what was taken back of them.

Consumers of announcements: each may be told twice and in any order, and finds its document then.
"""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.billing.document_states import DocumentState, PaymentMethod
from backend.billing.pricing import PurchasePrice, Tax
from backend.billing.queries import documents, refunds
from backend.billing.schemas.documents import CreditNoteCreate, DocumentView
from backend.billing.schemas.purchases import Purchase
from backend.billing.service.issuing import (
    credit_document,
    credit_what_is_left,
    document,
    issue,
    move_document,
)
from backend.billing.service.purchases import purchase_facts
from backend.billing.service.sales import paid_draft, seller_entity
from backend.billing.states import TaxCategory
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.kernel.errors import Conflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system

OVERDUE_PER_TURN = 200


def price_of(purchase: Purchase) -> PurchasePrice:
    """What was frozen when it was opened."""
    tax = Tax(
        purchase.tax_rate_permille,
        purchase.tax_minor,
        purchase.is_reverse_charge,
        purchase.tax_note,
        TaxCategory(purchase.tax_category),
    )
    return PurchasePrice(
        purchase.credits,
        purchase.tariff_version,
        purchase.tier_no,
        purchase.unit_price_micro,
        purchase.currency,
        purchase.net_minor,
        tax,
        purchase.gross_minor,
    )


async def document_purchase(tenant_id: UUID, purchase_id: UUID) -> UUID:
    """Consumer of `purchase.paid`."""
    async with tenant_scope(system("documents", tenant_id)) as scope:
        return await _purchase_document(scope, purchase_id)


async def _purchase_document(scope: Scope, purchase_id: UUID) -> UUID:
    purchase = await purchase_facts(scope, purchase_id)
    known = await documents.id_of_source(scope, purchase.reference)
    if known is not None:
        return known
    entity = await seller_entity(scope)
    paid_at = purchase.paid_at or scope.now
    draft = paid_draft(purchase.reference, price_of(purchase), entity, paid_at, PaymentMethod.CARD)
    return await issue(scope, draft)


async def credit_refund(tenant_id: UUID, refund_id: UUID) -> UUID | None:
    """Consumer of `purchase.refunded` and `top_up.refunded`. None: nothing was documented, or all
    of it was taken back before.
    """
    async with tenant_scope(system("documents", tenant_id)) as scope:
        refund = await refunds.find(scope, refund_id)
        if refund is None:
            return None
        if refund.purchase_id is not None:
            original: UUID | None = await _purchase_document(scope, refund.purchase_id)
        else:
            original = await documents.id_settled_by(scope, f"top_up:{refund.top_up_id}")
        if original is None:
            return None
        note = "Refund of credits that were not used."
        return await credit_what_is_left(
            scope,
            original,
            f"refund:{refund_id}",
            note,
            amount_minor=refund.amount_minor,
            credits_back=refund.credits,
        )


async def credit_dispute(tenant_id: UUID, purchase_id: UUID, dispute_id: str) -> UUID | None:
    """Consumer of `purchase.dispute_lost`: the bank took the payment back."""
    async with tenant_scope(system("documents", tenant_id)) as scope:
        original = await _purchase_document(scope, purchase_id)
        dispute = await refunds.dispute(scope, dispute_id)
        note = "The payment was taken back by the card's bank."
        source = f"dispute:{dispute_id}"
        return await credit_what_is_left(
            scope, original, source, note, amount_minor=dispute.amount_minor
        )


async def create_credit_note(
    principal: Principal, document_id: UUID, data: CreditNoteCreate
) -> DocumentView:
    """By finance: a part, or all that is left. An unpaid invoice is taken back as a whole, and is
    void then. Raises InvalidInput `credit_exceeds_document`, Conflict `credit_note_of_unpaid`,
    `document_not_creditable`.
    """
    async with platform_scope(principal, data.reason) as scope:
        tenant_id = await documents.tenant_of(scope, document_id)
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        await refuse_own_tenant(scope)
        state = await documents.lock(scope, document_id)
        if DocumentState.VOID is state:
            raise Conflict("document_not_creditable", "all of it was taken back")
        is_unpaid = state in {DocumentState.OPEN, DocumentState.OVERDUE}
        if is_unpaid and data.amount_minor is not None:
            raise Conflict("credit_note_of_unpaid", "an unpaid invoice is taken back as a whole")
        if is_unpaid:
            await move_document(scope, document_id, DocumentState.VOID)
        note_id = await credit_document(
            scope,
            document_id,
            f"correction:{uuid7()}",
            data.reason,
            amount_minor=data.amount_minor,
            credits_back=None if data.amount_minor is None else 0,
        )
        view = await document(scope, tenant_id, note_id)
        await scope.answer(view)
    return view


async def mark_overdue() -> int:
    """The clock's sweep: an open invoice whose day ended in the seller's zone; returns how many."""
    async with platform_scope(system("documents"), "overdue invoices") as scope:
        today = scope.now.date() + timedelta(days=1)  # the furthest zone is a day ahead
        rows = await documents.past_due(scope, today, OVERDUE_PER_TURN)
        now = scope.now
    late = [
        row for row in rows if row["due_on"] < now.astimezone(ZoneInfo(row["time_zone"])).date()
    ]
    for row in late:
        async with tenant_scope(system("documents", row["tenant_id"])) as scope:
            if await documents.lock(scope, row["id"]) is DocumentState.OPEN:
                await move_document(scope, row["id"], DocumentState.OVERDUE)
    return len(late)
