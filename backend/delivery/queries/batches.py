"""Leases of batches: taken by compare-and-set, fenced, given back, found expired."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope

COLUMNS = (
    "tenant_id, session_id, batch_no, session_day, generation, gateway_id, sender, state, first_n,"
    " last_n, ns, size, segments, claimed_upto, window_ns, window_token, fence"
)
THIS = "tenant_id = $1 AND session_id = $2 AND batch_no = $3"


async def lease(
    scope: Scope, session_id: UUID, batch_no: int, until: datetime
) -> asyncpg.Record | None:
    return await scope.row(
        f"UPDATE batches SET state = 'leased', lease_until = $4, fence = fence + 1 WHERE {THIS}"
        " AND state = 'queued' AND not_before <= $5 AND (not_after IS NULL OR not_after > $5)"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        session_id,
        batch_no,
        until,
        scope.now,
    )


async def move_mark(
    scope: Scope,
    session_id: UUID,
    batch_no: int,
    *,
    fence: int,
    claimed_upto: int,
    window_token: UUID,
    window_ns: Sequence[int],
    until: datetime,
) -> bool:
    """The claim's own write to the batch; False: the lease is somebody else's by now."""
    return bool(
        await scope.execute(
            f"UPDATE batches SET claimed_upto = $5, window_token = $6, window_ns = $7,"
            f" lease_until = $8 WHERE {THIS} AND state = 'leased' AND fence = $4",
            scope.tenant_id,
            session_id,
            batch_no,
            fence,
            claimed_upto,
            window_token,
            list(window_ns),
            until,
        )
    )


async def end_window(
    scope: Scope, session_id: UUID, batch_no: int, fence: int, until: datetime
) -> bool:
    """Its outcomes are being recorded; False: the lease was lost, and others judged it."""
    return bool(
        await scope.execute(
            "UPDATE batches SET window_token = NULL, window_ns = NULL, lease_until = $5"
            f" WHERE {THIS} AND state = 'leased' AND fence = $4",
            scope.tenant_id,
            session_id,
            batch_no,
            fence,
            until,
        )
    )


async def extend(
    scope: Scope, session_id: UUID, batch_no: int, fence: int, until: datetime
) -> bool:
    return bool(
        await scope.execute(
            f"UPDATE batches SET lease_until = $5 WHERE {THIS} AND state = 'leased' AND fence = $4",
            scope.tenant_id,
            session_id,
            batch_no,
            fence,
            until,
        )
    )


async def give_back(  # noqa: PLR0917 - one row
    scope: Scope, session_id: UUID, batch_no: int, fence: int, state: str, not_before: datetime
) -> bool:
    """Done when its mark stands at the end, else `state` (queued or paused)."""
    return bool(
        await scope.execute(
            "UPDATE batches SET lease_until = NULL, not_before = greatest(not_before, $6),"
            " window_token = NULL, window_ns = NULL,"
            " state = CASE WHEN claimed_upto = size THEN 'done' ELSE $5 END"
            f" WHERE {THIS} AND state = 'leased' AND fence = $4",
            scope.tenant_id,
            session_id,
            batch_no,
            fence,
            state,
            not_before,
        )
    )


async def expired(scope: Scope, rows_max: int) -> list[asyncpg.Record]:
    """In a platform scope."""
    return await scope.rows(
        "SELECT tenant_id, session_id, batch_no, fence FROM batches"
        " WHERE state = 'leased' AND lease_until < $1 LIMIT $2",
        scope.now,
        rows_max,
    )


async def take_over(
    scope: Scope, session_id: UUID, batch_no: int, fence: int, state: str
) -> asyncpg.Record | None:
    """From a holder that died: fenced off; its last window stays named for the journal."""
    return await scope.row(
        "UPDATE batches SET fence = fence + 1, lease_until = NULL,"
        " state = CASE WHEN claimed_upto = size AND $5 = 'queued' THEN 'done' ELSE $5 END"
        f" WHERE {THIS} AND state = 'leased' AND fence = $4 RETURNING {COLUMNS}",
        scope.tenant_id,
        session_id,
        batch_no,
        fence,
        state,
    )


async def of_window(scope: Scope, window_token: UUID) -> asyncpg.Record | None:
    """In a platform scope: the batch whose last window this is."""
    return await scope.row(f"SELECT {COLUMNS} FROM batches WHERE window_token = $1", window_token)


async def read(scope: Scope, session_id: UUID, batch_no: int) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {COLUMNS} FROM batches WHERE {THIS}", scope.tenant_id, session_id, batch_no
    )


async def move_all(scope: Scope, session_id: UUID, from_states: Sequence[str], state: str) -> int:
    """Pausing, resuming, stopping: leased ones find out at their next claim."""
    return await scope.execute(
        "UPDATE batches SET state = $4 WHERE tenant_id = $1 AND session_id = $2"
        " AND state = ANY($3::text[])",
        scope.tenant_id,
        session_id,
        list(from_states),
        state,
    )


async def count_open(scope: Scope, session_id: UUID) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM batches WHERE tenant_id = $1 AND session_id = $2"
            " AND state IN ('queued', 'leased', 'paused')",
            scope.tenant_id,
            session_id,
        )
    )


async def insert_returning(
    scope: Scope,
    session_id: UUID,
    *,
    like: asyncpg.Record,
    gateway_id: UUID,
    ns: Sequence[int],
    segments: int,
    not_after: datetime | None = None,
) -> int:
    """A new batch of messages that came back; returns its number."""
    return int(
        await scope.value(
            "INSERT INTO batches (tenant_id, session_id, batch_no, session_day, generation,"
            " gateway_id, sender, state, first_n, last_n, ns, size, segments, credits, not_before,"
            " not_after) SELECT $1, $2, max(batch_no) + 1, $3, $4, $5, $6, 'queued', $7, $8, $9,"
            " cardinality($9::int[]), $10, 0, $11, $12 FROM batches"
            " WHERE tenant_id = $1 AND session_id = $2 RETURNING batch_no",
            scope.tenant_id,
            session_id,
            like["session_day"],
            like["generation"],
            gateway_id,
            like["sender"],
            min(ns),
            max(ns),
            list(ns),
            segments,
            scope.now,
            not_after,
        )
    )


async def first_of(scope: Scope, session_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {COLUMNS} FROM batches WHERE tenant_id = $1 AND session_id = $2"
        " ORDER BY batch_no LIMIT 1",
        scope.tenant_id,
        session_id,
    )


async def clear_window(scope: Scope, session_id: UUID, batch_no: int, window_token: UUID) -> bool:
    """Its journal is being used up; False: it was, or the batch has gone on."""
    return bool(
        await scope.execute(
            f"UPDATE batches SET window_token = NULL, window_ns = NULL WHERE {THIS}"
            " AND window_token = $4 AND state <> 'leased'",
            scope.tenant_id,
            session_id,
            batch_no,
            window_token,
        )
    )
