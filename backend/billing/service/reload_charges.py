"""The charge of an opened purchase, and whatever became of it.

The purchase is committed before the provider is asked, and its id is the key of the call: whatever
dies in between, asking again is the same charge.
"""

import contextlib
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from backend.billing.payment_facts import NEEDS_AUTHENTICATION, CardRefused, PaymentFacts
from backend.billing.payments import payments
from backend.billing.purchase_states import PurchaseState
from backend.billing.queries import auto_reload, purchases
from backend.billing.reload_states import KEY_LIFETIME, SUPERSEDED, TURNED_OFF, ReloadState
from backend.billing.schemas.cards import Reload
from backend.billing.service import cards, settling
from backend.db.scope import tenant_scope
from backend.kernel.errors import Conflict, NotFound, Unavailable
from backend.kernel.faults import point
from backend.kernel.principal import Principal, system

RELOADER: Final = "auto-reload"
CLOCKS_APART: Final = timedelta(minutes=5)
"""Ours and the provider's."""

_log = structlog.get_logger("clearsend.auto_reload")


def reloader(tenant_id: UUID | None = None) -> Principal:
    return system(RELOADER, tenant_id)


async def charge_reload(tenant_id: UUID, purchase_id: UUID, url: str) -> None:
    """Use case: ask for the money of an opened purchase. Twice is once, by its key. `url`: ours,
    where a card's owner comes back to from their bank.
    """
    async with tenant_scope(reloader(tenant_id)) as scope:
        purchase = await purchases.read(scope, purchase_id)
        reload = await auto_reload.find(scope, purchase_id)
        if reload is None or purchase.customer_id is None:
            return
        is_late = scope.now - reload.opened_at > KEY_LIFETIME
        setting = await auto_reload.read(scope)
        is_off = setting is None or setting.state is ReloadState.OFF
        earlier = await auto_reload.payment_before(scope, reload)
    if purchase.state is PurchaseState.AWAITING_CUSTOMER and purchase.payment_id and is_late:
        await _went_through(purchase.payment_id)
        return
    if purchase.state is not PurchaseState.PENDING or purchase.payment_id is not None:
        return
    try:
        # Asked before, as far as anybody knows: its payment may be there, its answer lost.
        if is_late or is_off:
            await _end_unasked(reload, tenant_id, "unanswered" if is_late else TURNED_OFF)
            return
        if earlier is not None and await _went_through(earlier):
            await _fail(tenant_id, purchase_id, SUPERSEDED)
            return
        facts = await _charged(
            f"{url}/credits?purchase={purchase.id}",
            customer=purchase.customer_id,
            card=reload.card_id,
            amount_minor=purchase.gross_minor,
            currency=purchase.currency,
            purchase_id=purchase.id,
            tenant_id=tenant_id,
            description=f"{purchase.credits:,} credits",
            key=str(purchase.id),
        )
    except Unavailable:
        _log.warning("auto_reload_not_charged", purchase=str(purchase_id))  # the sweep asks again
        return
    except (Conflict, NotFound) as error:
        await _fail(tenant_id, purchase_id, str(error.facts.get("provider_code") or error.code))
        if isinstance(error, NotFound):  # deleted there: what is charged now is gone for good
            await cards.sync_cards(tenant_id)
        return
    point("billing.reload_charged")
    await settling.settle_payment(facts)
    point("billing.reload_settled")


async def _end_unasked(reload: Reload, tenant_id: UUID, code: str) -> None:
    """Nobody is charged who turned it off, and no charge is forgotten that was made."""
    since, until = reload.opened_at - CLOCKS_APART, reload.opened_at + KEY_LIFETIME + CLOCKS_APART
    async for facts in payments().payments_between(since, until):
        if facts.purchase_id == reload.purchase_id:
            await settling.settle_payment(facts)
            return
    await _fail(tenant_id, reload.purchase_id, code)


async def _charged(return_url: str, **asked: Any) -> PaymentFacts:
    """Raises what the port raises; a refusal that made a payment is that payment. Where the bank
    wants its customer, the payment is made ready for them at once: then their people are told.
    """
    port = payments()
    try:
        return await port.charge_card(**asked)
    except CardRefused as refused:
        payment_id = refused.payment_id
        if payment_id is None:
            raise
        if NEEDS_AUTHENTICATION not in {refused.code, refused.decline_code}:
            return await port.payment(payment_id)
    point("billing.reload_needs_owner")
    return await port.authenticate(
        payment_id, card=asked["card"], return_url=return_url, key=f"owner:{payment_id}"
    )


async def _went_through(payment_id: str) -> bool:
    """The payment of the try before is ended first: its owner may have the bank's page open, and
    two tries of one crossing are never both paid.
    """
    with contextlib.suppress(Conflict):
        await payments().cancel_payment(payment_id, key=f"cancel:{payment_id}")
    point("billing.reload_cancelled")
    facts, _ = await settling.settle(payment_id)
    return facts.status in {"succeeded", "processing"}


async def _fail(tenant_id: UUID, purchase_id: UUID, code: str) -> None:
    async with tenant_scope(reloader(tenant_id)) as scope:
        purchase = await purchases.locked(scope, purchase_id)
        if purchase is not None:
            await settling.fail(scope, purchase, code)
