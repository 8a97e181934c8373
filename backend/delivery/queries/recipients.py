"""Pages of one session's recipients and exclusions, by key."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.delivery.queries.preparing import PENDING_DAYS, SessionKey


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


async def sessions_of_phones(
    scope: Scope, session_id: UUID, wanted: Sequence[tuple[int, str, datetime, datetime]]
) -> list[asyncpg.Record]:
    """(k, phone, since, until) each → (k, session_id): the other sessions that wrote or were about
    to write to that number, newest first.
    """
    return await scope.rows(
        "SELECT w.k, m.session_id FROM unnest($2::int[], $3::text[], $4::timestamptz[],"
        " $5::timestamptz[]) AS w (k, phone, since, until) CROSS JOIN LATERAL"
        " (SELECT DISTINCT m.session_id, m.session_day FROM messages m WHERE m.tenant_id = $1"
        "  AND m.phone = w.phone AND m.session_day >= (w.since AT TIME ZONE 'UTC')::date - $7::int"
        "  AND m.session_id <> $6 AND m.state NOT IN ('excluded', 'cancelled', 'rejected')"
        "  AND (m.accepted_at IS NULL OR m.accepted_at BETWEEN date_trunc('day', w.since)"
        "  AND w.until)) m ORDER BY w.k, m.session_day DESC, m.session_id DESC",
        scope.tenant_id,
        *(list(column) for column in zip(*wanted, strict=True)),
        session_id,
        PENDING_DAYS,
    )
