"""What a tenant spent, by day and by session, and what is held for which."""

from datetime import datetime

import asyncpg

from backend.db.scope import Scope

_SINCE = "tenant_id = $1 AND created_at >= $2 AND kind IN ('captured', 'returned')"


async def by_day(scope: Scope, since: datetime, zone: str) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT (created_at AT TIME ZONE $3)::date AS day,"
        " coalesce(sum(amount) FILTER (WHERE kind = 'captured'), 0)::bigint AS spent,"
        " coalesce(sum(amount) FILTER (WHERE kind = 'returned'), 0)::bigint AS returned"
        f" FROM ledger_transfers WHERE {_SINCE} GROUP BY 1 ORDER BY 1",
        scope.tenant_id,
        since,
        zone,
    )


async def by_session(scope: Scope, since: datetime, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT session_id, sum(CASE kind WHEN 'captured' THEN amount ELSE -amount END)::bigint"
        f" AS credits, min(created_at) AS since FROM ledger_transfers WHERE {_SINCE}"
        " GROUP BY 1 ORDER BY 2 DESC, 3 LIMIT $3",
        scope.tenant_id,
        since,
        limit,
    )


async def held(scope: Scope, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT session_id, sum(amount - captured - released)::bigint AS credits,"
        " min(created_at) AS since FROM ledger_holds WHERE tenant_id = $1 AND state = 'open'"
        " GROUP BY 1 HAVING sum(amount - captured - released) > 0 ORDER BY 2 DESC, 3 LIMIT $2",
        scope.tenant_id,
        limit,
    )
