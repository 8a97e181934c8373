"""What was used of a lot in a time."""

from datetime import datetime

from backend.db.scope import Scope


async def used_of_line(scope: Scope, start: datetime, end: datetime) -> int:
    """Captured less returned, of the tenant's credit line alone: each transfer tells its lots."""
    credits_used: int = await scope.value(
        "SELECT coalesce(sum(CASE t.kind WHEN 'captured' THEN 1 ELSE -1 END"
        " * (t.lots->>l.id::text)::bigint), 0)::bigint"
        " FROM ledger_lots l JOIN ledger_transfers t ON t.tenant_id = l.tenant_id"
        " AND t.kind IN ('captured', 'returned') AND t.created_at >= $2 AND t.created_at < $3"
        " AND t.lots ? l.id::text WHERE l.tenant_id = $1 AND l.kind = 'line'",
        scope.tenant_id,
        start,
        end,
    )
    return credits_used
