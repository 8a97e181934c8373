"""Search, standings and counts over all tenants. In a platform scope."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.finance.states import BIG_SENDER_CREDITS, LOW_BALANCE_DAYS, SPENDING_DAYS

KIND_HITS_MAX = 1_000
"""Beyond it words are too common to page through."""
NEWEST_SEARCHED_MAX = 10_000
"""Of a kind that only grows, where a word stands in the middle of a reference or number."""
LAST_CHARACTER = "\U0010ffff"


def _named(view: str, name: str, at: str) -> str:
    """By id, by the beginning of the name, and by a piece of it among the newest."""
    columns = f"id, tenant_id, {name} AS label, {at} AS at"
    return f"""
    (SELECT * FROM (SELECT {columns} FROM {view} ORDER BY id DESC LIMIT {NEWEST_SEARCHED_MAX}) r
     WHERE position($1 IN lower(r.label)) > 0)
    UNION (SELECT {columns} FROM {view} WHERE lower({name}) ~>=~ $1 AND lower({name}) ~<~ $8
     ORDER BY lower({name}) USING ~<~ LIMIT {KIND_HITS_MAX})
    UNION (SELECT {columns} FROM {view} WHERE id = $7)"""


# One branch per kind, each cut to the page: rank orders the kinds, then the newest first.
_HITS = f"""
SELECT * FROM (
    (SELECT 1 AS rank, 'tenant' AS kind, n.tenant_id::text AS id, n.tenant_id, n.name AS label,
        n.created_at AS at FROM pub_identity_tenants n
     WHERE position($1 IN lower(n.name)) > 0 OR n.tenant_id::text = $1
     ORDER BY id DESC LIMIT {KIND_HITS_MAX})
    UNION ALL
    (SELECT 2, 'member', m.account_id::text, m.tenant_id, m.email, n.created_at
     FROM pub_identity_members m JOIN pub_identity_tenants n USING (tenant_id)
     WHERE position($1 IN m.email) > 0 ORDER BY 3 DESC, 4 LIMIT {KIND_HITS_MAX})
    UNION ALL
    (SELECT 3, 'top_up', t.id::text, t.tenant_id, t.label, t.at
     FROM ({_named("pub_billing_top_ups", "reference", "created_at")}) t
     ORDER BY 3 DESC LIMIT {KIND_HITS_MAX})
    UNION ALL
    (SELECT 4, 'purchase', p.id::text, p.tenant_id, coalesce(p.payment_id, p.id::text), p.created_at
     FROM pub_billing_purchases p WHERE p.payment_id = $6 OR p.id = $7
     ORDER BY 3 DESC LIMIT {KIND_HITS_MAX})
    UNION ALL
    (SELECT 5, 'refund', r.id::text, r.tenant_id, coalesce(r.stripe_id, r.id::text), r.requested_at
     FROM pub_billing_refunds r WHERE r.stripe_id = $6 OR r.id = $7
     ORDER BY 3 DESC LIMIT {KIND_HITS_MAX})
    UNION ALL
    (SELECT 6, 'transfer', f.id::text, f.tenant_id, f.reference, f.created_at
     FROM pub_identity_tenants n CROSS JOIN LATERAL (
        SELECT t.id, t.tenant_id, t.reference, t.created_at FROM pub_ledger_transfers t
        WHERE t.tenant_id = n.tenant_id AND t.reference = $6
        UNION SELECT t.id, t.tenant_id, t.reference, t.created_at FROM pub_ledger_transfers t
        WHERE t.tenant_id = n.tenant_id AND t.id = $7) f
     ORDER BY 3 DESC LIMIT {KIND_HITS_MAX})
    UNION ALL
    (SELECT 7, 'document', d.id::text, d.tenant_id, d.label, d.at
     FROM ({_named("pub_billing_documents", "number", "issued_at")}) d
     ORDER BY 3 DESC LIMIT {KIND_HITS_MAX})
) h
"""


async def hits(
    scope: Scope,
    words: str,
    exact: str,
    *,
    some_id: UUID | None,
    after: tuple[int, str, str] | None,
    limit: int,
) -> list[asyncpg.Record]:
    """`words` in lower case; `exact` as typed. Kinds in their order, the newest of each first."""
    rank, last_id, last_tenant = after or (0, "", "")
    return await scope.rows(
        "SELECT h.rank, h.kind, h.id, h.tenant_id, n.name AS tenant_name, h.label, h.at FROM ("
        + _HITS
        + ") h JOIN pub_identity_tenants n ON n.tenant_id = h.tenant_id"
        " WHERE $2::int = 0 OR h.rank > $2"
        " OR (h.rank = $2 AND (h.id, h.tenant_id::text) < ($3, $5))"
        " ORDER BY h.rank, h.id DESC, h.tenant_id::text DESC LIMIT $4",
        words,
        rank,
        last_id,
        limit,
        last_tenant,
        exact,
        some_id,
        words + LAST_CHARACTER,
    )


_STANDING = f"""
SELECT n.tenant_id AS id, n.name, n.status, n.created_at,
    coalesce(s.available, 0) + coalesce(s.credit_line, 0) AS available,
    coalesce(s.held, 0) AS held, coalesce(s.frozen, 0) AS frozen,
    coalesce(s.receivable, 0) AS receivable, coalesce(s.credit_line, 0) AS credit_line,
    m.spent AS spent_30_days, t.created_at AS last_top_up_at,
    t.amount_credits AS last_top_up_credits,
    m.spent > 0 AND (coalesce(s.available, 0) + coalesce(s.credit_line, 0)) * {SPENDING_DAYS}
        < m.spent * {LOW_BALANCE_DAYS} AS is_low,
    m.spent >= {BIG_SENDER_CREDITS} AS is_big_sender
