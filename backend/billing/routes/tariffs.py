"""Prices in money over HTTP: for those who buy, and the tariff desk of finance."""

from typing import Annotated

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post
from backend.billing.schemas.tariffs import (
    CreditPriceView,
    PackagesView,
    TariffCreate,
    TariffView,
)
from backend.billing.service import tariffs
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
Credits = Annotated[int, QueryParameter(name="credits")]


@get("/v1/credit-packages")
async def list_credit_packages(principal: FromPrincipal) -> PackagesView:
    return await tariffs.list_credit_packages(principal)


@get("/v1/credit-price")
async def read_credit_price(principal: FromPrincipal, amount: Credits) -> CreditPriceView:
    return await tariffs.read_credit_price(principal, amount)


@get("/v1/tariffs")
async def list_tariffs(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[TariffView]:
    return await tariffs.list_tariffs(principal, cursor, limit)


@post("/v1/tariffs", status_code=201)
async def propose_tariff(data: JSONBody[TariffCreate], principal: FromPrincipal) -> TariffView:
    return await tariffs.propose_tariff(principal, data)


@post("/v1/tariffs/{tariff_version:int}/approve", status_code=200)
async def approve_tariff(tariff_version: FromPath[int], principal: FromPrincipal) -> TariffView:
    return await tariffs.approve_tariff(principal, tariff_version)


@post("/v1/tariffs/{tariff_version:int}/withdraw", status_code=200)
async def withdraw_tariff(tariff_version: FromPath[int], principal: FromPrincipal) -> TariffView:
    return await tariffs.withdraw_tariff(principal, tariff_version)


router = Router(
    "/",
    route_handlers=[
        list_credit_packages,
        read_credit_price,
        list_tariffs,
        propose_tariff,
        approve_tariff,
        withdraw_tariff,
    ],
)
