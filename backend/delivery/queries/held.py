"""Batches that wait for somebody's hours, and those whose window closed before they were sent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.delivery.queries.claims import EXCLUDED_K
from backend.delivery.queries.preparing import SessionKey

_OPEN = "('queued', 'leased', 'paused')"


async def waiting(scope: Scope, session_id: UUID) -> list[asyncpg.Record]:
    """(opens_at, messages) of what is still held, soonest first."""
    return await scope.rows(
        "SELECT opens_at, sum(size - claimed_upto)::int AS messages FROM batches"
        f" WHERE tenant_id = $1 AND session_id = $2 AND opens_at > $3 AND state IN {_OPEN}"
        " GROUP BY opens_at ORDER BY opens_at",
        scope.tenant_id,
        session_id,
        scope.now,
    )


async def has_hours(scope: Scope, session_id: UUID) -> bool:
    """Whether anybody's hours had a say when the session was prepared."""
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT 1 FROM batches WHERE tenant_id = $1 AND session_id = $2"
            " AND (opens_at IS NOT NULL OR not_after IS NOT NULL))",
            scope.tenant_id,
            session_id,
        )
    )


async def closed(
    scope: Scope, after: tuple[UUID, UUID, int] | None, rows_max: int
) -> list[asyncpg.Record]:
    """In a platform scope: (tenant, session, number) behind `after`. By key and not by time: those
    that may not be dissolved yet stand in nobody's way.
    """
    return await scope.rows(
        "SELECT tenant_id, session_id, batch_no FROM batches WHERE state = 'queued'"
        " AND not_after <= $1 AND ($2::uuid IS NULL OR (tenant_id, session_id, batch_no)"
        " > ($2, $3, $4)) ORDER BY tenant_id, session_id, batch_no LIMIT $5",
        scope.now,
        *(after or (None, None, None)),
        rows_max,
    )


async def end_closed(scope: Scope, session_id: UUID, batch_no: int) -> asyncpg.Record | None:
    """Its messages go on in other batches; None: somebody was first."""
    return await scope.row(
        "UPDATE batches SET state = 'done', fence = fence + 1 WHERE tenant_id = $1"
        " AND session_id = $2 AND batch_no = $3 AND state = 'queued' AND not_after <= $4"
        " RETURNING batch_no, session_day, generation, gateway_id, sender, first_n, last_n, ns,"
        " size, claimed_upto",
        scope.tenant_id,
        session_id,
        batch_no,
        scope.now,
    )


async def queued_rows(scope: Scope, key: SessionKey, ns: Sequence[int]) -> list[asyncpg.Record]:
    """Locked, in their order."""
    return await scope.rows(
        "SELECT l.* FROM unnest($4::int[]) AS w (n) CROSS JOIN LATERAL (SELECT m.n, m.batch_no,"
        " m.subscriber_id, m.phone, m.country, m.segments, m.credits, m.charged, m.generation"
        " FROM messages m"
        " WHERE m.tenant_id = $1 AND m.session_day = $2 AND m.session_id = $3 AND m.n = w.n"
        " AND m.state = 'queued' FOR UPDATE) l ORDER BY l.n",
        scope.tenant_id,
        *key,
        list(ns),
    )


async def insert_held(
    scope: Scope,
    session_id: UUID,
    *,
    like: asyncpg.Record,
    rows: Sequence[asyncpg.Record],
    opens_at: datetime | None,
    not_after: datetime | None,
) -> None:
    """A batch of messages that were timed anew."""
    ns = [row["n"] for row in rows]
    await scope.execute(
        "INSERT INTO batches (tenant_id, session_id, batch_no, session_day, generation, gateway_id,"
        " sender, state, first_n, last_n, ns, size, segments, credits, not_before, opens_at,"
        " not_after) SELECT $1, $2, max(batch_no) + 1, $3, $4, $5, $6, 'queued', $7, $8, $9,"
        " cardinality($9::int[]), $10, 0, $11, $12, $13 FROM batches"
        " WHERE tenant_id = $1 AND session_id = $2",
        scope.tenant_id,
        session_id,
        like["session_day"],
        like["generation"],
        like["gateway_id"],
        like["sender"],
        ns[0],
        ns[-1],
        ns,
        sum(row["segments"] for row in rows),
        opens_at or scope.now,
        opens_at,
        not_after,
    )


async def exclude_expired(
    scope: Scope, key: SessionKey, rows: Sequence[asyncpg.Record], evidence: Sequence[str]
) -> None:
    """What was charged once and waited for a retry ends as undelivered instead."""
    await scope.execute(
        "WITH told AS (SELECT * FROM unnest($4::int[], $5::text[]) AS t (n, evidence)),"
        " ended AS (UPDATE messages m SET done_at = $6, retry_at = NULL,"
        "  state = CASE WHEN m.charged > 0 THEN 'undelivered' ELSE 'excluded' END"
        "  FROM told t WHERE m.tenant_id = $1 AND m.session_day = $2 AND m.session_id = $3"
        "  AND m.n = t.n AND m.state = 'queued'"
        "  RETURNING m.n, m.generation, m.subscriber_id, m.phone, m.charged, t.evidence)"
        " INSERT INTO exclusions (tenant_id, session_day, session_id, generation, at, k,"
        f"  subscriber_id, phone, reason, evidence) SELECT $1, $2, $3, generation, $6,"
        f"  n + {EXCLUDED_K}, subscriber_id, phone, 'quiet_hours_expired', evidence FROM ended"
        "  WHERE charged = 0",
        scope.tenant_id,
        *key,
        [row["n"] for row in rows],
        list(evidence),
        scope.now,
    )


async def subscribers_of(scope: Scope, key: SessionKey, ns: Sequence[int]) -> list[asyncpg.Record]:
    """(n, subscriber_id) of messages of one session."""
    return await scope.rows(
        "SELECT l.* FROM unnest($4::int[]) AS w (n) CROSS JOIN LATERAL (SELECT m.n,"
        " m.subscriber_id FROM messages m WHERE m.tenant_id = $1 AND m.session_day = $2"
        " AND m.session_id = $3 AND m.n = w.n) l",
        scope.tenant_id,
        *key,
        list(ns),
    )
