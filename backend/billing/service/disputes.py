"""The buyer's bank wants the money back, or warns that it will.

A dispute freezes what is left of exactly that purchase; won, it is there again; lost, it is gone
and the spent part is owed. An inquiry (`warning_…`) moves no money and freezes nothing.
"""

from datetime import timedelta
from itertools import islice
from typing import Any, Final

import msgspec
import structlog

from backend.billing.payment_facts import DisputeFacts, PaymentFacts
from backend.billing.payments import payments
from backend.billing.purchase_states import (
    DISPUTE_STATUSES,
    DisputeEvent,
    DisputeState,
    ProblemKind,
    PurchaseState,
)
from backend.billing.queries import inbox, purchases, refunds
from backend.billing.schemas.purchases import Dispute, DisputeView, Purchase
from backend.billing.service import refunding, settling
from backend.billing.service.payment_moves import move_dispute, note_dispute
from backend.billing.service.refunding import GONE
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, decode_cursor, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.suspending import suspend
from backend.identity.service.tenants import suspend_auto_validation
from backend.kernel.errors import ClearsendError, Conflict, Unavailable
from backend.kernel.faults import point
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.ledger.service import disputes as ledger

_WAYS: Final[dict[DisputeState, tuple[DisputeEvent, ...]]] = {
    DisputeState.INQUIRY: (),
    DisputeState.CLOSED: (DisputeEvent.CLOSE,),
    DisputeState.OPEN: (DisputeEvent.OPEN,),
    DisputeState.WON: (DisputeEvent.OPEN, DisputeEvent.WIN),
    DisputeState.LOST: (DisputeEvent.OPEN, DisputeEvent.LOSE),
}
"""Every dispute goes its whole way, also where only its end was heard of."""
CHECKED_FOR: Final = timedelta(days=150)
"""A bank takes up to 120 days to hear both sides."""
CHECKS_PER_TURN: Final = 200

_log = structlog.get_logger("clearsend.payments")


async def settle_dispute(dispute_id: str) -> None:
    """Use case, safe any number of times: first the payment and its refunds, which came before."""
    facts = await payments().dispute(dispute_id)
    payment_id = facts.payment or await _payment_of_charge(facts.charge)
    point("billing.read_again")
    if payment_id is None or facts.status not in DISPUTE_STATUSES:
        return  # of another product, or a status Stripe invented since: the next event decides
    purchase = await refunding.settle_whole(payment_id)
    if purchase is None:
        return
    async with tenant_scope(settling.settler(purchase.tenant_id)) as scope:
        locked = await purchases.locked(scope, purchase.id)
        if locked is None:
            return
        if locked.state is not PurchaseState.PAID or locked.payment_id != payment_id:
            await _tell(scope, locked, facts)  # nothing was credited for this payment
            return
        await _follow(scope, locked, facts)
        point("billing.dispute_settled")


async def _payment_of_charge(charge_id: str | None) -> str | None:
    if charge_id is None:
        return None
    async with platform_scope(settling.settler(), "whose charge") as scope:
        return await purchases.payment_of_charge(scope, charge_id)


async def _tell(scope: Scope, purchase: Purchase, facts: DisputeFacts) -> None:
    told = {
        "dispute": facts.id,
        "purchase_id": str(purchase.id),
        "amount_minor": facts.amount_minor,
        "status": facts.status,
    }
    reference = f"dispute:{facts.id}:{ProblemKind.UNKNOWN_DISPUTE}"
    await inbox.insert_problem(scope, ProblemKind.UNKNOWN_DISPUTE, reference, told)


async def _follow(scope: Scope, purchase: Purchase, facts: DisputeFacts) -> None:
    dispute = await _row(scope, purchase, facts)
    if DISPUTE_STATUSES[facts.status] is DisputeState.LOST:
        await _check_whole(scope, purchase, facts)
    for event in _WAYS[DISPUTE_STATUSES[facts.status]]:
        moved = await move_dispute(scope, dispute, event)
        if moved is not None:
            dispute = moved
            await _book(scope, purchase, dispute, facts)


async def _check_whole(scope: Scope, purchase: Purchase, facts: DisputeFacts) -> None:
    """The whole of what was bought is taken back; a bank that took less leaves finance to make the
    rest good.
    """
    given = [one for one in await refunds.of_purchase(scope, purchase.id) if one.state not in GONE]
    left = purchase.gross_minor - sum(one.amount_minor for one in given)
    if facts.amount_minor < left:
        told = {"dispute": facts.id, "purchase_id": str(purchase.id), "expected_minor": left}
        told |= {"received_minor": facts.amount_minor, "currency": facts.currency}
        reference = f"dispute:{facts.id}:{ProblemKind.AMOUNT_DIFFERS}"
        await inbox.insert_problem(scope, ProblemKind.AMOUNT_DIFFERS, reference, told)


