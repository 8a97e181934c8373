"""Campaigns, sessions, quotes and texts over HTTP. Cancel, pause and stop are delivery's."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.routing import FromPrincipal, delete, get, patch, post
from backend.campaigns.schemas.forecast import ForecastView
from backend.campaigns.schemas.inputs import (
    CampaignCreate,
    CampaignUpdate,
    DraftUpdate,
    PreviewRequest,
    Submission,
    TextCheck,
)
from backend.campaigns.schemas.quotes import QuoteView
from backend.campaigns.schemas.schedules import ScheduleInput, SchedulePreview
from backend.campaigns.schemas.series import SeriesView
from backend.campaigns.schemas.texts import TextView
from backend.campaigns.schemas.views import (
    CampaignView,
    MinuteView,
    PreviewView,
    SessionSummary,
    SessionView,
)
from backend.campaigns.service import (
    campaigns,
    drafts,
    forecast,
    previews,
    quotes,
    schedules,
    series,
    submissions,
    texts,
)
from backend.campaigns.states import SeriesState, SessionState
from backend.kernel.views import Page

Search = Annotated[str | None, QueryParameter(name="search", max_length=120)]
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
States = Annotated[list[SessionState] | None, QueryParameter(name="state", max_items=16)]
InSeriesState = Annotated[SeriesState | None, QueryParameter(name="state")]
OfSession = Annotated[UUID | None, QueryParameter(name="session_id")]
OfCampaign = Annotated[UUID | None, QueryParameter(name="campaign_id")]


@get("/v1/campaigns")
async def list_campaigns(
    principal: FromPrincipal, search: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[CampaignView]:
    return await campaigns.list_campaigns(principal, search, cursor, limit)


@post("/v1/campaigns", status_code=201)
async def create_campaign(data: JSONBody[CampaignCreate], principal: FromPrincipal) -> CampaignView:
    return await campaigns.create_campaign(principal, data)


@get("/v1/campaigns/{campaign_id:uuid}")
async def read_campaign(campaign_id: FromPath[UUID], principal: FromPrincipal) -> CampaignView:
    return await campaigns.read_campaign(principal, campaign_id)


@patch("/v1/campaigns/{campaign_id:uuid}")
async def update_campaign(
    campaign_id: FromPath[UUID], data: JSONBody[CampaignUpdate], principal: FromPrincipal
) -> CampaignView:
    return await campaigns.update_campaign(principal, campaign_id, data)


@delete("/v1/campaigns/{campaign_id:uuid}", status_code=204)
async def archive_campaign(campaign_id: FromPath[UUID], principal: FromPrincipal) -> None:
    await campaigns.archive_campaign(principal, campaign_id)


@post("/v1/campaigns/{campaign_id:uuid}/sessions", status_code=201)
async def create_session(campaign_id: FromPath[UUID], principal: FromPrincipal) -> SessionView:
    return await drafts.create_session(principal, campaign_id)


@get("/v1/sessions")
async def list_sessions(  # noqa: PLR0917 - the filters of one list
    principal: FromPrincipal,
    states: States = None,
    campaign_id: OfCampaign = None,
    search: Search = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[SessionSummary]:
    return await campaigns.list_sessions(
        principal, states or [], campaign_id, search, cursor, limit
    )


@get("/v1/sessions/{session_id:uuid}")
async def read_campaign_session(
    session_id: FromPath[UUID], principal: FromPrincipal
) -> SessionView:
    return await campaigns.read_campaign_session(principal, session_id)


@get("/v1/sessions/{session_id:uuid}/minutes")
async def list_session_minutes(
    session_id: FromPath[UUID], principal: FromPrincipal
) -> list[MinuteView]:
    return await campaigns.list_session_minutes(principal, session_id)


@patch("/v1/sessions/{session_id:uuid}/draft")
async def update_draft(
    session_id: FromPath[UUID], data: JSONBody[DraftUpdate], principal: FromPrincipal
) -> SessionView:
    return await drafts.update_draft(principal, session_id, data)


@post("/v1/sessions/{session_id:uuid}/discard", status_code=200)
async def discard_draft(session_id: FromPath[UUID], principal: FromPrincipal) -> SessionView:
    return await drafts.discard_draft(principal, session_id)


@post("/v1/sessions/{session_id:uuid}/copy", status_code=201)
async def copy_session(session_id: FromPath[UUID], principal: FromPrincipal) -> SessionView:
    return await drafts.copy_session(principal, session_id)


@post("/v1/texts/check", status_code=200, rate="read")
async def check_text(data: JSONBody[TextCheck], principal: FromPrincipal) -> TextView:
    return await texts.check_text(principal, data)


@post("/v1/sessions/{session_id:uuid}/preview", status_code=200, rate="read")
async def preview_session(
    session_id: FromPath[UUID], data: JSONBody[PreviewRequest], principal: FromPrincipal
) -> list[PreviewView]:
    return await previews.preview_session(principal, session_id, data)


@post("/v1/sessions/{session_id:uuid}/quotes", status_code=201)
async def create_quote(session_id: FromPath[UUID], principal: FromPrincipal) -> QuoteView:
    return await quotes.create_quote(principal, session_id)


@post("/v1/sessions/{session_id:uuid}/submit", status_code=200, rate="send")
async def submit_session(
    session_id: FromPath[UUID], data: JSONBody[Submission], principal: FromPrincipal
) -> SessionView:
    return await submissions.submit_session(principal, session_id, data)


@post("/v1/schedules/preview", status_code=200, rate="read")
async def preview_schedule(
    data: JSONBody[ScheduleInput], principal: FromPrincipal
) -> SchedulePreview:
    return await schedules.preview_schedule(principal, data)


@get("/v1/series")
async def list_series(
    principal: FromPrincipal,
    campaign_id: OfCampaign = None,
    in_state: InSeriesState = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[SeriesView]:
    return await series.list_series(principal, campaign_id, in_state, cursor, limit)


@get("/v1/series/{series_id:uuid}")
async def read_series(series_id: FromPath[UUID], principal: FromPrincipal) -> SeriesView:
    return await series.read_series(principal, series_id)


@post("/v1/series/{series_id:uuid}/pause", status_code=200)
async def pause_series(series_id: FromPath[UUID], principal: FromPrincipal) -> SeriesView:
    return await series.pause_series(principal, series_id)


@post("/v1/series/{series_id:uuid}/resume", status_code=200)
async def resume_series(series_id: FromPath[UUID], principal: FromPrincipal) -> SeriesView:
    return await series.resume_series(principal, series_id)


@get("/v1/forecast")
async def read_forecast(principal: FromPrincipal, session_id: OfSession = None) -> ForecastView:
    return await forecast.read_forecast(principal, session_id)


router = Router(
    "/",
    route_handlers=[
        list_campaigns,
        create_campaign,
        read_campaign,
        update_campaign,
        archive_campaign,
        create_session,
        list_sessions,
        read_campaign_session,
        list_session_minutes,
        update_draft,
        discard_draft,
        copy_session,
        check_text,
        preview_session,
        create_quote,
        submit_session,
        preview_schedule,
        read_forecast,
        list_series,
        read_series,
        pause_series,
        resume_series,
    ],
)
