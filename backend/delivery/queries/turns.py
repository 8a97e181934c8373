"""Which waiting batches go next, and which wait at a gateway that cannot send them."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.delivery.queries.batches import COLUMNS, THIS


async def due(
    scope: Scope, lanes: Sequence[tuple[UUID, int]], rows_max: int
) -> list[asyncpg.Record]:
    """In a platform scope: due batches of gateways that can send, tenants in turns by weight, so
    that a million waits for ten. A tenant's turns go on from what is being sent of it.

    `lanes`: (gateway, how many batches of one tenant it takes at a time).
    """
    return await scope.rows(
        "WITH RECURSIVE tenant AS ((SELECT tenant_id FROM batches WHERE state = 'queued'"
        "  ORDER BY tenant_id LIMIT 1) UNION ALL SELECT (SELECT b.tenant_id FROM batches b"
        "  WHERE b.state = 'queued' AND b.tenant_id > t.tenant_id ORDER BY b.tenant_id LIMIT 1)"
        "  FROM tenant t WHERE t.tenant_id IS NOT NULL),"
        " gateway AS (SELECT * FROM unnest($2::uuid[], $3::int[]) AS g (gateway_id, lanes)),"
        " leased AS (SELECT tenant_id, gateway_id, count(*) AS batches FROM batches"
        "  WHERE state = 'leased' GROUP BY 1, 2),"
        " open AS (SELECT t.tenant_id, d.*, g.lanes, coalesce(l.batches, 0) AS leased,"
        "  row_number() OVER (PARTITION BY t.tenant_id, g.gateway_id ORDER BY d.not_before,"
        "   d.session_id, d.batch_no) AS place"
        "  FROM tenant t CROSS JOIN gateway g LEFT JOIN leased l USING (tenant_id, gateway_id)"
        "  CROSS JOIN LATERAL (SELECT session_id, batch_no, size, not_before FROM batches b"
        "   WHERE b.tenant_id = t.tenant_id AND b.gateway_id = g.gateway_id AND b.state = 'queued'"
        "   AND b.not_before <= $1 AND (b.not_after IS NULL OR b.not_after > $1)"
        "   ORDER BY b.not_before, b.session_id, b.batch_no LIMIT $4) d),"
        " turns AS MATERIALIZED (SELECT o.*, row_number() OVER (PARTITION BY tenant_id"
        "  ORDER BY not_before, session_id, batch_no) + (SELECT coalesce(sum(l.batches), 0)"
        "  FROM leased l WHERE l.tenant_id = o.tenant_id) AS turn FROM open o"
        "  WHERE place + leased <= lanes)"
        " SELECT tenant_id, session_id, batch_no, size FROM turns"
        " JOIN pub_identity_sending_weights w USING (tenant_id)"
        " ORDER BY turn / w.sending_weight::double precision, not_before, tenant_id LIMIT $4",
        scope.now,
        [gateway_id for gateway_id, _ in lanes],
        [count for _, count in lanes],
        rows_max,
    )


async def stranded(
    scope: Scope, usable: Sequence[UUID], after: tuple[UUID, UUID, int] | None, rows_max: int
) -> list[asyncpg.Record]:
    """In a platform scope: due batches behind `after` whose gateway is none of `usable`."""
    return await scope.rows(
        "SELECT tenant_id, session_id, batch_no FROM batches WHERE state = 'queued'"
        " AND not_before <= $1 AND NOT gateway_id = ANY($2::uuid[])"
        " AND ($3::uuid IS NULL OR (tenant_id, session_id, batch_no) > ($3, $4, $5))"
        " ORDER BY tenant_id, session_id, batch_no LIMIT $6",
        scope.now,
        list(usable),
        *(after or (None, None, None)),
        rows_max,
    )


async def lock_waiting(scope: Scope, session_id: UUID, batch_no: int) -> asyncpg.Record | None:
    """None: somebody leased it, or it is over."""
    return await scope.row(
        f"SELECT {COLUMNS}, not_after FROM batches WHERE {THIS} AND state = 'queued' FOR UPDATE",
        scope.tenant_id,
        session_id,
        batch_no,
    )


async def move_waiting(scope: Scope, session_id: UUID, batch_no: int, gateway_id: UUID) -> None:
    """Of a batch locked before."""
    await scope.execute(
        f"UPDATE batches SET gateway_id = $4 WHERE {THIS}",
        scope.tenant_id,
        session_id,
        batch_no,
        gateway_id,
    )


async def end_waiting(scope: Scope, session_id: UUID, batch_no: int) -> None:
    """Of a batch locked before: its messages go on in others."""
    await scope.execute(
        f"UPDATE batches SET state = 'done', fence = fence + 1 WHERE {THIS}",
        scope.tenant_id,
        session_id,
        batch_no,
    )
