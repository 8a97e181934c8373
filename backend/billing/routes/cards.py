"""Saved cards and auto-reload over HTTP, for whoever pays."""

from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.api.routing import FromPrincipal, delete, get, post, put
from backend.billing.schemas.cards import (
    AuthenticationView,
    AutoReloadInput,
    AutoReloadView,
    CardSetupView,
    CardView,
)
from backend.billing.service import auto_reload, cards
from backend.gateways.desk.credentials import Setup
from backend.kernel.views import Page

FromSetup = NamedDependency[Setup]


@get("/v1/cards")
async def list_cards(principal: FromPrincipal) -> Page[CardView]:
    return await cards.list_cards(principal)


@post("/v1/cards/setup", status_code=201)
async def open_card_setup(principal: FromPrincipal, setup: FromSetup) -> CardSetupView:
    return await cards.open_card_setup(principal, setup.url)


@post("/v1/cards/refresh", status_code=200)
async def refresh_cards(principal: FromPrincipal) -> Page[CardView]:
    return await cards.refresh_cards(principal)


@delete("/v1/cards/{card_id:str}")
async def forget_card(card_id: FromPath[str], principal: FromPrincipal) -> None:
    await cards.forget_card(principal, card_id)


@get("/v1/auto-reload")
async def read_auto_reload(principal: FromPrincipal) -> AutoReloadView:
    return await auto_reload.read_auto_reload(principal)


@put("/v1/auto-reload")
async def save_auto_reload(
    data: JSONBody[AutoReloadInput], principal: FromPrincipal
) -> AutoReloadView:
    return await auto_reload.save_auto_reload(principal, data)


@post("/v1/purchases/{purchase_id:uuid}/authenticate", status_code=200)
async def authenticate_purchase(
    purchase_id: FromPath[UUID], principal: FromPrincipal, setup: FromSetup
) -> AuthenticationView:
    return await auto_reload.authenticate_purchase(principal, purchase_id, setup.url)


router = Router(
    "/",
    route_handlers=[
        list_cards,
        open_card_setup,
        refresh_cards,
        forget_card,
        read_auto_reload,
        save_auto_reload,
        authenticate_purchase,
    ],
)
