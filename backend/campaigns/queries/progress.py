"""Progress rows: added to by absolute deltas, read as a sum."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from backend.campaigns.schemas.sessions import Progress, ProgressDelta
from backend.campaigns.schemas.views import MinuteView
from backend.db.scope import Scope

COUNTERS = tuple(name for name in ProgressDelta.__struct_fields__ if name != "batch_no")
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in COUNTERS)
_ADDS = ", ".join(f"{name} = p.{name} + d.{name}" for name in COUNTERS)
_ARRAYS = ", ".join(f"${n}::int[]" for n in range(5, 5 + len(COUNTERS)))

MINUTE_SHARES = 16


async def open_batches(scope: Scope, session_id: UUID, planned: Mapping[int, int]) -> None:
    """A row per new batch: batch number → planned messages."""
    await scope.execute(
        "INSERT INTO session_progress (tenant_id, session_id, batch_no, planned)"
        " SELECT $1, $2, unnest($3::int[]), unnest($4::int[])",
        scope.tenant_id,
        session_id,
        list(planned.keys()),
        list(planned.values()),
    )


async def add(
    scope: Scope,
    session_id: UUID,
    deltas: Iterable[ProgressDelta],
    submitted_at: datetime | None,
    receipt_at: datetime | None,
) -> None:
    """The batches touched and the minute of the session. Every window of a session meets at its
    minute and would wait there for the other's commit: each connection has a share of its own.
    """
    rows = sorted(deltas, key=lambda delta: delta.batch_no)
    at = 5 + len(COUNTERS)
    await scope.execute(
        f"WITH d AS MATERIALIZED (SELECT * FROM unnest(${at}::int[], {_ARRAYS})"
        f"  AS t (batch_no, {', '.join(COUNTERS)})),"
        f" added AS (UPDATE session_progress p SET {_ADDS},"
        "  first_submitted_at = coalesce(p.first_submitted_at, $3),"
        "  last_submitted_at = greatest(p.last_submitted_at, $3),"
        "  last_receipt_at = greatest(p.last_receipt_at, $4)"
        "  FROM d WHERE p.tenant_id = $1 AND p.session_id = $2 AND p.batch_no = d.batch_no"
        "  RETURNING 1)"
        " INSERT INTO session_minutes AS m"
        " (tenant_id, session_id, minute, share, submitted, accepted, delivered, failed)"
        f" SELECT $1, $2, date_trunc('minute', ${at + 1}::timestamptz),"
        f" pg_backend_pid() % {MINUTE_SHARES},"
        " coalesce(sum(d.ever_submitted), 0), coalesce(sum(d.ever_accepted), 0),"
        " coalesce(sum(d.delivered), 0),"
        " coalesce(sum(d.undelivered + d.rejected + d.unreachable + d.expired), 0) FROM d"
        " WHERE (SELECT count(*) FROM added) >= 0"  # the batches first: one order of locks
        " ON CONFLICT (tenant_id, session_id, minute, share) DO UPDATE SET"
        " submitted = m.submitted + excluded.submitted, accepted = m.accepted + excluded.accepted,"
        " delivered = m.delivered + excluded.delivered, failed = m.failed + excluded.failed",
        scope.tenant_id,
        session_id,
        submitted_at,
        receipt_at,
        *([getattr(row, name) for row in rows] for name in COUNTERS),
        [row.batch_no for row in rows],
        scope.now,
    )


async def add_causes(scope: Scope, session_id: UUID, causes: Mapping[str, int]) -> None:
    names = sorted(causes)
    await scope.execute(
        "INSERT INTO session_causes AS c (tenant_id, session_id, cause, messages)"
        " SELECT $1, $2, unnest($3::text[]), unnest($4::int[])"
        " ON CONFLICT (tenant_id, session_id, cause)"
        " DO UPDATE SET messages = c.messages + excluded.messages",
        scope.tenant_id,
        session_id,
        names,
        [causes[name] for name in names],
    )


async def total(scope: Scope, session_id: UUID) -> Progress:
    row = await scope.one(
        f"SELECT {_SUMS}, min(first_submitted_at) AS first_submitted_at,"
        " max(last_submitted_at) AS last_submitted_at, max(last_receipt_at) AS last_receipt_at"
        " FROM session_progress WHERE tenant_id = $1 AND session_id = $2",
        scope.tenant_id,
        session_id,
    )
    return msgspec.convert(dict(row), Progress)


async def drop(scope: Scope, session_id: UUID) -> None:
    """Rows of a preparation without a hold go with its messages."""
    await scope.execute(
        "DELETE FROM session_progress WHERE tenant_id = $1 AND session_id = $2",
        scope.tenant_id,
        session_id,
    )


async def minutes(scope: Scope, session_id: UUID, limit: int) -> list[MinuteView]:
    """The newest ones, oldest first; minutes without a message have no row."""
    rows = await scope.rows(
        "SELECT * FROM (SELECT minute, sum(submitted) AS submitted, sum(accepted) AS accepted,"
        " sum(delivered) AS delivered, sum(failed) AS failed"
        " FROM session_minutes WHERE tenant_id = $1 AND session_id = $2"
        " GROUP BY minute ORDER BY minute DESC LIMIT $3) m ORDER BY minute",
        scope.tenant_id,
        session_id,
        limit,
    )
    return [msgspec.convert(dict(row), MinuteView) for row in rows]
