"""A refund as finance asks for it: what it is of, how much money, and whether it may be."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from backend.billing.pricing import CURRENCY_DIGITS
from backend.billing.purchase_states import (
    SINGLE_CLERK_REFUND_CREDITS_MAX,
    SINGLE_CLERK_REFUND_MINOR_MAX,
    UNSETTLED,
    DisputeState,
    PurchaseState,
    RefundMethod,
    RefundOrigin,
    RefundState,
    share_minor,
)
from backend.billing.queries import clerks, documents, purchases, refunds, top_ups
from backend.billing.schemas.purchases import Purchase, Refund
from backend.billing.schemas.refunds import RefundCreate
from backend.billing.service.payment_moves import note_refund
from backend.billing.service.refunding import GONE
from backend.billing.service.requests import id_of_request
from backend.billing.states import SINGLE_CLERK_SUM_HOURS, TopUpState
from backend.db.scope import Scope
from backend.kernel.errors import Conflict, NotFound, invalid_field
from backend.kernel.faults import point
from backend.kernel.ids import NIL_ID, uuid7
from backend.ledger.service import refunds as ledger


async def enter(scope: Scope, data: RefundCreate) -> Refund:
    """A step: the row and, up to the limit of one clerk, its credits gone. With the same key the
    row that stands.
    """
    refund_id = id_of_request(scope) or uuid7()
    known = await refunds.find(scope, refund_id)
    if known is not None:
        return known
    await clerks.take_turn(scope)
    subject = await _subject(scope, data)
    is_single = await _is_single(scope, data.credits, subject)
    values: dict[str, Any] = {
        "id": refund_id,
        **subject,
        "origin": RefundOrigin.CLEARSEND.value,
        "state": (RefundState.APPROVED if is_single else RefundState.REQUESTED).value,
        "credits": data.credits,
        "reason": data.reason,
        "requested_by": scope.principal.actor,
        "requested_at": scope.now,
    }
    refund = await refunds.insert(scope, values)
    if refund is None:
        raise await _under_way(scope, data)
    await note_refund(scope, refund, "request", None)
    if is_single:
        await take_credits(scope, refund)
        return refund
    unspent = await ledger.unspent(scope, refund.top_up_reference)
    if unspent < refund.credits:
        raise Conflict(
            "refund_exceeds_unspent",
            "more than is left of it",
            requested=refund.credits,
            unspent=unspent,
        )
    return refund


async def _is_single(scope: Scope, credits_asked: int, subject: dict[str, Any]) -> bool:
    """Whether one clerk may: with what they gave back of this tenant's alone before."""
    since = scope.now - timedelta(hours=SINGLE_CLERK_SUM_HOURS)
    credits_before, minor_before = await clerks.refunded(scope, since, subject["currency"])
    if credits_before + credits_asked > SINGLE_CLERK_REFUND_CREDITS_MAX:
        return False
    # A purchase's money follows from its price; a top-up's is what somebody typed.
    is_typed = "top_up_id" in subject
    return not is_typed or minor_before + subject["amount_minor"] <= SINGLE_CLERK_REFUND_MINOR_MAX


async def take_credits(scope: Scope, refund: Refund) -> None:
    await ledger.refund(
        scope, refund.top_up_reference, refund.credits, f"refund:{refund.id}", refund.reason
    )
    point("billing.refund_credits_left")


async def _subject(scope: Scope, data: RefundCreate) -> dict[str, Any]:
    if data.purchase_id is not None and data.top_up_id is None:
        return await _of_purchase(scope, data.purchase_id, data)
    if data.top_up_id is not None and data.purchase_id is None:
        return await _of_top_up(scope, data.top_up_id, data)
    raise invalid_field("/purchase_id", "one_of", "either a purchase or a top-up")


