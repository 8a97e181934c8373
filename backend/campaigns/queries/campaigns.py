"""Campaigns, and the lists of sessions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.db.scope import Scope
from backend.kernel.ids import uuid7

_CAMPAIGN = "id, name, created_by, created_at, updated_at, archived_at"

# One pass: a page of sessions, then the sums of just these.
_SUMMARY = (
    "SELECT s.id, s.campaign_id, c.name AS campaign_name, s.origin, s.state, s.state_version,"
    " s.state_changed_at, s.planned, s.excluded, s.ceiling_credits, s.due_at, s.due_local,"
    " s.due_zone, s.series_id, s.submitted_at, s.started_at, s.completed_at, s.created_at,"
    " q.recipients AS quoted_recipients, q.credits AS quoted_credits,"
    " p.planned AS sent_planned, p.final, p.delivered, p.accepted, p.credits_captured"
)
_JOINS = (
    " LEFT JOIN campaigns c ON c.tenant_id = s.tenant_id AND c.id = s.campaign_id"
    " LEFT JOIN quotes q ON q.tenant_id = s.tenant_id AND q.id = s.quote_id"
    " CROSS JOIN LATERAL (SELECT coalesce(sum(planned), 0) AS planned,"
    " coalesce(sum(delivered), 0) AS delivered,"
    " coalesce(sum(accepted + unconfirmed), 0) AS accepted,"
    " coalesce(sum(credits_captured), 0)::bigint AS credits_captured,"
    " coalesce(sum(delivered + undelivered + unreachable + rejected + expired + cancelled"
    " + excluded), 0) AS final FROM session_progress g"
    " WHERE g.tenant_id = s.tenant_id AND g.session_id = s.id) p"
)


async def insert(scope: Scope, name: str) -> UUID:
    campaign_id = uuid7()
    await scope.execute(
        "INSERT INTO campaigns (tenant_id, id, name, created_by, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $5)",
        scope.tenant_id,
        campaign_id,
        name,
        scope.principal.actor,
        scope.now,
    )
    return campaign_id


async def read(scope: Scope, campaign_id: UUID) -> Any:
    """Raises NotFound."""
    return await scope.one(
        f"SELECT {_CAMPAIGN} FROM campaigns WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        campaign_id,
    )


async def rename(scope: Scope, campaign_id: UUID, name: str) -> None:
    """Raises NotFound."""
    await scope.one(
        "UPDATE campaigns SET name = $3, updated_at = $4"
        " WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL RETURNING id",
        scope.tenant_id,
        campaign_id,
        name,
        scope.now,
    )


async def archive(scope: Scope, campaign_id: UUID) -> bool:
    """False while one of its sessions has not ended. Raises NotFound. Twice is once."""
    await read(scope, campaign_id)
    return bool(
        await scope.execute(
            "UPDATE campaigns SET archived_at = coalesce(archived_at, $3)"
            " WHERE tenant_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM campaign_sessions s"
            " WHERE s.tenant_id = $1 AND s.campaign_id = $2"
            " AND s.state NOT IN ('completed', 'refused', 'cancelled', 'failed'))",
            scope.tenant_id,
            campaign_id,
            scope.now,
        )
    )


async def page(scope: Scope, search: str | None, after: UUID | None, limit: int) -> list[Any]:
    """Newest first; archived ones are left out."""
    return await scope.rows(
        f"SELECT {_CAMPAIGN} FROM campaigns WHERE tenant_id = $1 AND archived_at IS NULL"
        " AND ($2::uuid IS NULL OR id < $2)"
        " AND ($3::text IS NULL OR position(lower($3) IN lower(name)) > 0)"
        " ORDER BY id DESC LIMIT $4",
        scope.tenant_id,
        after,
        search,
        limit,
    )


async def newest_sessions(scope: Scope, campaign_ids: list[UUID]) -> list[Any]:
    """The newest session of each campaign, as summaries."""
    return await scope.rows(
        f"{_SUMMARY} FROM unnest($2::uuid[]) AS w (campaign_id)"
        " CROSS JOIN LATERAL (SELECT * FROM campaign_sessions n WHERE n.tenant_id = $1"
        f" AND n.campaign_id = w.campaign_id ORDER BY n.id DESC LIMIT 1) s{_JOINS}",
        scope.tenant_id,
        campaign_ids,
    )


async def sessions_page(  # noqa: PLR0917 - the filters of one list
    scope: Scope,
    states: list[str],
    campaign_id: UUID | None,
    search: str | None,
    after: UUID | None,
    limit: int,
) -> list[Any]:
    """Newest first. No states means all of them."""
    return await scope.rows(
        f"{_SUMMARY} FROM (SELECT s.* FROM campaign_sessions s"
        " LEFT JOIN campaigns f ON f.tenant_id = s.tenant_id AND f.id = s.campaign_id"
        " WHERE s.tenant_id = $1 AND (cardinality($2::text[]) = 0 OR s.state = ANY($2))"
        " AND ($3::uuid IS NULL OR s.campaign_id = $3) AND ($5::uuid IS NULL OR s.id < $5)"
        " AND ($4::text IS NULL OR position(lower($4) IN lower(f.name)) > 0)"
        f" ORDER BY s.id DESC LIMIT $6) s{_JOINS} ORDER BY s.id DESC",
        scope.tenant_id,
        states,
        campaign_id,
        search,
        after,
        limit,
    )


async def names_of_sessions(scope: Scope, session_ids: Sequence[UUID]) -> list[Any]:
    return await scope.rows(
        "SELECT s.id, c.name FROM campaign_sessions s JOIN campaigns c ON c.tenant_id = $1"
        " AND c.id = s.campaign_id WHERE s.tenant_id = $1 AND s.id = ANY($2::uuid[])",
        scope.tenant_id,
        list(session_ids),
    )