FROM pub_identity_tenants n
LEFT JOIN LATERAL (SELECT * FROM pub_ledger_standing l WHERE l.tenant_id = n.tenant_id) s ON true
CROSS JOIN LATERAL (SELECT coalesce(sum(CASE kind WHEN 'captured' THEN credits
        WHEN 'returned' THEN -credits ELSE 0 END), 0)::bigint AS spent
    FROM day_movements d WHERE d.of_tenant = n.tenant_id AND d.day >= $1) m
LEFT JOIN LATERAL (SELECT u.created_at, u.amount AS amount_credits FROM pub_ledger_transfers u
    WHERE u.tenant_id = n.tenant_id AND u.kind = 'topped_up' ORDER BY u.created_at DESC LIMIT 1) t
    ON true
"""


async def standings(
    scope: Scope,
    since: date,
    *,
    search: str | None,
    only_low: bool,
    before: UUID | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Newest tenant first."""
    return await scope.rows(
        f"SELECT * FROM ({_STANDING} WHERE ($2::text IS NULL OR position($2 IN lower(n.name)) > 0)"
        " AND ($3::uuid IS NULL OR n.tenant_id < $3)) w WHERE NOT $4 OR w.is_low"
        " ORDER BY w.id DESC LIMIT $5",
        since,
        search,
        before,
        only_low,
        limit,
    )


async def standing(scope: Scope, since: date, tenant_id: UUID) -> asyncpg.Record:
    return await scope.one(f"{_STANDING} WHERE n.tenant_id = $2", since, tenant_id)


async def big_senders(scope: Scope, since: date) -> Sequence[UUID]:
    rows = await scope.rows(
        "SELECT of_tenant FROM day_movements WHERE day >= $1 GROUP BY of_tenant"
        " HAVING sum(CASE kind WHEN 'captured' THEN credits WHEN 'returned' THEN -credits"
        " ELSE 0 END) >= $2",
        since,
        BIG_SENDER_CREDITS,
    )
    return [row["of_tenant"] for row in rows]


async def low_among(scope: Scope, since: date, tenants: Sequence[UUID]) -> int:
    count: int = await scope.value(
        f"SELECT count(*) FROM ({_STANDING} WHERE n.tenant_id = ANY($2::uuid[])) w WHERE w.is_low",
        since,
        list(tenants),
    )
    return count


async def waiting(scope: Scope) -> asyncpg.Record:
    return await scope.one(
        "SELECT"
        " (SELECT count(*) FROM pub_billing_bank_lines WHERE state = 'unmatched')"
        " AS transfers_to_match,"
        " (SELECT count(*) FROM pub_billing_top_ups WHERE state = 'pending') AS top_ups_pending,"
        " (SELECT count(*) FROM pub_billing_corrections WHERE state = 'pending')"
        " AS corrections_pending,"
        " (SELECT count(*) FROM pub_billing_refunds WHERE state = 'requested')"
        " AS refunds_to_approve,"
        " (SELECT count(*) FROM pub_billing_disputes WHERE state IN ('inquiry', 'open'))"
        " AS disputes_open,"
        " (SELECT count(*) FROM pub_billing_problems WHERE resolved_at IS NULL)"
        " AS payment_problems,"
        " (SELECT count(*) FROM reconciliation_items i JOIN reconciliations r USING (day)"
        " WHERE i.resolved_at IS NULL AND i.last_run = r.run) AS reconciliation_items,"
        " (SELECT count(*) FROM pub_billing_price_proposals WHERE state = 'pending')"
        " AS price_lists_waiting,"
        " (SELECT count(*) FROM pub_billing_documents WHERE state = 'overdue')"
        " AS documents_overdue"
    )
