"""Closing a day: sums of what moved, what was owed, and the row itself. In a platform scope."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import asyncpg

from backend.db.scope import Scope
from backend.finance.states import DAY_FINAL_AFTER

_COLUMNS = (
    "day, closed_at, closed_by, tenants, transfers, ledger_agrees, violations_total, violations,"
    " reconciliation"
)


def bounds(day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), UTC)
    return start, start + timedelta(days=1)


def is_over(scope: Scope, day: date) -> bool:
    """And what began in it has ended. The date first: after the last there is no next."""
    return day < scope.now.date() and scope.now >= bounds(day)[1] + DAY_FINAL_AFTER


async def first_day(scope: Scope) -> date | None:
    """Of the first transfer there ever was."""
    at: datetime | None = await scope.value(
        "SELECT min(f.at) FROM pub_identity_tenants n CROSS JOIN LATERAL (SELECT created_at AS at"
        " FROM pub_ledger_transfers t WHERE t.tenant_id = n.tenant_id"
        " ORDER BY created_at LIMIT 1) f"
    )
    return at.astimezone(UTC).date() if at else None


async def last_closed(scope: Scope) -> date | None:
    day: date | None = await scope.value("SELECT max(day) FROM closed_days")
    return day


async def is_closed(scope: Scope, day: date) -> bool:
    return bool(await scope.value("SELECT true FROM closed_days WHERE day = $1", day))


_MOVED = (
    " SELECT n.tenant_id, t.kind, t.from_account, t.to_account, count(*) AS transfers,"
    " sum(t.amount)::bigint AS credits"
    " FROM pub_identity_tenants n JOIN pub_ledger_transfers t ON t.tenant_id = n.tenant_id"
    " WHERE t.created_at >= $1 AND t.created_at < $2"
    " GROUP BY n.tenant_id, t.kind, t.from_account, t.to_account"
)


async def freeze_movements(scope: Scope, day: date) -> int:
    """Rows written: one per tenant, kind and way of that day."""
    return await scope.execute(
        "INSERT INTO day_movements (day, of_tenant, kind, from_account, to_account, transfers,"
        f" credits) SELECT $3, m.* FROM ({_MOVED}) m",
        *bounds(day),
        day,
    )


async def moved_since(scope: Scope, day: date, limit: int) -> list[asyncpg.Record]:
    """Where a closed day reads otherwise now: a transfer came late, or a row is gone."""
    return await scope.rows(
        "SELECT coalesce(m.tenant_id, d.of_tenant) AS tenant_id, coalesce(m.kind, d.kind) AS kind,"
        " coalesce(d.credits, 0)::bigint AS expected, coalesce(m.credits, 0)::bigint AS found"
        f" FROM ({_MOVED}) m FULL JOIN (SELECT * FROM day_movements WHERE day = $3) d"
        " ON d.of_tenant = m.tenant_id AND d.kind = m.kind AND d.from_account = m.from_account"
        " AND d.to_account = m.to_account"
        " WHERE m.credits IS DISTINCT FROM d.credits OR m.transfers IS DISTINCT FROM d.transfers"
        " LIMIT $4",
        *bounds(day),
        day,
        limit,
    )


async def freeze_liabilities(scope: Scope, day: date) -> None:
    await scope.execute(
        "INSERT INTO day_liabilities (day, age, credits, tenants)"
        " SELECT $1, a.age, coalesce(sum(l.open), 0)::bigint,"
        " count(DISTINCT l.tenant_id) FROM (VALUES ('30', 0, 30), ('90', 30, 90),"
        " ('180', 90, 180), ('365', 180, 365), ('older', 365, 1000000)) a (age, low, high)"
        " LEFT JOIN (SELECT tenant_id, available + reserved + frozen AS open,"
        "  extract(day FROM $2 - created_at) AS days FROM pub_ledger_lots"
        "  WHERE kind = 'paid' AND available + reserved + frozen > 0) l"
        " ON l.days >= a.low AND l.days < a.high GROUP BY a.age",
        day,
        scope.now,
    )


async def insert_day(
    scope: Scope,
    day: date,
    *,
    tenants: int,
    violations: Sequence[dict[str, Any]],
    violations_total: int,
    reconciliation: str,
) -> bool:
    """False where another clock or clerk has closed it meanwhile."""
    return bool(
        await scope.execute(
            "INSERT INTO closed_days (day, closed_at, closed_by, tenants, transfers,"
            " ledger_agrees, violations_total, violations, reconciliation) SELECT $1, $2, $3, $4,"
            " (SELECT coalesce(sum(transfers), 0) FROM day_movements WHERE day = $1), $5 = 0, $5,"
            " $6, $7 ON CONFLICT (day) DO NOTHING",
            day,
            scope.now,
            scope.principal.actor,
            tenants,
            violations_total,
            list(violations),
            reconciliation,
        )
    )


async def closed_page(scope: Scope, before: date | None, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT {_COLUMNS}, (SELECT count(*) FROM reconciliation_items i"
        " JOIN reconciliations r USING (day) WHERE i.day = c.day AND i.resolved_at IS NULL"
        " AND i.last_run = r.run) AS unresolved, EXISTS (SELECT 1 FROM reconciliations r"
        " WHERE r.day = c.day) AS is_reconciled"
        " FROM closed_days c WHERE ($1::date IS NULL OR day < $1)"
        " ORDER BY day DESC LIMIT $2",
        before,
        limit,
    )


async def movements_of(scope: Scope, days: Sequence[date]) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT day, kind, from_account, to_account, sum(transfers)::bigint AS transfers,"
        " sum(credits)::bigint AS credits FROM day_movements WHERE day = ANY($1::date[])"
        " GROUP BY day, kind, from_account, to_account ORDER BY 1, 2, 3, 4",
        list(days),
    )


async def liabilities_of(scope: Scope, days: Sequence[date]) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT day, age, credits, tenants FROM day_liabilities WHERE day = ANY($1::date[])"
        " ORDER BY day, array_position(ARRAY['30', '90', '180', '365', 'older'], age)",
        list(days),
    )
