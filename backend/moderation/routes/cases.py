"""The moderation desk, submissions for approval, and decisions as tenants read them."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, delete, get, post
from backend.kernel.views import Page
from backend.moderation.schemas.cases import CaseView, LeaseInput, LeaseView, QueueView
from backend.moderation.schemas.decisions import (
    DecisionInput,
    OutcomeView,
    RevocationInput,
    RevokedView,
)
from backend.moderation.schemas.hosts import BlockedHostView, HostBlock
from backend.moderation.schemas.past_decisions import PastDecisionSearch, PastDecisionView
from backend.moderation.schemas.votes import DecidedView
from backend.moderation.service import (
    decisions,
    desk,
    history,
    leases,
    past_decisions,
    revoking,
    rule_sets,
    submissions,
)
from backend.moderation.states import CaseKind, CaseState, Lane, Verdict
from backend.templates.schemas import SenderView, TemplateVersionView

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
# `state` is a name Litestar keeps for itself.
State = Annotated[CaseState, QueryParameter(name="state")]
Kind = Annotated[CaseKind | None, QueryParameter(name="kind")]
OfLane = Annotated[Lane | None, QueryParameter(name="lane")]
Mine = Annotated[bool, QueryParameter(name="mine")]
OfSession = Annotated[UUID | None, QueryParameter(name="session_id")]
OfSubject = Annotated[UUID | None, QueryParameter(name="subject_id")]
"""A template version or a sender."""
Words = Annotated[str, QueryParameter(name="search", max_length=120)]
OfVerdict = Annotated[Verdict | None, QueryParameter(name="verdict")]
DecidedBy = Annotated[UUID | None, QueryParameter(name="decided_by")]
OfTenant = Annotated[UUID | None, QueryParameter(name="tenant_id")]
Revoked = Annotated[bool | None, QueryParameter(name="revoked")]
_CASE = "/v1/cases/{tenant_id:uuid}/{case_id:uuid}"


@get("/v1/cases")
async def list_cases(  # noqa: PLR0917 - the filters of one list
    principal: FromPrincipal,
    case_state: State = CaseState.OPEN,
    kind: Kind = None,
    lane: OfLane = None,
    mine: Mine = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> QueueView:
    return await desk.list_cases(principal, case_state, kind, cursor, limit, lane=lane, mine=mine)


@post("/v1/cases/next/claim", status_code=200)
async def claim_next_case(principal: FromPrincipal, lane: OfLane = None) -> LeaseView:
    return await leases.claim_next_case(principal, lane)


@get(_CASE)
async def read_case(
    tenant_id: FromPath[UUID], case_id: FromPath[UUID], principal: FromPrincipal
) -> CaseView:
    return await desk.read_case(principal, tenant_id, case_id)


@post(f"{_CASE}/claim", status_code=200)
async def claim_case(
    tenant_id: FromPath[UUID], case_id: FromPath[UUID], principal: FromPrincipal
) -> LeaseView:
    return await leases.claim_case(principal, tenant_id, case_id)


@post(f"{_CASE}/heartbeat", status_code=200)
async def heartbeat_case(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[LeaseInput],
    principal: FromPrincipal,
) -> LeaseView:
    return await leases.heartbeat_case(principal, tenant_id, case_id, data)


@post(f"{_CASE}/release", status_code=204)
async def release_case(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[LeaseInput],
    principal: FromPrincipal,
) -> None:
    await leases.release_case(principal, tenant_id, case_id, data)


@post(f"{_CASE}/decision", status_code=200)
async def decide_case(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[DecisionInput],
    principal: FromPrincipal,
) -> DecidedView:
    return await decisions.decide_case(principal, tenant_id, case_id, data)


@post(f"{_CASE}/revoke", status_code=200)
async def revoke_case(
    tenant_id: FromPath[UUID],
    case_id: FromPath[UUID],
    data: JSONBody[RevocationInput],
    principal: FromPrincipal,
) -> RevokedView:
    return await revoking.revoke_case(principal, tenant_id, case_id, data)


@get("/v1/blocked-hosts")
async def list_blocked_hosts(principal: FromPrincipal) -> list[BlockedHostView]:
    return await rule_sets.list_blocked_hosts(principal)


@post("/v1/blocked-hosts", status_code=201)
async def block_host(data: JSONBody[HostBlock], principal: FromPrincipal) -> BlockedHostView:
    return await rule_sets.block_host(principal, data)


@delete("/v1/blocked-hosts/{host:str}", status_code=204)
async def unblock_host(host: FromPath[str], principal: FromPrincipal) -> None:
    await rule_sets.unblock_host(principal, host)


@get("/v1/decisions")
async def list_decisions(
    principal: FromPrincipal,
    session_id: OfSession = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    subject_id: OfSubject = None,
) -> Page[OutcomeView]:
    return await history.list_decisions(principal, session_id, cursor, limit, subject_id)


@get("/v1/past-decisions")
async def list_past_decisions(  # noqa: PLR0917 - the filters of one list
    principal: FromPrincipal,
    search: Words = "",
    verdict: OfVerdict = None,
    kind: Kind = None,
    decided_by: DecidedBy = None,
    tenant_id: OfTenant = None,
    revoked: Revoked = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[PastDecisionView]:
    narrowed = PastDecisionSearch(
        text=search,
        verdict=verdict,
        kind=kind,
        decided_by=decided_by,
        tenant_id=tenant_id,
        is_revoked=revoked,
    )
    return await past_decisions.list_past_decisions(principal, narrowed, cursor, limit)


@post("/v1/templates/{template_id:uuid}/versions/{version:int}/submit", status_code=200)
async def submit_template_version(
    template_id: FromPath[UUID], version: FromPath[int], principal: FromPrincipal
) -> TemplateVersionView:
    return await submissions.submit_template_version(principal, template_id, version)


@post("/v1/senders/{sender_id:uuid}/submit", status_code=200)
async def submit_sender(sender_id: FromPath[UUID], principal: FromPrincipal) -> SenderView:
    return await submissions.submit_sender(principal, sender_id)


router = Router(
    "/",
    route_handlers=[
        list_cases,
        claim_next_case,
        read_case,
        claim_case,
        heartbeat_case,
        release_case,
        decide_case,
        revoke_case,
        list_blocked_hosts,
        block_host,
        unblock_host,
        list_decisions,
        list_past_decisions,
        submit_template_version,
        submit_sender,
    ],
)
