"""Top-ups and grants over HTTP, for finance."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post
from backend.billing.schemas.top_ups import (
    GrantCreate,
    GrantView,
    TopUpCreate,
    TopUpDecline,
    TopUpView,
)
from backend.billing.service import grants, top_ups
from backend.billing.states import TopUpState
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
InState = Annotated[TopUpState | None, QueryParameter(name="state")]


@post("/v1/tenants/{tenant_id:uuid}/top-ups", status_code=201)
async def create_top_up(
    tenant_id: FromPath[UUID], data: JSONBody[TopUpCreate], principal: FromPrincipal
) -> TopUpView:
    return await top_ups.create_top_up(principal, tenant_id, data)


@get("/v1/top-ups/pending")
async def list_pending_top_ups(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[TopUpView]:
    return await top_ups.list_pending_top_ups(principal, cursor=cursor, limit=limit)


@post("/v1/top-ups/{top_up_id:uuid}/approve", status_code=200)
async def approve_top_up(top_up_id: FromPath[UUID], principal: FromPrincipal) -> TopUpView:
    return await top_ups.approve_top_up(principal, top_up_id)


@post("/v1/top-ups/{top_up_id:uuid}/decline", status_code=200)
async def decline_top_up(
    top_up_id: FromPath[UUID], data: JSONBody[TopUpDecline], principal: FromPrincipal
) -> TopUpView:
    return await top_ups.decline_top_up(principal, top_up_id, data)


@get("/v1/tenants/{tenant_id:uuid}/top-ups")
async def list_top_ups(
    tenant_id: FromPath[UUID],
    principal: FromPrincipal,
    in_state: InState = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TopUpView]:
    return await top_ups.list_top_ups(
        principal, tenant_id, state=in_state, cursor=cursor, limit=limit
    )


@post("/v1/tenants/{tenant_id:uuid}/grants", status_code=201)
async def create_grant(
    tenant_id: FromPath[UUID], data: JSONBody[GrantCreate], principal: FromPrincipal
) -> GrantView:
    return await grants.create_grant(principal, tenant_id, data)


router = Router(
    "/",
    route_handlers=[
        create_top_up,
        list_top_ups,
        list_pending_top_ups,
        approve_top_up,
        decline_top_up,
        create_grant,
    ],
)
