"""Sessions with a price that are not sent yet, and what was told about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.campaigns.states import SessionState
from backend.db.scope import Scope

PLANNED = [
    state.value
    for state in (
        SessionState.APPROVED,
        SessionState.SCHEDULED,
        SessionState.PREPARING,
        SessionState.AWAITING_CREDITS,
    )
]


async def planned(scope: Scope, limit: int) -> list[Any]:
    """What waits without a time is due since it waits; a paused series sends nothing."""
    return await scope.rows(
        "SELECT s.id AS session_id, s.series_id, c.name AS campaign_name,"
        " coalesce(s.due_at, s.state_changed_at) AS due_at,"
        " coalesce(q.credits, 0)::bigint AS credits"
        " FROM campaign_sessions s"
        " LEFT JOIN campaigns c ON c.tenant_id = s.tenant_id AND c.id = s.campaign_id"
        " LEFT JOIN quotes q ON q.tenant_id = s.tenant_id AND q.id = s.quote_id"
        " LEFT JOIN session_series v ON v.tenant_id = s.tenant_id AND v.id = s.series_id"
        " WHERE s.tenant_id = $1 AND s.state = ANY($2)"
        " AND (s.state <> 'scheduled' OR v.state IS DISTINCT FROM 'paused')"
        " ORDER BY coalesce(s.due_at, s.state_changed_at), s.id LIMIT $3",
        scope.tenant_id,
        PLANNED,
        limit,
    )


async def tenants_with_plans(scope: Scope, after: UUID | None, limit: int) -> list[UUID]:
    """In a platform scope, by key: who plans anything, or was told that it is not covered."""
    rows = await scope.rows(
        "SELECT tenant_id FROM (SELECT tenant_id FROM campaign_sessions WHERE state = ANY($1)"
        " UNION SELECT tenant_id FROM session_series WHERE state = 'active'"
        " UNION SELECT tenant_id FROM forecast_alerts) t"
        " WHERE $2::uuid IS NULL OR tenant_id > $2 ORDER BY tenant_id LIMIT $3",
        PLANNED,
        after,
        limit,
    )
    return [row["tenant_id"] for row in rows]


async def tell(
    scope: Scope,
    session_id: UUID | None,
    series_id: UUID | None,
    due_at: datetime,
    missing_credits: int,
) -> bool:
    """False where exactly this was told before, by whichever clock."""
    changed = await scope.execute(
        "INSERT INTO forecast_alerts AS a"
        " (tenant_id, session_id, series_id, due_at, missing_credits, told_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id) DO UPDATE SET"
        " session_id = $2, series_id = $3, due_at = $4, missing_credits = $5, told_at = $6"
        " WHERE (a.session_id, a.series_id, a.due_at, a.missing_credits)"
        " IS DISTINCT FROM ($2, $3, $4, $5)",
        scope.tenant_id,
        session_id,
        series_id,
        due_at,
        missing_credits,
        scope.now,
    )
    return bool(changed)


async def forget(scope: Scope) -> None:
    await scope.execute("DELETE FROM forecast_alerts WHERE tenant_id = $1", scope.tenant_id)
