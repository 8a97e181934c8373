"""Reversals and credit lines over HTTP, for finance."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post, put
from backend.billing.desk_states import CorrectionState
from backend.billing.schemas.corrections import (
    CorrectionDecline,
    CorrectionView,
    CreditLineChange,
    Reversal,
)
from backend.billing.service import corrections
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
InState = Annotated[CorrectionState | None, QueryParameter(name="state")]
Tenant = Annotated[UUID | None, QueryParameter(name="tenant_id")]


@post("/v1/top-ups/{top_up_id:uuid}/reverse", status_code=201)
async def reverse_top_up(
    top_up_id: FromPath[UUID], data: JSONBody[Reversal], principal: FromPrincipal
) -> CorrectionView:
    return await corrections.reverse_top_up(principal, top_up_id, data)


@put("/v1/tenants/{tenant_id:uuid}/credit-line", status_code=201)
async def set_credit_line(
    tenant_id: FromPath[UUID], data: JSONBody[CreditLineChange], principal: FromPrincipal
) -> CorrectionView:
    return await corrections.set_credit_line(principal, tenant_id, data)


@get("/v1/corrections")
async def list_corrections(
    principal: FromPrincipal,
    tenant_id: Tenant = None,
    in_state: InState = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[CorrectionView]:
    return await corrections.list_corrections(
        principal, tenant_id=tenant_id, state=in_state, cursor=cursor, limit=limit
    )


@post("/v1/corrections/{correction_id:uuid}/approve", status_code=200)
async def approve_correction(
    correction_id: FromPath[UUID], principal: FromPrincipal
) -> CorrectionView:
    return await corrections.approve_correction(principal, correction_id)


@post("/v1/corrections/{correction_id:uuid}/decline", status_code=200)
async def decline_correction(
    correction_id: FromPath[UUID], data: JSONBody[CorrectionDecline], principal: FromPrincipal
) -> CorrectionView:
    return await corrections.decline_correction(principal, correction_id, data)


router = Router(
    "/",
    route_handlers=[
        reverse_top_up,
        set_credit_line,
        list_corrections,
        approve_correction,
        decline_correction,
    ],
)
