"""Messages that wait to go again, and what is left of a session."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.delivery.queries.preparing import SessionKey

TAKEN_ROWS_MAX = 1_000
"""Of one session, into one batch."""


async def sessions_due(scope: Scope, rows_max: int) -> list[asyncpg.Record]:
    """In a platform scope."""
    return await scope.rows(
        "SELECT tenant_id, session_id, min(due_at) AS due_at FROM waiting_messages"
        " WHERE due_at <= $1 GROUP BY tenant_id, session_id ORDER BY 3 LIMIT $2",
        scope.now,
        rows_max,
    )


async def take_due(scope: Scope, session_id: UUID) -> list[asyncpg.Record]:
    return await scope.rows(
        "DELETE FROM waiting_messages WHERE tenant_id = $1 AND session_id = $2 AND n IN"
        " (SELECT n FROM waiting_messages WHERE tenant_id = $1 AND session_id = $2"
        " AND due_at <= $3 ORDER BY n LIMIT $4) RETURNING n, kind, attempt",
        scope.tenant_id,
        session_id,
        scope.now,
        TAKEN_ROWS_MAX,
    )


async def due_ns(scope: Scope, session_id: UUID) -> list[int]:
    """As many as one taking takes."""
    rows = await scope.rows(
        "SELECT n FROM waiting_messages WHERE tenant_id = $1 AND session_id = $2"
        " AND due_at <= $3 ORDER BY n LIMIT $4",
        scope.tenant_id,
        session_id,
        scope.now,
        TAKEN_ROWS_MAX,
    )
    return [row["n"] for row in rows]


async def put_off(scope: Scope, session_id: UUID, ns: Sequence[int], due_at: datetime) -> None:
    await scope.execute(
        "UPDATE waiting_messages SET due_at = $4"
        " WHERE tenant_id = $1 AND session_id = $2 AND n = ANY($3::int[])",
        scope.tenant_id,
        session_id,
        list(ns),
        due_at,
    )


async def ways(scope: Scope, key: SessionKey, ns: Sequence[int]) -> list[asyncpg.Record]:
    """(n, country, gateway_id): where to, and what tried last; None: nothing ever did."""
    return await scope.rows(
        "SELECT l.* FROM unnest($4::int[]) AS w (n) CROSS JOIN LATERAL (SELECT m.n, m.country,"
        " m.gateway_id FROM messages m WHERE m.tenant_id = $1 AND m.session_day = $2"
        " AND m.session_id = $3 AND m.n = w.n) l",
        scope.tenant_id,
        *key,
        list(ns),
    )


async def count_unsent(scope: Scope, session_id: UUID) -> int:
    """Those the carrier has not; retries that are not due do not count."""
    return int(
        await scope.value(
            "SELECT count(*) FROM waiting_messages WHERE tenant_id = $1 AND session_id = $2"
            " AND (kind = 'resend' OR due_at <= $3)",
            scope.tenant_id,
            session_id,
            scope.now,
        )
    )


async def drop_all(scope: Scope, session_id: UUID) -> None:
    await scope.execute(
        "DELETE FROM waiting_messages WHERE tenant_id = $1 AND session_id = $2",
        scope.tenant_id,
        session_id,
    )


async def counts_by_state(scope: Scope, key: SessionKey) -> list[asyncpg.Record]:
    """One look at every message: what stopping counts, releases and answers."""
    return await scope.rows(
        "SELECT batch_no, state, attempt >= 1 AS was_called, retry_at IS NOT NULL AS is_waiting,"
        " count(*)::int AS messages, sum(credits - charged)::bigint AS uncharged FROM messages"
        " WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3 GROUP BY 1, 2, 3, 4",
        scope.tenant_id,
        *key,
    )


async def cancel_queued(scope: Scope, key: SessionKey) -> int:
    """Never called: cancelled. Called before and proven undelivered: that is how they end."""
    return await scope.execute(
        "UPDATE messages SET retry_at = NULL,"
        " state = CASE WHEN attempt = 0 THEN 'cancelled' ELSE 'undelivered' END,"
        " done_at = CASE WHEN attempt = 0 THEN $4 ELSE done_at END"
        " WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3"
        " AND (state = 'queued' OR (state = 'undelivered' AND retry_at IS NOT NULL))",
        scope.tenant_id,
        *key,
        scope.now,
    )


async def unfinished_rows(scope: Scope, key: SessionKey, rows_max: int) -> list[asyncpg.Record]:
    """At the receipt deadline: what still waits for a receipt or a retry, locked in order."""
    return await scope.rows(
        "SELECT session_id, n, batch_no, state, attempt, segments, credits, charged,"
        " parts_accepted, ranks, cause_rank, cause, error_code, retry_at, submitted_at,"
        " accepted_at, done_at, phone, session_day FROM messages"
        " WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3"
        " AND (state IN ('accepted', 'unconfirmed', 'queued')"
        " OR (state = 'undelivered' AND retry_at IS NOT NULL)) ORDER BY n LIMIT $4 FOR UPDATE",
        scope.tenant_id,
        *key,
        rows_max,
    )


async def charged_undelivered(scope: Scope, key: SessionKey, states: Sequence[str]) -> int:
    return int(
        await scope.value(
            "SELECT coalesce(sum(charged), 0) FROM messages WHERE tenant_id = $1"
            " AND session_day = $2 AND session_id = $3 AND state = ANY($4::text[])",
            scope.tenant_id,
            *key,
            list(states),
        )
    )
