"""Top-ups and grants over HTTP, for finance."""

from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from backend.api.routing import FromPrincipal, post
from backend.billing.schemas import GrantCreate, GrantView, TopUpCreate, TopUpView
from backend.billing.service import grants, top_ups


@post("/v1/tenants/{tenant_id:uuid}/top-ups", status_code=201)
async def create_top_up(
    tenant_id: FromPath[UUID], data: JSONBody[TopUpCreate], principal: FromPrincipal
) -> TopUpView:
    return await top_ups.create_top_up(principal, tenant_id, data)


@post("/v1/top-ups/{top_up_id:uuid}/approve", status_code=200)
async def approve_top_up(top_up_id: FromPath[UUID], principal: FromPrincipal) -> TopUpView:
    return await top_ups.approve_top_up(principal, top_up_id)


@post("/v1/tenants/{tenant_id:uuid}/grants", status_code=201)
async def create_grant(
    tenant_id: FromPath[UUID], data: JSONBody[GrantCreate], principal: FromPrincipal
) -> GrantView:
    return await grants.create_grant(principal, tenant_id, data)


router = Router("/", route_handlers=[create_top_up, approve_top_up, create_grant])
