"""Money that goes back, and disputes, for finance."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post
from backend.billing.schemas.purchases import DisputeView, RefundView
from backend.billing.schemas.refunds import RefundCreate, RefundDecision, RefundPayment
from backend.billing.service import disputes, refunds
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]


@post("/v1/tenants/{tenant_id:uuid}/refunds", status_code=201)
async def create_refund(
    tenant_id: FromPath[UUID], data: JSONBody[RefundCreate], principal: FromPrincipal
) -> RefundView:
    return await refunds.create_refund(principal, tenant_id, data)


@get("/v1/tenants/{tenant_id:uuid}/refunds")
async def list_tenant_refunds(
    tenant_id: FromPath[UUID], principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[RefundView]:
    return await refunds.list_refunds(principal, tenant_id, cursor=cursor, limit=limit)


@get("/v1/refunds/waiting")
async def list_waiting_refunds(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[RefundView]:
    return await refunds.list_refunds(principal, waiting=True, cursor=cursor, limit=limit)


@post("/v1/refunds/{refund_id:uuid}/approve", status_code=200)
async def approve_refund(refund_id: FromPath[UUID], principal: FromPrincipal) -> RefundView:
    return await refunds.approve_refund(principal, refund_id)


@post("/v1/refunds/{refund_id:uuid}/decline", status_code=200)
async def decline_refund(
    refund_id: FromPath[UUID], data: JSONBody[RefundDecision], principal: FromPrincipal
) -> RefundView:
    return await refunds.decline_refund(principal, refund_id, data)


@post("/v1/refunds/{refund_id:uuid}/paid", status_code=200)
async def record_refund_payment(
    refund_id: FromPath[UUID], data: JSONBody[RefundPayment], principal: FromPrincipal
) -> RefundView:
    return await refunds.record_payment(principal, refund_id, data)


@post("/v1/refunds/{refund_id:uuid}/failed", status_code=200)
async def record_refund_failure(
    refund_id: FromPath[UUID], data: JSONBody[RefundDecision], principal: FromPrincipal
) -> RefundView:
    return await refunds.record_failure(principal, refund_id, data)


@get("/v1/disputes")
async def list_disputes(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[DisputeView]:
    return await disputes.list_disputes(principal, cursor=cursor, limit=limit)


router = Router(
    "/",
    route_handlers=[
        create_refund,
        list_tenant_refunds,
        list_waiting_refunds,
        approve_refund,
        decline_refund,
        record_refund_payment,
        record_refund_failure,
        list_disputes,
    ],
)