async def _row(scope: Scope, purchase: Purchase, facts: DisputeFacts) -> Dispute:
    values: dict[str, Any] = {
        "id": facts.id,
        "purchase_id": purchase.id,
        "state": DisputeState.INQUIRY.value,
        "reason": facts.reason[:100],
        "amount_minor": facts.amount_minor,
        "currency": facts.currency,
        "opened_at": scope.now,
    }
    made = await refunds.insert_dispute(scope, values)
    if made is not None:
        await note_dispute(scope, made, "hear", None)
        return made
    return await refunds.dispute(scope, facts.id)


async def _book(scope: Scope, purchase: Purchase, dispute: Dispute, facts: DisputeFacts) -> None:
    reference = f"dispute:{dispute.id}:{dispute.state}"
    reason = f"disputed: {dispute.reason}"
    try:
        if dispute.state is DisputeState.OPEN:
            await ledger.freeze_top_up(
                scope, purchase.reference, f"dispute:{dispute.id}:opened", reason=reason
            )
        elif dispute.state is DisputeState.WON and not await _is_disputed(scope, purchase):
            await ledger.thaw_top_up(scope, purchase.reference, reference, reason=reason)
        elif dispute.state is DisputeState.LOST:
            await ledger.reverse_top_up(scope, purchase.reference, reference, reason=reason)
    except Conflict:  # another dispute of the same payment has this lot
        await _tell(scope, purchase, facts)
    if dispute.state is DisputeState.OPEN:
        await suspend_auto_validation(scope, f"a payment is disputed: {dispute.reason}"[:500])


async def _is_disputed(scope: Scope, purchase: Purchase) -> bool:
    """A bank may dispute a payment in parts: one won does not free what another still holds."""
    found = await refunds.disputes_of(scope, purchase.id)
    return any(one.state is DisputeState.OPEN for one in found)


async def check_disputes() -> int:
    """The clock's sweep: a dispute whose events never came is booked all the same, and how it
    ended. Returns how many stood otherwise at the provider.
    """
    async with platform_scope(settling.settler(), "disputes to ask after") as scope:
        until = scope.now
    try:
        made = [one async for one in payments().disputes_between(until - CHECKED_FOR, until)]
    except Unavailable:
        return 0  # the next turn asks again; who sells nothing has none
    async with platform_scope(settling.settler(), "disputes we know") as scope:
        known = await refunds.dispute_states(scope, [one.id for one in made])
    late = [one for one in made if known.get(one.id) != DISPUTE_STATUSES.get(one.status)]
    for facts in islice(late, CHECKS_PER_TURN):
        try:
            await settle_dispute(facts.id)
        except ClearsendError as error:
            _log.warning("dispute_not_checked", dispute=facts.id, code=error.code)
    return len(late)


async def settle_warning(warning_id: str) -> None:
    """Use case: the bank expects a dispute. Stolen cards buy to send at once, so nothing more is
    sent until finance has looked; what it decides is not undone by the same warning again.
    """
    warning = await payments().warning(warning_id)
    payment_id = warning.payment or await _payment_of_charge(warning.charge)
    if payment_id is None:
        return
    payment = await payments().payment(payment_id)
    if payment.tenant_id is None or payment.purchase_id is None:
        return
    async with tenant_scope(settling.settler(payment.tenant_id)) as scope:
        if await purchases.locked(scope, payment.purchase_id) is None:
            return  # forged metadata: nobody is suspended for somebody else's payment
        await _suspend_once(scope, warning_id, payment)


async def _suspend_once(scope: Scope, warning_id: str, payment: PaymentFacts) -> None:
    told = {"warning": warning_id, "payment": payment.id, "purchase_id": str(payment.purchase_id)}
    reference = f"warning:{warning_id}"
    if await inbox.insert_problem(scope, ProblemKind.EARLY_FRAUD_WARNING, reference, told):
        reason = "a card's bank warned of fraud; finance looks into the payment"
        await suspend_auto_validation(scope, reason)
        await _suspend(scope, reason)


async def _suspend(scope: Scope, reason: str) -> None:
    try:
        await suspend(scope, reason)
    except Conflict:
        return  # suspended before, for a reason of its own


async def list_disputes(
    principal: Principal, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[DisputeView]:
    """Of every tenant."""
    check_limit(limit)
    after = decode_cursor(cursor, str)[0] if cursor else None
    async with platform_scope(principal, "disputes") as scope:
        rows = await refunds.disputes_page(scope, None, after, limit)
    return Page(
        items=[msgspec.convert(dict(row), DisputeView) for row in rows],
        next_cursor=next_cursor(rows, limit, "id"),
    )
