"""Buying credits, what Stripe posts about it, and what finance sees of both."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter, RawBody

from backend.api.routing import FromPrincipal, get, post
from backend.billing.purchase_states import EVENT_BODY_BYTES_MAX
from backend.billing.schemas.purchases import (
    PaymentProblemView,
    ProblemResolution,
    PurchaseCreate,
    PurchaseDetails,
    PurchaseView,
)
from backend.billing.service import inbox, purchases
from backend.gateways.desk.credentials import Setup
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
IsOpen = Annotated[bool, QueryParameter(name="is_open")]
FromSetup = NamedDependency[Setup]
Signature = Annotated[str, HeaderParameter(name="Stripe-Signature", max_length=2000)]


@post("/v1/purchases", status_code=201)
async def create_purchase(
    data: JSONBody[PurchaseCreate], principal: FromPrincipal, setup: FromSetup
) -> PurchaseView:
    return await purchases.create_purchase(principal, setup.url, data)


@get("/v1/purchases")
async def list_purchases(
    principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[PurchaseView]:
    return await purchases.list_purchases(principal, cursor=cursor, limit=limit)


@get("/v1/purchases/{purchase_id:uuid}")
async def read_purchase(purchase_id: FromPath[UUID], principal: FromPrincipal) -> PurchaseDetails:
    return await purchases.read_purchase(principal, purchase_id)


@get("/v1/tenants/{tenant_id:uuid}/purchases")
async def list_tenant_purchases(
    tenant_id: FromPath[UUID], principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[PurchaseView]:
    return await purchases.list_purchases(principal, tenant_id, cursor=cursor, limit=limit)


@get("/v1/tenants/{tenant_id:uuid}/purchases/{purchase_id:uuid}")
async def read_tenant_purchase(
    tenant_id: FromPath[UUID], purchase_id: FromPath[UUID], principal: FromPrincipal
) -> PurchaseDetails:
    return await purchases.read_purchase(principal, purchase_id, tenant_id)


@post(
    "/v1/stripe/events",
    status_code=200,
    rate="none",
    body="raw",
    body_limit_bytes=EVENT_BODY_BYTES_MAX,
    anonymous=True,
)
async def receive_stripe_event(body: RawBody, signature: Signature = "") -> None:
    await inbox.receive_event(body, signature)


@get("/v1/payment-problems")
async def list_payment_problems(
    principal: FromPrincipal, is_open: IsOpen = True, cursor: Cursor = None, limit: Limit = 50
) -> Page[PaymentProblemView]:
    return await inbox.list_problems(principal, is_open=is_open, cursor=cursor, limit=limit)


@post("/v1/payment-problems/{problem_id:uuid}/resolve", status_code=200)
async def resolve_payment_problem(
    problem_id: FromPath[UUID], data: JSONBody[ProblemResolution], principal: FromPrincipal
) -> PaymentProblemView:
    return await inbox.resolve_problem(principal, problem_id, data)


router = Router(
    "/",
    route_handlers=[
        create_purchase,
        list_purchases,
        read_purchase,
        list_tenant_purchases,
        read_tenant_purchase,
        receive_stripe_event,
        list_payment_problems,
        resolve_payment_problem,
    ],
)
