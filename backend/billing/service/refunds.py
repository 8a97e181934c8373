"""Refunds of what is unspent, by people of finance: one up to a limit, two above it.

The credits leave first, in the transaction of the row; then the money; what became of it is told by
Stripe, or by whoever made the bank transfer. A refund that fails gives the credits back.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend.billing.payment_facts import RefundFacts
from backend.billing.payments import payments
from backend.billing.purchase_states import (
    REFUND_CHECK_AFTER,
    REFUND_CHECKED_FOR,
    SUBMIT_AGAIN_AFTER,
    UNSETTLED,
    RefundEvent,
    RefundMethod,
    RefundState,
)
from backend.billing.queries import purchases, refunds
from backend.billing.reload_states import KEY_LIFETIME
from backend.billing.schemas.purchases import Purchase, Refund, RefundView
from backend.billing.schemas.refunds import RefundCreate, RefundDecision, RefundPayment
from backend.billing.service.payment_moves import move_refund
from backend.billing.service.refund_entry import enter, take_credits
from backend.billing.service.refunding import apply, give_back, settle_whole
from backend.billing.service.settling import settler
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.kernel.errors import (
    ClearsendError,
    Conflict,
    Forbidden,
    NotFound,
    StateConflict,
    Unavailable,
)
from backend.kernel.faults import point
from backend.kernel.principal import Principal
from backend.kernel.views import Page

SUBMITS_PER_TURN = 50
CHECKS_PER_TURN = 200

_log = structlog.get_logger("clearsend.payments")


async def create_refund(principal: Principal, tenant_id: UUID, data: RefundCreate) -> RefundView:
    """Approved at once up to SINGLE_CLERK_REFUND_CREDITS_MAX, with what the same clerk gave back
    of the tenant's in SINGLE_CLERK_SUM_HOURS; above it the answer is `requested`,
    and no credit leaves before a second person approves.

    Raises Conflict `refund_exceeds_unspent` with requested and unspent, `not_paid`, `disputed`,
    `refund_under_way` with the one that is not settled yet.
    """
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        await refuse_own_tenant(scope)
        refund = await enter(scope, data)
    point("billing.refund_entered")
    return await _submit_and_answer(principal, refund, 201)


async def approve_refund(principal: Principal, refund_id: UUID) -> RefundView:
    """Raises Forbidden `second_person_must_differ`, StateConflict `refund_not_requested`, Conflict
    `refund_exceeds_unspent` where the credits were spent meanwhile.
    """
    async with _entered(principal, refund_id, "approve") as scope:
        await refuse_own_tenant(scope)
        refund = await refunds.locked(scope, refund_id)
        # Approved by the same person: the same request again, which died before its answer.
        if refund.state is not RefundState.APPROVED or refund.approved_by != principal.actor:
            refund = await _approve(scope, refund)
    point("billing.refund_approved")
    return await _submit_and_answer(principal, refund, 200)


async def _approve(scope: Scope, refund: Refund) -> Refund:
    if refund.state is not RefundState.REQUESTED:
        raise StateConflict("refund_not_requested", "nothing waits here", state=refund.state)
    if refund.requested_by == scope.principal.actor:
        raise Forbidden("second_person_must_differ", "whoever asked for a refund cannot approve it")
    person = {"approved_by": scope.principal.actor, "approved_at": scope.now}
    moved = await move_refund(scope, refund, RefundEvent.APPROVE, **person)
    assert moved is not None, "the row is locked"
    await take_credits(scope, moved)
    return moved


async def _submit_and_answer(principal: Principal, refund: Refund, status: int) -> RefundView:
    if refund.state is RefundState.APPROVED and refund.method is RefundMethod.STRIPE:
        await submit_refund(refund.tenant_id, refund.id)
    async with _entered(principal, refund.id, "answer", refund.tenant_id) as scope:
        view = view_of(await refunds.locked(scope, refund.id))
        await scope.answer(view, status)
    return view


@asynccontextmanager
async def _entered(
    principal: Principal, refund_id: UUID, act: str, tenant_id: UUID | None = None
) -> AsyncIterator[Scope]:
    """The tenant's scope, found by the refund. Raises NotFound."""
    reason = f"refund {refund_id}: {act}"[:500]
    if tenant_id is None:
        async with platform_scope(principal, reason) as scope:
            tenant_id = await refunds.tenant_of(scope, refund_id)
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        yield scope


async def submit_refund(tenant_id: UUID, refund_id: UUID) -> None:
    """Use case: the money, by a key that is the refund's id. Where Stripe does not answer the row
    stays approved and is submitted again by the clock.
    """
    async with tenant_scope(settler(tenant_id)) as scope:
        refund = await refunds.locked(scope, refund_id)
        purchase = await purchases.read(scope, refund.purchase_id) if refund.purchase_id else None
        is_old = scope.now - (refund.approved_at or refund.requested_at) > KEY_LIFETIME
    if refund.state is not RefundState.APPROVED or purchase is None:
        return
    try:
        facts, refusal = await _asked(refund, purchase, is_old=is_old)
    except Unavailable:
        return
    point("billing.refund_submitted")
    async with tenant_scope(settler(tenant_id)) as scope:
        await purchases.locked(scope, purchase.id)  # in the order in which events are booked
        refund = await refunds.locked(scope, refund_id)
        if facts is not None:
            await apply(scope, refund, facts)
        elif refusal is not None:
            await give_back(scope, refund, str(refusal.facts.get("provider_code") or refusal.code))


