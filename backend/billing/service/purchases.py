"""Buying credits: the row first, then Stripe, then whatever became of it."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.payment_facts import Checkout, Line
from backend.billing.payments import payments
from backend.billing.pricing import PurchasePrice
from backend.billing.purchase_states import (
    CHECK_AFTER,
    CHECK_AGAIN_MAX,
    CHECK_DAYS_MAX,
    OPEN_PURCHASES_PER_TENANT_MAX,
    PURCHASE_LIFETIME,
    UNFINISHED,
    PurchaseEvent,
    PurchaseSource,
    PurchaseState,
)
from backend.billing.queries import purchases, refunds
from backend.billing.schemas.profiles import BillingProfileView
from backend.billing.schemas.purchases import (
    DisputeView,
    Purchase,
    PurchaseCreate,
    PurchaseDetails,
    PurchaseEventView,
    PurchaseView,
    RefundView,
)
from backend.billing.service import settling
from backend.billing.service.customers import asked_of_customer
from backend.billing.service.payment_moves import move_purchase, note_purchase
from backend.billing.service.profiles import required_profile
from backend.billing.service.requests import id_of_request
from backend.billing.service.tariffs import price_purchase
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, PrincipalKind
from backend.kernel.views import Page

CHECKS_PER_TURN = 50


async def open_purchase(
    scope: Scope,
    price: PurchasePrice,
    source: PurchaseSource,
    *,
    purchase_id: UUID | None = None,
    saves_card: bool = False,
    customer_id: str | None = None,
) -> Purchase:
    """A step: the row that must be committed before anybody is asked for money. Its id is the key
    of every call about it. With a `purchase_id` that exists, the row as it is.
    """
    values: dict[str, Any] = {
        "id": purchase_id or uuid7(),
        "source": source.value,
        "state": PurchaseState.PENDING.value,
        "credits": price.credits,
        "tariff_version": price.tariff_version,
        "tier_no": price.tier_no,
        "unit_price_micro": price.unit_price_micro,
        "currency": price.currency,
        "net_minor": price.net_minor,
        "tax_rate_permille": price.tax.rate_permille,
        "tax_minor": price.tax.tax_minor,
        "is_reverse_charge": price.tax.reverse_charge,
        "tax_category": price.tax.category.value,
        "tax_note": price.tax.note,
        "gross_minor": price.gross_minor,
        "saves_card": saves_card,
        "customer_id": customer_id,
        "created_by": scope.principal.actor,
        "created_at": scope.now,
        "expires_at": scope.now + PURCHASE_LIFETIME,
        "next_check_at": scope.now + CHECK_AFTER,
    }
    made = await purchases.insert(scope, values)
    if made is None:
        return await purchases.read(scope, values["id"])
    await note_purchase(scope, made, "open", None, {"tariff_version": made.tariff_version})
    return made


async def purchase_facts(scope: Scope, purchase_id: UUID) -> Purchase:
    """A step. Raises NotFound."""
    return await purchases.read(scope, purchase_id)


async def create_purchase(principal: Principal, url: str, data: PurchaseCreate) -> PurchaseView:
    """A purchase and the page to pay it on. The same key gets the same page.

    Raises Conflict `too_many_open_purchases`, InvalidInput from the price, Unavailable
    `payments_unavailable`: then the row stands, and the same request goes on from it.
    """
    async with tenant_scope(principal) as scope:
        purchase = await _begin(scope, data)
        buyer = await required_profile(scope)
    point("billing.purchase_opened")
    if purchase.state is PurchaseState.PENDING and purchase.checkout_id is None:
        checkout = await _open_page(purchase, url, buyer)
        point("billing.checkout_opened")
        return await _keep_page(principal, purchase.id, checkout)
    return await _keep_page(principal, purchase.id, None)


async def _begin(scope: Scope, data: PurchaseCreate) -> Purchase:
    purchase_id = id_of_request(scope)
    if await purchases.count_open(scope) >= OPEN_PURCHASES_PER_TENANT_MAX:
        known = purchase_id and await purchases.find(scope, purchase_id)
        if known:
            return known
        raise Conflict(
            "too_many_open_purchases",
            "pay one of the open ones, or wait until they expire",
            open_purchases_max=OPEN_PURCHASES_PER_TENANT_MAX,
        )
    price = await price_purchase(scope, data.credits)
    customer = await purchases.customer_id(scope)
    return await open_purchase(
        scope,
        price,
        PurchaseSource.CHECKOUT,
        purchase_id=purchase_id,
        saves_card=data.saves_card,
        customer_id=customer,
    )


async def _open_page(
    purchase: Purchase, url: str, buyer: BillingProfileView
) -> tuple[str, Checkout]:
    """The customer and their page, by keys: asked again they are the same ones."""
    page = f"{url}/credits?purchase={purchase.id}"

    async def ask(customer: str, replaces: str | None) -> Checkout:
        return await payments().open_checkout(
            customer=customer,
            purchase_id=purchase.id,
            tenant_id=purchase.tenant_id,
            lines=_lines(purchase),
            currency=purchase.currency,
            success_url=page,
            cancel_url=f"{page}&cancelled=true",
            expires_at=purchase.expires_at,
            save_card=purchase.saves_card,
            key=f"{purchase.id}:{customer}" if replaces else str(purchase.id),
        )

    return await asked_of_customer(purchase.tenant_id, buyer, purchase.customer_id, ask)


def _lines(purchase: Purchase) -> list[Line]:
    lines = [Line(f"{purchase.credits:,} credits", purchase.net_minor)]
    if purchase.tax_minor:
        rate = f"{purchase.tax_rate_permille / 10:g}"
        lines.append(Line(f"VAT {rate} %", purchase.tax_minor))
    return lines


async def _keep_page(
    principal: Principal, purchase_id: UUID, opened: tuple[str, Checkout] | None
) -> PurchaseView:
    async with tenant_scope(principal) as scope:
        purchase = await purchases.locked(scope, purchase_id)
        if purchase is None:
            raise NotFound
        if opened is not None:
            customer, checkout = opened
            kept = {"customer_id": customer, "checkout_id": checkout.id}
            await purchases.change(scope, purchase, None, {**kept, "checkout_url": checkout.url})
        view = _view(await purchases.shown(scope, purchase_id))
        await scope.answer(view)
    return view


async def list_purchases(
    principal: Principal,
    tenant_id: UUID | None = None,
    *,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[PurchaseView]:
    """The newest first: one's own, or of the tenant that finance names."""
    check_limit(limit)
    before = cursor_id(cursor)
    if principal.kind is PrincipalKind.STAFF and tenant_id is not None:
        async with platform_scope(principal, "purchases", tenant_id) as scope:
            rows = await purchases.page(scope, tenant_id, before, limit)
    else:
        async with tenant_scope(principal) as scope:
            rows = await purchases.page(scope, scope.tenant_id, before, limit)
    return Page(items=[_view(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def read_purchase(
    principal: Principal, purchase_id: UUID, tenant_id: UUID | None = None
) -> PurchaseDetails:
    """What the page asks after the buyer came back: nothing is booked by looking."""
    reason = f"purchase {purchase_id}"
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        return PurchaseDetails(
            purchase=_view(await purchases.shown(scope, purchase_id)),
            refunds=[
                msgspec.convert(each, RefundView, from_attributes=True)
                for each in await refunds.of_purchase(scope, purchase_id)
            ],
            disputes=[
                msgspec.convert(each, DisputeView, from_attributes=True)
                for each in await refunds.disputes_of(scope, purchase_id)
            ],
            history=[
                msgspec.convert(dict(row), PurchaseEventView)
                for row in await purchases.history(scope, purchase_id)
            ],
        )


def _view(row: asyncpg.Record) -> PurchaseView:
    return msgspec.convert(dict(row), PurchaseView)


async def check_unfinished() -> int:
    """The clock's sweep: whoever heard nothing asks. Ends pages nobody paid on; returns how many
    purchases it asked after.
    """
    async with platform_scope(settling.settler(), "unfinished purchases") as scope:
        rows = await purchases.due_for_check(scope, CHECKS_PER_TURN)
    for row in rows:
        await _check(row["tenant_id"], row["id"])
    return len(rows)


async def _check(tenant_id: UUID, purchase_id: UUID) -> None:
    async with tenant_scope(settling.settler(tenant_id)) as scope:
        purchase = await purchases.locked(scope, purchase_id)
        if purchase is None or purchase.next_check_at is None or purchase.next_check_at > scope.now:
            return  # another clock's turn
        pause = min(CHECK_AFTER * 2 ** min(purchase.checks, 10), CHECK_AGAIN_MAX)
        is_over = (scope.now - purchase.created_at).days >= CHECK_DAYS_MAX
        is_asked = purchase.state in UNFINISHED and not is_over
        changes = {
            "checks": purchase.checks + 1,
            "next_check_at": scope.now + pause if is_asked else None,
        }
        await purchases.change(scope, purchase, None, changes)
        has_lapsed = purchase.state is PurchaseState.PENDING and purchase.expires_at < scope.now
    if purchase.payment_id is not None:
        await settling.settle(purchase.payment_id)
    elif purchase.checkout_id is not None:
        await settling.settle_checkout(purchase.checkout_id)
    elif has_lapsed and purchase.source is PurchaseSource.CHECKOUT:
        await _lapse(tenant_id, purchase_id)


async def _lapse(tenant_id: UUID, purchase_id: UUID) -> None:
    """Nobody ever got the page's address. Paid all the same, it would be credited."""
    async with tenant_scope(settling.settler(tenant_id)) as scope:
        purchase = await purchases.locked(scope, purchase_id)
        if purchase is not None and purchase.checkout_id is None:
            await move_purchase(scope, purchase, PurchaseEvent.EXPIRE, next_check_at=None)
