"""What was used of a lot in a time."""

from collections.abc import Mapping
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


async def used_of_top_ups(
    scope: Scope, since: Mapping[str, datetime], end: datetime
) -> dict[str, int]:
    """By reference, of the lots these top-ups opened, each from its own moment on: captured less
    returned, and what the lot paid off: the credit line as the top-up came in (`topped_up` names
    the line beside the lot) and what was owed (a second transfer, and `settled`).
    """
    rows = await scope.rows(
        "WITH asked AS MATERIALIZED (SELECT a.reference, a.since,"
        " (ledger_lot_of($1, a.reference)).id AS lot_id"
        " FROM unnest($2::text[], $3::timestamptz[]) a (reference, since)),"
        " moved AS (SELECT p.key::uuid AS lot_id, t.created_at,"
        " CASE t.kind WHEN 'returned' THEN -1 ELSE 1 END * p.value::bigint AS credits"
        " FROM ledger_transfers t CROSS JOIN LATERAL jsonb_each_text(t.lots) p"
        " WHERE t.tenant_id = $1 AND t.kind IN ('captured', 'returned', 'settled')"
        " AND t.created_at >= (SELECT min(since) FROM asked) AND t.created_at < $4),"
        " opened AS (SELECT a.reference, t.created_at, a.since, CASE t.to_account"
        " WHEN 'receivable' THEN t.amount ELSE t.amount - (t.lots->>a.lot_id::text)::bigint"
        " END AS credits FROM asked a JOIN ledger_transfers t ON t.tenant_id = $1"
        " AND t.reference IN (a.reference, a.reference || ':owed') AND t.kind = 'topped_up')"
        " SELECT reference, sum(credits)::bigint AS credits FROM ("
        " SELECT a.reference, m.credits FROM asked a JOIN moved m ON m.lot_id = a.lot_id"
        " AND m.created_at >= a.since UNION ALL SELECT reference, credits FROM opened"
        " WHERE created_at >= since AND created_at < $4) used GROUP BY reference",
        scope.tenant_id,
        list(since),
        list(since.values()),
        end,
    )
    return {row["reference"]: row["credits"] for row in rows}
