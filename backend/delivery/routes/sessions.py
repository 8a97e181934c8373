"""Cancel, pause, resume, stop and kill; recipients, exclusions and replies of a session."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, delete, get, post, put
from backend.campaigns.schemas.evaluation import ExclusionReason
from backend.campaigns.schemas.schedules import ScheduleTime
from backend.campaigns.schemas.series import OccurrenceSkip, SeriesView
from backend.campaigns.schemas.views import SessionView
from backend.delivery.schemas import (
    ExclusionView,
    KilledSessions,
    KillReason,
    PriceConfirmation,
    RecipientView,
    ReplyCounts,
    ReplyRules,
    ReplyTextUpdate,
    ReplyTextView,
    ReplyView,
    ReplyWordUpdate,
    ReplyWordView,
    SendingDesk,
    StaffReason,
    Standing,
    SwitchChange,
    SwitchView,
    WaitingView,
)
from backend.delivery.service import (
    continuing,
    holding,
    recipients,
    repeating,
    replies,
    retrying_failed,
    stopping,
    switching,
)
from backend.delivery.states import MessageState, ReplyKind
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
States = Annotated[list[MessageState] | None, QueryParameter(name="state", max_items=11)]
Cause = Annotated[str | None, QueryParameter(name="cause", max_length=40)]
Kind = Annotated[ReplyKind | None, QueryParameter(name="kind")]
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


@post("/v1/sessions/{session_id:uuid}/reschedule", status_code=200)
async def reschedule_session(
    session_id: FromPath[UUID], data: JSONBody[ScheduleTime], principal: FromPrincipal
) -> Standing:
    return await continuing.reschedule_session(principal, session_id, data)


@post("/v1/sessions/{tenant_id:uuid}/{session_id:uuid}/kill", status_code=200)
async def kill_session(
    tenant_id: FromPath[UUID],
    session_id: FromPath[UUID],
    data: JSONBody[KillReason],
    principal: FromPrincipal,
) -> Standing:
    return await stopping.kill_session(principal, tenant_id, session_id, reason=data.reason)


@post("/v1/series/{series_id:uuid}/skip", status_code=200)
async def skip_occurrence(
    series_id: FromPath[UUID], data: JSONBody[OccurrenceSkip], principal: FromPrincipal
) -> SeriesView:
    return await repeating.skip_occurrence(principal, series_id, data)


@post("/v1/series/{series_id:uuid}/end", status_code=200)
async def end_series(series_id: FromPath[UUID], principal: FromPrincipal) -> SeriesView:
    return await repeating.end_series(principal, series_id)


@post("/v1/sessions/{tenant_id:uuid}/{session_id:uuid}/pause", status_code=200)
async def hold_session(
    tenant_id: FromPath[UUID],
    session_id: FromPath[UUID],
    data: JSONBody[StaffReason],
    principal: FromPrincipal,
) -> Standing:
    return await stopping.pause_session(principal, session_id, tenant_id, reason=data.reason)


@post("/v1/sessions/{tenant_id:uuid}/{session_id:uuid}/resume", status_code=200)
async def let_session_go_on(
    tenant_id: FromPath[UUID],
    session_id: FromPath[UUID],
    data: JSONBody[StaffReason],
    principal: FromPrincipal,
) -> Standing:
    return await stopping.resume_session(principal, session_id, tenant_id, reason=data.reason)


@post("/v1/sessions/{session_id:uuid}/retry-failed", status_code=201)
async def retry_failed(session_id: FromPath[UUID], principal: FromPrincipal) -> SessionView:
    return await retrying_failed.retry_failed(principal, session_id)


@get("/v1/sending")
async def read_sending_desk(principal: FromPrincipal) -> SendingDesk:
    return await switching.read_sending_desk(principal)


@post("/v1/sending/switch", status_code=200)
async def switch_platform_sending(
    data: JSONBody[SwitchChange], principal: FromPrincipal
) -> SwitchView:
    return await switching.switch_platform(principal, data)


@post("/v1/tenants/{tenant_id:uuid}/sending/switch", status_code=200)
async def switch_tenant_sending(
    tenant_id: FromPath[UUID], data: JSONBody[SwitchChange], principal: FromPrincipal
) -> SwitchView:
    return await switching.switch_tenant(principal, tenant_id, data)


@post("/v1/tenants/{tenant_id:uuid}/sending/kill", status_code=200)
async def kill_sessions_of_tenant(
    tenant_id: FromPath[UUID], data: JSONBody[StaffReason], principal: FromPrincipal
) -> KilledSessions:
    return await switching.kill_sessions_of_tenant(principal, tenant_id, reason=data.reason)


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


@get("/v1/sessions/{session_id:uuid}/replies")
async def list_replies(
    session_id: FromPath[UUID],
    principal: FromPrincipal,
    kind: Kind = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ReplyView]:
    return await replies.list_replies(principal, session_id, kind, cursor, limit)


@get("/v1/sessions/{session_id:uuid}/replies/count")
async def count_replies(session_id: FromPath[UUID], principal: FromPrincipal) -> ReplyCounts:
    return await replies.count_replies(principal, session_id)


@get("/v1/reply-words")
async def read_reply_rules(principal: FromPrincipal) -> ReplyRules:
    return await replies.read_reply_rules(principal)


@put("/v1/reply-words")
async def set_reply_word(
    data: JSONBody[ReplyWordUpdate], principal: FromPrincipal
) -> ReplyWordView:
    return await replies.set_reply_word(principal, data)


@delete("/v1/reply-words/{word:str}", status_code=204)
async def remove_reply_word(word: FromPath[str], principal: FromPrincipal) -> None:
    await replies.remove_reply_word(principal, word)


@put("/v1/reply-texts/{language:str}/{answered:str}")
async def set_reply_text(
    language: FromPath[str],
    answered: FromPath[str],
    data: JSONBody[ReplyTextUpdate],
    principal: FromPrincipal,
) -> ReplyTextView:
    return await replies.set_reply_text(principal, language, answered, data)


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
        reschedule_session,
        kill_session,
        skip_occurrence,
        end_series,
        hold_session,
        let_session_go_on,
        retry_failed,
        read_sending_desk,
        switch_platform_sending,
        switch_tenant_sending,
        kill_sessions_of_tenant,
        list_recipients,
        list_exclusions,
        list_replies,
        count_replies,
        read_reply_rules,
        set_reply_word,
        remove_reply_word,
        set_reply_text,
        read_waiting,
    ],
)