async def _asked(
    refund: Refund, purchase: Purchase, *, is_old: bool
) -> tuple[RefundFacts | None, ClearsendError | None]:
    """Once: past its key's life, and where it is refused, it is looked for among what was made, so
    that no money goes twice and none goes for credits that are given back.
    """
    assert purchase.payment_id is not None, "it was paid"
    if is_old and (made := await _made(refund, purchase.payment_id)):
        return made, None
    try:
        facts = await payments().refund(
            payment=purchase.payment_id,
            amount_minor=refund.amount_minor,
            refund_id=refund.id,
            tenant_id=refund.tenant_id,
            key=str(refund.id),
        )
    except NotFound as unknown:  # of another account: no money can go back by it
        return None, unknown
    except Conflict as refused:
        return await _made(refund, purchase.payment_id), refused
    return facts, None


async def _made(refund: Refund, payment_id: str) -> RefundFacts | None:
    made = await payments().refunds_of(payment_id)
    return next((one for one in made if one.refund_id == refund.id), None)


async def submit_approved() -> int:
    """The clock's sweep: refunds whose clerk died, or whose provider did not answer. One that
    cannot be submitted holds up no other.
    """
    async with platform_scope(settler(), "refunds to submit") as scope:
        before = scope.now - SUBMIT_AGAIN_AFTER
        rows = await refunds.unsubmitted(scope, before, SUBMITS_PER_TURN)
    for row in rows:
        try:
            await submit_refund(row["tenant_id"], row["id"])
        except ClearsendError as error:
            _log.warning("refund_not_submitted", refund=str(row["id"]), code=error.code)
    return len(rows)


async def check_submitted() -> int:
    """The clock's sweep: whoever heard nothing about a refund asks after it."""
    async with platform_scope(settler(), "submitted refunds") as scope:
        longest, latest = scope.now - REFUND_CHECKED_FOR, scope.now - REFUND_CHECK_AFTER
        rows = await refunds.submitted(scope, longest, latest, CHECKS_PER_TURN)
    for row in rows:
        try:
            await settle_whole(row["payment_id"])
        except ClearsendError as error:
            _log.warning("refund_not_checked", payment=row["payment_id"], code=error.code)
    return len(rows)


async def decline_refund(
    principal: Principal, refund_id: UUID, given: RefundDecision
) -> RefundView:
    """Also by whoever asked for it. Raises StateConflict `refund_not_requested`."""
    async with _entered(principal, refund_id, f"decline: {given.reason}") as scope:
        refund = await refunds.locked(scope, refund_id)
        code = given.reason
        moved = await move_refund(scope, refund, RefundEvent.DECLINE, failure_code=code)
        if moved is None:
            raise StateConflict("refund_not_requested", "nothing waits here", state=refund.state)
        view = view_of(moved)
        await scope.answer(view, 200)
    return view


async def record_payment(principal: Principal, refund_id: UUID, given: RefundPayment) -> RefundView:
    """The bank transfer was made. Raises StateConflict `transfer_not_due`."""
    async with _entered(principal, refund_id, f"transfer {given.reference}") as scope:
        await refuse_own_tenant(scope)
        refund = await refunds.locked(scope, refund_id)
        moved = None
        if refund.method is RefundMethod.BANK_TRANSFER:
            reference = given.reference
            moved = await move_refund(scope, refund, RefundEvent.SUCCEED, reference=reference)
        if moved is None:
            raise StateConflict("transfer_not_due", "no transfer is due", state=refund.state)
        view = view_of(moved)
        await scope.answer(view, 200)
    return view


async def record_failure(
    principal: Principal, refund_id: UUID, given: RefundDecision
) -> RefundView:
    """The bank transfer came back, or cannot be made. Raises StateConflict `transfer_not_due`."""
    async with _entered(principal, refund_id, f"failed: {given.reason}") as scope:
        await refuse_own_tenant(scope)
        refund = await refunds.locked(scope, refund_id)
        moved = None
        if refund.method is RefundMethod.BANK_TRANSFER:
            moved = await give_back(scope, refund, given.reason)
        if moved is None:
            raise StateConflict("transfer_not_due", "no transfer is due", state=refund.state)
        view = view_of(moved)
        await scope.answer(view, 200)
    return view


async def list_refunds(
    principal: Principal,
    tenant_id: UUID | None = None,
    *,
    waiting: bool = False,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[RefundView]:
    """Of one tenant, or of all; `waiting` for somebody: a second person, a bank, Stripe."""
    check_limit(limit)
    after = cursor_id(cursor)
    states = sorted(UNSETTLED) if waiting else None
    async with platform_scope(principal, "refunds", tenant_id) as scope:
        rows = await refunds.page(scope, tenant_id, states, after, limit)
    return Page(items=[_view(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def refund_facts(scope: Scope, refund_id: UUID) -> Refund:
    """A step. Raises NotFound."""
    found = await refunds.find(scope, refund_id)
    if found is None:
        raise NotFound
    return found


def view_of(refund: Refund) -> RefundView:
    return msgspec.convert(refund, RefundView, from_attributes=True)


def _view(row: asyncpg.Record) -> RefundView:
    return msgspec.convert(dict(row), RefundView)
