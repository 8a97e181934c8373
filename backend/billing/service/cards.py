"""Saved cards: kept by the provider, known here by what their owner recognises."""

from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record
from backend.billing.payment_facts import Checkout
from backend.billing.payments import payments
from backend.billing.queries import cards, purchases
from backend.billing.reload_states import CARDS_PER_TENANT_MAX
from backend.billing.schemas.cards import CardSetupView, CardView
from backend.billing.service.customers import asked_of_customer
from backend.billing.service.profiles import required_profile
from backend.billing.service.reload_moves import stop_without_card
from backend.billing.service.requests import id_of_request
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system
from backend.kernel.views import Page

KEEPER = "saved cards"


def card_view(row: asyncpg.Record) -> CardView:
    return msgspec.convert(dict(row), CardView)


async def list_cards(principal: Principal) -> Page[CardView]:
    """All of them: there are at most CARDS_PER_TENANT_MAX."""
    async with tenant_scope(principal) as scope:
        return await _listed(scope)


async def _listed(scope: Scope) -> Page[CardView]:
    return Page(items=[card_view(row) for row in await cards.shown(scope)], next_cursor=None)


async def open_card_setup(principal: Principal, url: str) -> CardSetupView:
    """The provider's page on which a card is saved; nothing is paid there.

    Raises Conflict `billing_profile_required`, `too_many_cards`, Unavailable
    `payments_unavailable`.
    """
    async with tenant_scope(principal) as scope:
        if len(await cards.shown(scope)) >= CARDS_PER_TENANT_MAX:
            raise Conflict("too_many_cards", "forget one first", cards_max=CARDS_PER_TENANT_MAX)
        profile = await required_profile(scope)
        tenant_id, request_id = scope.tenant_id, id_of_request(scope) or uuid7()
    key = f"setup:{request_id}"  # never the caller's own words: two tenants may say the same

    async def ask(customer: str, replaces: str | None) -> Checkout:
        return await payments().open_setup(
            customer=customer,
            tenant_id=tenant_id,
            success_url=f"{url}/credits?card=saved",
            cancel_url=f"{url}/credits",
            key=f"{key}:{customer}" if replaces else key,
        )

    _, opened = await asked_of_customer(tenant_id, profile, None, ask)
    view = CardSetupView(url=opened.url, expires_at=opened.expires_at)
    async with tenant_scope(principal) as scope:
        await record(scope, "card.setup_opened", f"tenant:{tenant_id}")
        await scope.answer(view)
    return view


async def refresh_cards(principal: Principal) -> Page[CardView]:
    """What the page asks after its owner came back: the provider's list is the truth."""
    async with tenant_scope(principal) as scope:
        tenant_id = scope.tenant_id
    await sync_cards(tenant_id)
    async with tenant_scope(principal) as scope:
        view = await _listed(scope)
        await scope.answer(view, 200)
    return view


async def sync_cards(tenant_id: UUID) -> None:
    """Use case: our rows as the provider lists its cards. A card gone turns auto-reload off."""
    async with tenant_scope(system(KEEPER, tenant_id)) as scope:
        customer = await purchases.customer_id(scope)
    if customer is None:
        return
    try:
        listed = await payments().cards(customer)
    except NotFound:  # deleted there, and their cards with them; the next customer is made to buy
        listed = []
    point("billing.cards_read")
    async with tenant_scope(system(KEEPER, tenant_id)) as scope:
        for card in listed:
            if await cards.save(scope, card):
                await record(scope, "card.saved", f"card:{card.id}", last4=card.last4)
        for card_id in await cards.forget_others(scope, [card.id for card in listed]):
            await record(scope, "card.gone", f"card:{card_id}")
            await stop_without_card(scope, card_id)


async def forget_card(principal: Principal, card_id: str) -> None:
    """Raises NotFound, Conflict `card_in_use` while auto-reload charges it."""
    async with tenant_scope(principal) as scope:
        row = await cards.shown_one(scope, card_id)
        if row is None:
            raise NotFound
        if row["reloads"]:
            raise Conflict("card_in_use", "auto-reload charges this card: turn it off first")
    await payments().forget_card(card_id)
    point("billing.card_forgotten")
    async with tenant_scope(principal) as scope:
        if await cards.forget(scope, card_id):
            await record(scope, "card.forgotten", f"card:{card_id}")
        await stop_without_card(scope, card_id)
        await scope.answer(None, 204)


# --- what the provider's events make us read again ---------------------------------------------


async def settle_setup(setup_id: str) -> None:
    """Use case of `setup_intent.succeeded`. A tenant named by somebody else changes nothing: its
    own customer's cards are read.
    """
    facts = await payments().setup(setup_id)
    tenant_id = await _tenant_of(facts.customer, None)
    if tenant_id is not None:
        await sync_cards(tenant_id)


async def settle_customer(customer_id: str) -> None:
    """Use case of `customer.deleted`: their cards are gone."""
    tenant_id = await _tenant_of(customer_id, None)
    if tenant_id is not None:
        await sync_cards(tenant_id)


async def settle_card(card_id: str) -> None:
    """Use case of `payment_method.attached`, `.detached`, `.updated`."""
    customer = await payments().customer_of_card(card_id)
    tenant_id = await _tenant_of(customer, card_id)
    if tenant_id is not None:
        await sync_cards(tenant_id)


async def _tenant_of(customer: str | None, card_id: str | None) -> UUID | None:
    async with platform_scope(system(KEEPER), "whose card it is") as scope:
        found = await cards.tenant_of_customer(scope, customer) if customer else None
        if found is None and card_id is not None:
            found = await cards.tenant_of_card(scope, card_id)
        return found
