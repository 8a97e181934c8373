"""Cancel, pause, resume, stop and kill; recipients and exclusions of a session."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, get, post
from backend.campaigns.schemas.evaluation import ExclusionReason
from backend.delivery.schemas import (
    ExclusionView,
    KillReason,
    PriceConfirmation,
    RecipientView,
    Standing,
    WaitingView,
)
from backend.delivery.service import continuing, holding, recipients, stopping
from backend.delivery.states import MessageState
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
States = Annotated[list[MessageState] | None, QueryParameter(name="state", max_items=11)]
Cause = Annotated[str | None, QueryParameter(name="cause", max_length=40)]
Reason = Annotated[ExclusionReason | None, QueryParameter(name="reason")]


@post("/v1/sessions/{session_id:uuid}/cancel", status_code=200)
async def cancel_session(session_id: FromPath[UUID], principal: FromPrincipal) -> Standing:
    return await stopping.cancel_session(principal, session_id)


@post("/v1/sessions/{session_id:uuid}/pause", status_code=200)
async def pause_session(session_id: FromPath[UUID], principal: FromPrincipal) -> Standing:
    return await stopping.pause_session(principal, session_id)


@post("/v1/sessions/{session_id:uuid}/resume", status_code=200)
async def resume_session(session_id: FromPath[UUID], principal: FromPrincipal) -> Standing:
    return await stopping.resume_session(principal, session_id)


@post("/v1/sessions/{session_id:uuid}/stop", status_code=200)
async def stop_session(session_id: FromPath[UUID], principal: FromPrincipal) -> Standing:
    return await stopping.stop_session(principal, session_id)


@post("/v1/sessions/{session_id:uuid}/confirm", status_code=200)
async def confirm_price(
    session_id: FromPath[UUID], data: JSONBody[PriceConfirmation], principal: FromPrincipal
) -> Standing:
    return await continuing.confirm_price(principal, session_id, data)


@post("/v1/sessions/{session_id:uuid}/send-now", status_code=200)
async def send_missed_now(session_id: FromPath[UUID], principal: FromPrincipal) -> Standing:
    return await continuing.send_missed_now(principal, session_id)


@post("/v1/sessions/{tenant_id:uuid}/{session_id:uuid}/kill", status_code=200)
async def kill_session(
    tenant_id: FromPath[UUID],
    session_id: FromPath[UUID],
    data: JSONBody[KillReason],
    principal: FromPrincipal,
) -> Standing:
    return await stopping.kill_session(principal, tenant_id, session_id, reason=data.reason)


@get("/v1/sessions/{session_id:uuid}/recipients")
async def list_recipients(  # noqa: PLR0917 - the filters of one list
    session_id: FromPath[UUID],
    principal: FromPrincipal,
    states: States = None,
    cause: Cause = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RecipientView]:
    return await recipients.list_recipients(
        principal, session_id, states or [], cause, cursor, limit
    )


@get("/v1/sessions/{session_id:uuid}/exclusions")
async def list_exclusions(
    session_id: FromPath[UUID],
    principal: FromPrincipal,
    reason: Reason = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ExclusionView]:
    return await recipients.list_exclusions(principal, session_id, reason, cursor, limit)


@get("/v1/sessions/{session_id:uuid}/waiting")
async def read_waiting(session_id: FromPath[UUID], principal: FromPrincipal) -> WaitingView:
    return await holding.read_waiting(principal, session_id)


router = Router(
    "/",
    route_handlers=[
        cancel_session,
        pause_session,
        resume_session,
        stop_session,
        confirm_price,
        send_missed_now,
        kill_session,
        list_recipients,
        list_exclusions,
        read_waiting,
    ],
)
