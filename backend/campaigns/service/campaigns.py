"""Campaigns, and the lists of their sessions."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from backend.audit.service import record
from backend.campaigns.queries import campaigns, progress, sessions
from backend.campaigns.schemas.content import Draft
from backend.campaigns.schemas.inputs import CampaignCreate, CampaignUpdate
from backend.campaigns.schemas.views import CampaignView, MinuteView, SessionSummary, SessionView
from backend.campaigns.service.drafts import open_draft
from backend.campaigns.service.views import session_view, summary
from backend.campaigns.states import SessionState
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import StateConflict
from backend.kernel.principal import Principal
from backend.kernel.views import Page

MINUTES_SHOWN_MAX = 2_880
"""Two days."""


async def create_campaign(principal: Principal, given: CampaignCreate) -> CampaignView:
    """With its first draft session."""
    async with tenant_scope(principal) as scope:
        campaign_id = await campaigns.insert(scope, given.name)
        await record(scope, "campaign.created", f"campaign:{campaign_id}")
        await open_draft(scope, campaign_id, Draft())
        view = await _one(scope, campaign_id)
        await scope.answer(view)
    return view


async def update_campaign(
    principal: Principal, campaign_id: UUID, given: CampaignUpdate
) -> CampaignView:
    async with tenant_scope(principal) as scope:
        await campaigns.rename(scope, campaign_id, given.name)
        view = await _one(scope, campaign_id)
        await scope.answer(view, 200)
    return view


async def names_of_sessions(scope: Scope, session_ids: Collection[UUID]) -> dict[UUID, str]:
    """A step: the names of their campaigns, where they have one."""
    if not session_ids:
        return {}
    rows = await campaigns.names_of_sessions(scope, sorted(session_ids))
    return {row["id"]: row["name"] for row in rows}


async def archive_campaign(principal: Principal, campaign_id: UUID) -> None:
    """Raises StateConflict `campaign_in_use` while a session of it has not ended."""
    async with tenant_scope(principal) as scope:
        if not await campaigns.archive(scope, campaign_id):
            raise StateConflict("campaign_in_use", "a session of this campaign has not ended")
        await record(scope, "campaign.archived", f"campaign:{campaign_id}")
        await scope.answer(None, 204)


async def read_campaign(principal: Principal, campaign_id: UUID) -> CampaignView:
    async with tenant_scope(principal) as scope:
        return await _one(scope, campaign_id)


async def list_campaigns(
    principal: Principal, search: str | None, cursor: str | None, limit: int
) -> Page[CampaignView]:
    async with tenant_scope(principal) as scope:
        rows = await campaigns.page(scope, search, cursor_id(cursor), check_limit(limit))
        items = await _views(scope, rows)
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def list_sessions(  # noqa: PLR0917 - the filters of one list
    principal: Principal,
    states: list[SessionState],
    campaign_id: UUID | None,
    search: str | None,
    cursor: str | None,
    limit: int,
) -> Page[SessionSummary]:
    """Newest first."""
    async with tenant_scope(principal) as scope:
        rows = await campaigns.sessions_page(
            scope,
            [state.value for state in states],
            campaign_id,
            search,
            cursor_id(cursor),
            check_limit(limit),
        )
    return Page(items=[summary(row) for row in rows], next_cursor=next_cursor(rows, limit, "id"))


async def read_campaign_session(principal: Principal, session_id: UUID) -> SessionView:
    async with tenant_scope(principal) as scope:
        return await session_view(scope, await sessions.read(scope, session_id))


async def list_session_minutes(principal: Principal, session_id: UUID) -> list[MinuteView]:
    """For the chart of a run: its newest MINUTES_SHOWN_MAX minutes."""
    async with tenant_scope(principal) as scope:
        await sessions.read(scope, session_id)
        return await progress.minutes(scope, session_id, MINUTES_SHOWN_MAX)


async def _one(scope: Scope, campaign_id: UUID) -> CampaignView:
    return (await _views(scope, [await campaigns.read(scope, campaign_id)]))[0]


async def _views(scope: Scope, rows: list[Any]) -> list[CampaignView]:
    newest = await campaigns.newest_sessions(scope, [row["id"] for row in rows])
    by_campaign = {row["campaign_id"]: summary(row) for row in newest}
    return [
        CampaignView(
            id=row["id"],
            name=row["name"],
            is_archived=row["archived_at"] is not None,
            created_by=row["created_by"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            newest_session=by_campaign.get(row["id"]),
        )
        for row in rows
    ]
