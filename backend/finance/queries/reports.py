"""Figures per day and tenant. In a platform scope. Every statement names its columns in order."""

from datetime import UTC, date, datetime, time, timedelta

import asyncpg

from backend.db.scope import Scope

_DAY = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"

# Money that came: by purchases in minor units, by clerks in credits alone.
SALES = f"""
SELECT {_DAY.format("p.paid_at")} AS day, n.tenant_id::text AS tenant_id, n.name AS tenant_name,
    p.source, p.currency, count(*) AS sales, sum(p.credits)::bigint AS credits,
    sum(p.net_minor)::bigint AS net_minor, sum(p.tax_minor)::bigint AS tax_minor,
    sum(p.gross_minor)::bigint AS gross_minor
FROM pub_billing_purchases p JOIN pub_identity_tenants n USING (tenant_id)
WHERE p.paid_at >= $1 AND p.paid_at < $2 GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT {_DAY.format("coalesce(t.approved_at, t.created_at)")}, n.tenant_id::text, n.name, t.method,
    NULL, count(*), sum(t.amount_credits)::bigint, NULL, NULL, NULL
FROM pub_billing_top_ups t JOIN pub_identity_tenants n USING (tenant_id)
WHERE t.state = 'credited' AND coalesce(t.approved_at, t.created_at) >= $1
    AND coalesce(t.approved_at, t.created_at) < $2 GROUP BY 1, 2, 3, 4
ORDER BY 1, 3, 4 LIMIT $3
"""

# Closed days from their frozen sums, the others as they are now.
_MOVED = f"""
SELECT to_char(d.day, 'YYYY-MM-DD') AS day, d.of_tenant AS tenant_id, d.kind, d.from_account,
    d.credits
FROM day_movements d WHERE d.day >= ($1::timestamptz AT TIME ZONE 'UTC')::date
    AND d.day < ($2::timestamptz AT TIME ZONE 'UTC')::date
UNION ALL
SELECT {_DAY.format("t.created_at")}, t.tenant_id, t.kind, t.from_account, t.amount
FROM pub_identity_tenants n JOIN pub_ledger_transfers t ON t.tenant_id = n.tenant_id
WHERE t.created_at >= $1 AND t.created_at < $2 AND t.created_at >= coalesce(
    (SELECT (max(day) + 1)::timestamp AT TIME ZONE 'UTC' FROM closed_days), '-infinity')
"""

CONSUMPTION = f"""
SELECT m.day, n.tenant_id::text AS tenant_id, n.name AS tenant_name,
    coalesce(sum(m.credits) FILTER (WHERE m.kind = 'captured'), 0)::bigint AS captured,
    coalesce(sum(m.credits) FILTER (WHERE m.kind = 'returned'), 0)::bigint AS returned,
    coalesce(sum(CASE m.kind WHEN 'captured' THEN m.credits WHEN 'returned' THEN -m.credits END),
        0)::bigint AS consumed
FROM ({_MOVED}) m JOIN pub_identity_tenants n ON n.tenant_id = m.tenant_id
WHERE m.kind IN ('captured', 'returned') GROUP BY 1, 2, 3 ORDER BY 1, 3 LIMIT $3
"""

TENANTS = f"""
SELECT n.tenant_id::text AS tenant_id, n.name AS tenant_name,
    coalesce(sum(m.credits) FILTER (WHERE m.kind = 'topped_up'), 0)::bigint AS topped_up,
    coalesce(sum(m.credits) FILTER (WHERE m.kind = 'granted'), 0)::bigint AS granted,
    coalesce(sum(CASE WHEN m.kind <> 'adjusted' THEN 0 WHEN m.from_account = 'issued'
        THEN m.credits ELSE -m.credits END), 0)::bigint AS adjusted,
    coalesce(sum(CASE m.kind WHEN 'captured' THEN m.credits WHEN 'returned' THEN -m.credits END),
        0)::bigint AS consumed,
    coalesce(sum(m.credits) FILTER (WHERE m.kind = 'expired'), 0)::bigint AS expired,
    coalesce(sum(CASE m.kind WHEN 'refunded' THEN m.credits WHEN 'restored' THEN -m.credits END),
        0)::bigint AS refunded,
    coalesce(sum(m.credits) FILTER (WHERE m.kind = 'reversed'), 0)::bigint AS reversed
FROM ({_MOVED}) m JOIN pub_identity_tenants n ON n.tenant_id = m.tenant_id
GROUP BY 1, 2 ORDER BY 2, 1 LIMIT $3
"""

LIABILITY = """
SELECT to_char(l.day, 'YYYY-MM-DD') AS day, l.age, l.credits, l.tenants
FROM day_liabilities l WHERE l.day >= ($1::timestamptz AT TIME ZONE 'UTC')::date
    AND l.day < ($2::timestamptz AT TIME ZONE 'UTC')::date
ORDER BY l.day, array_position(ARRAY['30', '90', '180', '365', 'older'], l.age) LIMIT $3
"""

# What will expire, if nobody uses it, in the days asked for.
EXPIRY = f"""
SELECT {_DAY.format("l.expires_at")} AS day, n.tenant_id::text AS tenant_id,
    n.name AS tenant_name, l.kind, count(*) AS lots, sum(l.available)::bigint AS credits
FROM pub_ledger_lots l JOIN pub_identity_tenants n USING (tenant_id)
WHERE l.available > 0 AND l.expires_at >= $1 AND l.expires_at < $2
GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4 LIMIT $3
"""


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Both days whole."""
    start = datetime.combine(first, time(), UTC)
    return start, datetime.combine(last, time(), UTC) + timedelta(days=1)


async def figures(
    scope: Scope, sql: str, first: date, last: date, limit: int
) -> tuple[list[str], list[asyncpg.Record]]:
    """Column names also where there are no rows."""
    statement = await scope.connection.prepare(sql)
    rows = await statement.fetch(*bounds(first, last), limit)
    return [column.name for column in statement.get_attributes()], rows
