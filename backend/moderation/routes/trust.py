"""Trust over HTTP: a tenant's strikes and rates, complaints, proposals, the thresholds."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post, put
from backend.kernel.views import Page
from backend.moderation.schemas.trust import (
    ComplaintCreate,
    ComplaintView,
    ProposalDecision,
    ProposalView,
    StrikeCreate,
    StrikeLift,
    TrustPolicyEdit,
    TrustPolicyView,
    TrustView,
)
from backend.moderation.service import outcomes, trust

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
_TENANT = "/v1/tenants/{tenant_id:uuid}"


@get("/v1/trust-policy")
async def read_trust_policy(principal: FromPrincipal) -> TrustPolicyView:
    return await trust.read_trust_policy(principal)


@put("/v1/trust-policy")
async def edit_trust_policy(
    data: JSONBody[TrustPolicyEdit], principal: FromPrincipal
) -> TrustPolicyView:
    return await trust.edit_trust_policy(principal, data)


@get(f"{_TENANT}/trust")
async def read_trust(tenant_id: FromPath[UUID], principal: FromPrincipal) -> TrustView:
    return await trust.read_trust(principal, tenant_id)


@post(f"{_TENANT}/strikes", status_code=201)
async def strike_tenant(
    tenant_id: FromPath[UUID], data: JSONBody[StrikeCreate], principal: FromPrincipal
) -> TrustView:
    return await trust.strike_tenant(principal, tenant_id, data)


@post(f"{_TENANT}/strikes/{{strike_id:uuid}}/lift", status_code=200)
async def lift_strike(
    tenant_id: FromPath[UUID],
    strike_id: FromPath[UUID],
    data: JSONBody[StrikeLift],
    principal: FromPrincipal,
) -> TrustView:
    return await trust.lift_strike(principal, tenant_id, strike_id, data)


@post(f"{_TENANT}/complaints", status_code=201)
async def record_complaint(
    tenant_id: FromPath[UUID], data: JSONBody[ComplaintCreate], principal: FromPrincipal
) -> ComplaintView:
    return await outcomes.record_complaint(principal, tenant_id, data)


@get(f"{_TENANT}/complaints")
async def list_complaints(
    tenant_id: FromPath[UUID], principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[ComplaintView]:
    return await outcomes.list_complaints(principal, tenant_id, cursor, limit)


@get("/v1/suspension-proposals")
async def list_suspension_proposals(principal: FromPrincipal) -> list[ProposalView]:
    return await outcomes.list_suspension_proposals(principal)


@post(f"{_TENANT}/suspension-proposals/{{proposal_id:uuid}}/decision", status_code=200)
async def decide_suspension_proposal(
    tenant_id: FromPath[UUID],
    proposal_id: FromPath[UUID],
    data: JSONBody[ProposalDecision],
    principal: FromPrincipal,
) -> ProposalView:
    return await outcomes.decide_suspension_proposal(principal, tenant_id, proposal_id, data)


router = Router(
    "/",
    route_handlers=[
        read_trust_policy,
        edit_trust_policy,
        read_trust,
        strike_tenant,
        lift_strike,
        record_complaint,
        list_complaints,
        list_suspension_proposals,
        decide_suspension_proposal,
    ],
)
