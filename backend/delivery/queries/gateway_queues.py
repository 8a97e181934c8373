"""What waits at each gateway, over all tenants."""

import asyncpg

from backend.db.scope import Scope


async def waiting_by_gateway(scope: Scope) -> list[asyncpg.Record]:
    """In a platform scope. Messages not claimed yet; those of batches due later are apart."""
    return await scope.rows(
        "SELECT gateway_id, count(*)::int AS batches,"
        " coalesce(sum(size - claimed_upto) FILTER (WHERE not_before <= $1), 0)::bigint"
        " AS messages,"
        " coalesce(sum(size - claimed_upto) FILTER (WHERE not_before > $1), 0)::bigint"
        " AS messages_later,"
        " min(not_before) FILTER (WHERE not_before <= $1) AS oldest_due_at"
        " FROM batches WHERE state IN ('queued', 'leased') GROUP BY gateway_id",
        scope.now,
    )
