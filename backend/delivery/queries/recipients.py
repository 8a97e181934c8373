"""Pages of one session's recipients and exclusions, by key."""

from collections.abc import Sequence

import asyncpg

from backend.db.scope import Scope
from backend.delivery.queries.preparing import SessionKey


async def messages_page(  # noqa: PLR0917 - the filters of one list
    scope: Scope, key: SessionKey, states: Sequence[str], cause: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT n, subscriber_id, phone, country, state, cause, error_code, segments,"
        " charged AS credits_charged, attempt AS attempts, submitted_at, accepted_at, done_at,"
        " retry_at FROM messages WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3"
        " AND n > $4 AND (cardinality($5::text[]) = 0 OR state = ANY($5::text[]))"
        " AND ($6::text IS NULL OR cause = $6) ORDER BY n LIMIT $7",
        scope.tenant_id,
        *key,
        after,
        list(states),
        cause,
        limit,
    )


async def exclusions_page(
    scope: Scope, key: SessionKey, reason: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT k, subscriber_id, phone, reason, evidence, at FROM exclusions"
        " WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3 AND k > $4"
        " AND ($5::text IS NULL OR reason = $5) ORDER BY k LIMIT $6",
        scope.tenant_id,
        *key,
        after,
        reason,
        limit,
    )


async def failed_page(
    scope: Scope, key: SessionKey, after: int, limit: int
) -> list[asyncpg.Record]:
    """(n, subscriber_id) whose message certainly was not delivered: the settlement gives those it
    does not know a cause of their own.
    """
    return await scope.rows(
        "SELECT n, subscriber_id FROM messages WHERE tenant_id = $1 AND session_day = $2"
        " AND session_id = $3 AND n > $4 AND subscriber_id IS NOT NULL"
        " AND state IN ('undelivered', 'unreachable', 'rejected', 'expired')"
        " AND coalesce(cause, '') NOT IN ('no_receipt', 'unconfirmed') ORDER BY n LIMIT $5",
        scope.tenant_id,
        *key,
        after,
        limit,
    )
