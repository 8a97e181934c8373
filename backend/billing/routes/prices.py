"""Message price lists over HTTP, for finance."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post
from backend.billing.desk_states import ProposalState
from backend.billing.schemas.prices import (
    PriceListSummary,
    PriceListView,
    PriceProposalCreate,
    PriceProposalView,
    ProposalDecline,
)
from backend.billing.service import price_proposals
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
InState = Annotated[ProposalState | None, QueryParameter(name="state")]


@get("/v1/price-lists")
async def list_price_lists(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[PriceListSummary]:
    return await price_proposals.list_price_lists(principal, cursor=cursor, limit=limit)


@get("/v1/price-lists/{price_version:int}")
async def read_price_list(price_version: FromPath[int], principal: FromPrincipal) -> PriceListView:
    return await price_proposals.read_price_list(principal, price_version)


@get("/v1/price-proposals")
async def list_price_proposals(
    principal: FromPrincipal, in_state: InState = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[PriceProposalView]:
    return await price_proposals.list_price_proposals(
        principal, state=in_state, cursor=cursor, limit=limit
    )


@post("/v1/price-proposals", status_code=201)
async def propose_prices(
    data: JSONBody[PriceProposalCreate], principal: FromPrincipal
) -> PriceProposalView:
    return await price_proposals.propose_prices(principal, data)


@post("/v1/price-proposals/{price_proposal:uuid}/approve", status_code=200)
async def approve_prices(
    price_proposal: FromPath[UUID], principal: FromPrincipal
) -> PriceProposalView:
    return await price_proposals.approve_prices(principal, price_proposal)


@post("/v1/price-proposals/{price_proposal:uuid}/decline", status_code=200)
async def decline_prices(
    price_proposal: FromPath[UUID], data: JSONBody[ProposalDecline], principal: FromPrincipal
) -> PriceProposalView:
    return await price_proposals.decline_prices(principal, price_proposal, data)


router = Router(
    "/",
    route_handlers=[
        list_price_lists,
        read_price_list,
        list_price_proposals,
        propose_prices,
        approve_prices,
        decline_prices,
    ],
)
