"""Kill switches: rows that always stand, locked by every claim."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.db.scope import Scope

_COLUMNS = "tenant_id, is_on, reason, changed_by, changed_at"


async def set_switch(scope: Scope, tenant_id: UUID | None, *, is_on: bool, reason: str) -> Any:
    """In a platform scope; null is the platform's. Raises NotFound."""
    return await scope.one(
        "UPDATE kill_switches SET is_on = $2, reason = $3, changed_by = $4, changed_at = $5"
        f" WHERE tenant_id IS NOT DISTINCT FROM $1 RETURNING {_COLUMNS}",
        tenant_id,
        is_on,
        reason,
        scope.principal.actor,
        scope.now,
    )


async def standing(scope: Scope, rows_max: int) -> list[Any]:
    """In a platform scope: the platform's, then every tenant's that is on."""
    return await scope.rows(
        f"SELECT {_COLUMNS} FROM kill_switches WHERE tenant_id IS NULL OR is_on"
        " ORDER BY tenant_id NULLS FIRST LIMIT $1",
        rows_max,
    )


async def is_any_on(scope: Scope) -> bool:
    """In a tenant's scope: the platform's or its own."""
    return bool(await scope.value("SELECT bool_or(is_on) FROM kill_switches"))


async def misplaced(scope: Scope, rows_max: int) -> list[Any]:
    """In a platform scope: sessions that send while somebody above forbids it, and those held for
    that reason alone while nobody does.
    """
    return await scope.rows(
        "SELECT s.tenant_id, s.id, s.state, t.status = 'suspended' AS is_suspended"
        " FROM campaign_sessions s JOIN tenants t ON t.id = s.tenant_id"
        " JOIN kill_switches k ON k.tenant_id = s.tenant_id"
        " CROSS JOIN (SELECT is_on FROM kill_switches WHERE tenant_id IS NULL) p"
        " WHERE (s.state = 'sending' AND (t.status = 'suspended' OR k.is_on OR p.is_on))"
        " OR (s.state = 'paused' AND s.pause_owner IN ('suspension', 'platform')"
        "  AND t.status <> 'suspended' AND NOT k.is_on AND NOT p.is_on)"
        " ORDER BY s.state_changed_at LIMIT $1",
        rows_max,
    )


async def running(scope: Scope, states: Sequence[str], rows_max: int) -> list[Any]:
    """In a platform scope: sessions in these states over all tenants, the newest change first."""
    return await scope.rows(
        "SELECT s.tenant_id, t.name AS tenant_name, t.status AS tenant_status, s.id,"
        " c.name AS campaign_name, s.origin, s.state, s.state_changed_at, s.pause_owner,"
        " s.deadline_at, coalesce(p.planned, s.planned, 0) AS planned, p.final, p.delivered"
        " FROM (SELECT * FROM campaign_sessions WHERE state = ANY($1::text[])"
        "  ORDER BY state_changed_at DESC LIMIT $2) s JOIN tenants t ON t.id = s.tenant_id"
        " LEFT JOIN campaigns c ON c.tenant_id = s.tenant_id AND c.id = s.campaign_id"
        " CROSS JOIN LATERAL (SELECT sum(planned)::bigint AS planned,"
        "  coalesce(sum(delivered), 0)::bigint AS delivered,"
        "  coalesce(sum(delivered + undelivered + unreachable + rejected + expired + cancelled"
        "  + excluded), 0)::bigint AS final FROM session_progress g"
        "  WHERE g.tenant_id = s.tenant_id AND g.session_id = s.id) p"
        " ORDER BY s.state_changed_at DESC",
        list(states),
        rows_max,
    )


async def open_sessions(scope: Scope, rows_max: int) -> list[UUID]:
    """In a tenant's scope: what has not ended, drafts left alone."""
    rows = await scope.rows(
        "SELECT id FROM campaign_sessions WHERE tenant_id = $1 AND state NOT IN"
        " ('draft', 'completed', 'refused', 'cancelled', 'failed')"
        " AND NOT (state = 'settling' AND is_stopped) ORDER BY id LIMIT $2",
        scope.tenant_id,
        rows_max,
    )
    return [row["id"] for row in rows]