async def _of_purchase(scope: Scope, purchase_id: UUID, data: RefundCreate) -> dict[str, Any]:
    purchase = await purchases.locked(scope, purchase_id)
    if purchase is None:
        raise NotFound
    if purchase.state is not PurchaseState.PAID:
        raise Conflict("not_paid", "nothing was paid that could go back", state=purchase.state)
    for dispute in await refunds.disputes_of(scope, purchase_id):
        if dispute.state in {DisputeState.OPEN, DisputeState.LOST}:
            raise Conflict("disputed", "its bank decides about the money", dispute_id=dispute.id)
    method = data.method or RefundMethod.STRIPE
    amount = await _money_of(scope, purchase, data.credits)
    if data.amount_minor not in {None, amount} or data.currency not in {None, purchase.currency}:
        raise invalid_field(
            "/amount_minor", "amount_differs", "the price decides", amount_minor=amount
        )
    money = {"amount_minor": amount, "currency": purchase.currency}
    return {"purchase_id": purchase_id, "method": method.value, **money}


async def _money_of(scope: Scope, purchase: Purchase, credits_asked: int) -> int:
    """At the price they were bought for: the parts of a purchase always sum to its whole.

    Raises Conflict `refund_exceeds_unspent`, `nothing_to_refund`.
    """
    before = [one for one in await refunds.of_purchase(scope, purchase.id) if one.state not in GONE]
    credits_gone = sum(one.credits + one.missing_credits for one in before)
    upto = credits_gone + credits_asked
    if upto > purchase.credits:
        raise Conflict(
            "refund_exceeds_unspent",
            "more than is left of it",
            requested=credits_asked,
            unspent=await ledger.unspent(scope, purchase.reference),
        )
    minor_gone = sum(one.amount_minor for one in before)
    amount = share_minor(purchase.gross_minor, purchase.credits, upto) - minor_gone
    if amount < 1:
        raise Conflict("nothing_to_refund", "too few credits for the smallest coin")
    return amount


async def _of_top_up(scope: Scope, top_up_id: UUID, data: RefundCreate) -> dict[str, Any]:
    top_up = await top_ups.locked(scope, top_up_id)
    if top_up["state"] != TopUpState.CREDITED:
        raise Conflict("not_paid", "it was never credited", state=top_up["state"])
    if data.method is RefundMethod.STRIPE:
        raise invalid_field("/method", "not_available", "it was not paid by card")
    if data.amount_minor is None or data.currency is None:
        raise invalid_field("/amount_minor", "required", "how much the bank is to send back")
    if data.currency not in CURRENCY_DIGITS:
        raise invalid_field("/currency", "currency_unknown", "not a currency we sell in")
    await _check_paid(scope, top_up, data.credits, data.amount_minor, data.currency)
    return {
        "top_up_id": top_up_id,
        "method": RefundMethod.BANK_TRANSFER.value,
        "amount_minor": data.amount_minor,
        "currency": data.currency,
    }


async def _check_paid(
    scope: Scope, top_up: asyncpg.Record, credits_asked: int, amount_minor: int, currency: str
) -> None:
    """Where a document says what was paid for a top-up, no more than these credits' part of it.

    Raises InvalidInput `more_than_paid` with the most that may go back.
    """
    document_id = await documents.id_settled_by(scope, f"top_up:{top_up['id']}")
    if document_id is None:
        return
    paid = await documents.one(scope, scope.tenant_id, document_id)
    before = [one for one in await refunds.of_top_up(scope, top_up["id"]) if one.state not in GONE]
    upto = min(sum(one.credits for one in before) + credits_asked, top_up["amount_credits"])
    gone = sum(one.amount_minor for one in before)
    most = share_minor(paid["gross_minor"], top_up["amount_credits"], upto) - gone
    if currency != paid["currency"] or amount_minor > most:
        raise invalid_field(
            "/amount_minor",
            "more_than_paid",
            "its document says what was paid",
            amount_minor_max=most,
            currency=paid["currency"],
        )


async def _under_way(scope: Scope, data: RefundCreate) -> Conflict:
    found = (
        await refunds.of_purchase(scope, data.purchase_id)
        if data.purchase_id
        else await refunds.of_top_up(scope, data.top_up_id or NIL_ID)
    )
    waiting = [one.id for one in found if one.state in UNSETTLED]
    return Conflict(
        "refund_under_way",
        "another refund of these credits is not settled yet",
        refund_id=waiting[0] if waiting else None,
    )
