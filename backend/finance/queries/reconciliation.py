"""A day's three sides, and what did not agree. In a platform scope."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.finance.queries.days import bounds

SESSION_DAYS = timedelta(days=10)
"""How long after its first day a session still sends: 48 h of receipts, 7 days of a pause."""


async def tenants_total(scope: Scope) -> int:
    total: int = await scope.value("SELECT count(*) FROM pub_identity_tenants")
    return total


async def bought(scope: Scope, day: date) -> list[asyncpg.Record]:
    """Credits that came by a payment that day, with the purchase they are of. What pays off a debt
    is a transfer of its own, or all there is.
    """
    return await scope.rows(
        "SELECT t.tenant_id, t.reference, t.amount, p.id AS purchase_id, p.payment_id,"
        " p.gross_minor, p.currency, p.credits"
        " FROM (SELECT x.tenant_id, split_part(x.reference, ':', 1) || ':'"
        "  || split_part(x.reference, ':', 2) AS reference, sum(x.amount)::bigint AS amount"
        "  FROM pub_identity_tenants n JOIN pub_ledger_transfers x ON x.tenant_id = n.tenant_id"
        "  AND x.kind = 'topped_up' AND x.created_at >= $1 AND x.created_at < $2"
        "  AND x.reference LIKE 'purchase:%' GROUP BY 1, 2) t"
        " LEFT JOIN pub_billing_purchases p ON p.tenant_id = t.tenant_id"
        " AND t.reference = 'purchase:' || p.id",
        *bounds(day),
    )


async def purchases_paid(scope: Scope, payment_ids: Sequence[str]) -> list[asyncpg.Record]:
    """Of these payments: their purchases, and whether the ledger has credits of them."""
    return await scope.rows(
        "SELECT p.payment_id, p.tenant_id, p.id, p.gross_minor, p.currency,"
        " EXISTS (SELECT 1 FROM pub_ledger_transfers t WHERE t.tenant_id = p.tenant_id"
        "  AND t.reference = 'purchase:' || p.id) AS is_credited"
        " FROM pub_billing_purchases p WHERE p.payment_id = ANY($1::text[])",
        list(payment_ids),
    )


async def refunds_known(scope: Scope, stripe_ids: Sequence[str]) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT stripe_id, tenant_id, id, state, amount_minor, currency FROM pub_billing_refunds"
        " WHERE stripe_id = ANY($1::text[])",
        list(stripe_ids),
    )


async def refunds_settled(scope: Scope, day: date) -> list[asyncpg.Record]:
    """By the payment provider, that day, by our rows; `amount`: what left the ledger."""
    return await scope.rows(
        "SELECT r.tenant_id, r.id, r.stripe_id, r.amount_minor, r.credits, r.state,"
        " (SELECT amount FROM pub_ledger_transfers t WHERE t.tenant_id = r.tenant_id"
        "  AND t.reference = 'refund:' || r.id) AS amount"
        " FROM pub_billing_refunds r WHERE r.settled_at >= $1 AND r.settled_at < $2"
        " AND r.method = 'stripe' AND r.state = 'succeeded'",
        *bounds(day),
    )


async def top_ups_of(scope: Scope, day: date) -> list[asyncpg.Record]:
    """Top-ups of people against their transfers, both ways: one side may be missing."""
    return await scope.rows(
        "SELECT coalesce(u.tenant_id, t.tenant_id) AS tenant_id,"
        " coalesce('top_up:' || u.id, t.reference) AS reference,"
        " coalesce(u.amount_credits, 0)::bigint AS expected, coalesce(t.amount, 0)::bigint AS found"
        " FROM (SELECT * FROM pub_billing_top_ups WHERE state IN ('credited', 'reversed')"
        "  AND coalesce(approved_at, created_at) >= $1"
        "  AND coalesce(approved_at, created_at) < $2) u"
        " FULL JOIN (SELECT f.tenant_id, f.reference, f.amount FROM pub_identity_tenants n"
        "  JOIN (SELECT tenant_id, reference, sum(amount)::bigint AS amount FROM"
        "   (SELECT x.tenant_id, split_part(x.reference, ':', 1) || ':'"
        "    || split_part(x.reference, ':', 2) AS reference, x.amount"
        "    FROM pub_ledger_transfers x WHERE x.kind IN ('topped_up', 'settled')"
        "    AND x.created_at >= $1 AND x.created_at < $2 AND x.reference LIKE 'top_up:%') y"
        "   GROUP BY tenant_id, reference) f ON f.tenant_id = n.tenant_id) t"
        " ON t.tenant_id = u.tenant_id AND t.reference = 'top_up:' || u.id",
        *bounds(day),
    )


async def sessions_charged(scope: Scope, day: date) -> list[asyncpg.Record]:
    """Of every session that was charged that day: what the ledger took of it in all, and what its
    messages say. Both change in one transaction, so one statement sees them agree.
    """
    return await scope.rows(
        "WITH moved AS (SELECT DISTINCT t.tenant_id, t.session_id FROM pub_identity_tenants n"
        " JOIN pub_ledger_transfers t ON t.tenant_id = n.tenant_id"
        " WHERE t.created_at >= $1 AND t.created_at < $2 AND t.kind IN ('captured', 'returned')"
        " AND t.session_id IS NOT NULL)"
        " SELECT m.tenant_id, m.session_id, l.captured - l.returned AS expected,"
        " coalesce((SELECT sum(c.charged) FROM pub_campaigns_figures f"
        "  JOIN pub_delivery_charges c ON c.tenant_id = f.tenant_id"
        "  AND c.session_day = f.session_day AND c.session_id = f.session_id"
        "  WHERE f.tenant_id = m.tenant_id AND f.session_id = m.session_id), 0)::bigint AS found"
        " FROM moved m JOIN pub_ledger_sessions l ON l.tenant_id = m.tenant_id"
        " AND l.session_id = m.session_id",
        *bounds(day),
    )


async def captured(scope: Scope, day: date) -> int:
    total: int = await scope.value(
        "SELECT coalesce(sum(CASE t.kind WHEN 'captured' THEN t.amount ELSE -t.amount END), 0)"
        " ::bigint FROM pub_identity_tenants n JOIN pub_ledger_transfers t"
        " ON t.tenant_id = n.tenant_id WHERE t.created_at >= $1 AND t.created_at < $2"
        " AND t.kind IN ('captured', 'returned')",
        *bounds(day),
    )
    return total


async def gateways_of(scope: Scope, day: date) -> list[asyncpg.Record]:
    start, end = bounds(day)
    return await scope.rows(
        "SELECT g.gateway_id, coalesce(m.messages, 0) AS messages,"
        " coalesce(m.segments, 0)::bigint AS segments,"
        " coalesce(m.charged, 0)::bigint AS charged_credits,"
        " coalesce(h.accepted, 0)::bigint AS metered_segments FROM pub_gateways_names g"
        " LEFT JOIN (SELECT gateway_id, count(*) AS messages,"
        "  sum(bit_count(parts_accepted::bit(32))) AS segments, sum(charged) AS charged"
        "  FROM pub_delivery_charges WHERE session_day BETWEEN $3 AND $4 AND accepted_at >= $1"
        "  AND accepted_at < $2 GROUP BY gateway_id) m ON m.gateway_id = g.gateway_id"
        " LEFT JOIN (SELECT gateway_id, sum(accepted) AS accepted FROM pub_gateways_minutes"
        "  WHERE minute >= $1 AND minute < $2 GROUP BY gateway_id) h"
        " ON h.gateway_id = g.gateway_id"
        " WHERE m.gateway_id IS NOT NULL OR h.accepted > 0",
        start,
        end,
        day - SESSION_DAYS,
        day,
    )


async def save_day(
    scope: Scope, day: date, *, is_stripe_asked: bool, counts: tuple[int, int, int, int, int]
) -> int:
    """The number of this run. `counts`: payments, refunds, top-ups, credits charged, captured."""
    run: int = await scope.value(
        "INSERT INTO reconciliations AS r (day, run, made_at, made_by, is_stripe_asked, payments,"
        " refunds, top_ups, charged_credits, captured_credits)"
        " VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (day) DO UPDATE SET"
        " run = r.run + 1, made_at = excluded.made_at, made_by = excluded.made_by,"
        " is_stripe_asked = excluded.is_stripe_asked, payments = excluded.payments,"
        " refunds = excluded.refunds, top_ups = excluded.top_ups,"
        " charged_credits = excluded.charged_credits,"
        " captured_credits = excluded.captured_credits RETURNING run",
        day,
        scope.now,
        scope.principal.actor,
        is_stripe_asked,
        *counts,
    )
    return run


async def save_items(
    scope: Scope,
    day: date,
    run: int,
    rows: Sequence[tuple[str, str, UUID | None, int, int, str]],
) -> None:
    """(kind, subject, tenant, expected, found, unit) each. A note stays while the figures do."""
    await scope.execute(
        "INSERT INTO reconciliation_items AS i (day, kind, subject, of_tenant, expected, found,"
        " unit, first_run, last_run) SELECT $1, v.*, $2, $2 FROM unnest($3::text[], $4::text[],"
        " $5::uuid[], $6::bigint[], $7::bigint[], $8::text[])"
        " AS v (kind, subject, tenant, expected, found, unit)"
        " ON CONFLICT (day, kind, subject) DO UPDATE SET last_run = $2,"
        " note = CASE WHEN (i.expected, i.found) = (excluded.expected, excluded.found)"
        "  THEN i.note END,"
        " resolved_by = CASE WHEN (i.expected, i.found) = (excluded.expected, excluded.found)"
        "  THEN i.resolved_by END,"
        " resolved_at = CASE WHEN (i.expected, i.found) = (excluded.expected, excluded.found)"
        "  THEN i.resolved_at END,"
        " expected = excluded.expected, found = excluded.found",
        day,
        run,
        *([row[at] for row in rows] for at in range(6)),
    )


async def save_gateways(scope: Scope, day: date, rows: Sequence[asyncpg.Record]) -> None:
    await scope.execute(
        "INSERT INTO gateway_days (day, gateway_id, messages, segments, charged_credits,"
        " metered_segments) SELECT $1, v.* FROM unnest($2::uuid[], $3::bigint[], $4::bigint[],"
        " $5::bigint[], $6::bigint[]) AS v ON CONFLICT (day, gateway_id) DO UPDATE SET"
        " messages = excluded.messages, segments = excluded.segments,"
        " charged_credits = excluded.charged_credits,"
        # The meter's minutes are forgotten after some days; what was seen of them stays.
        " metered_segments = greatest(gateway_days.metered_segments, excluded.metered_segments)",
        day,
        *(
            [row[name] for row in rows]
            for name in (
                "gateway_id",
                "messages",
                "segments",
                "charged_credits",
                "metered_segments",
            )
        ),
    )


_DAY = (
    "SELECT r.*, (SELECT count(*) FROM reconciliation_items i WHERE i.day = r.day"
    " AND i.last_run = r.run AND i.resolved_at IS NULL) AS unresolved FROM reconciliations r"
)


async def day_row(scope: Scope, day: date) -> asyncpg.Record | None:
    return await scope.row(f"{_DAY} WHERE r.day = $1", day)


async def page(scope: Scope, before: date | None, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        f"{_DAY} WHERE ($1::date IS NULL OR r.day < $1) ORDER BY r.day DESC LIMIT $2",
        before,
        limit,
    )


async def gateways_saved(scope: Scope, days: Sequence[date]) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT d.day, d.gateway_id, g.name AS gateway_name, d.messages, d.segments,"
        " d.charged_credits, d.metered_segments FROM gateway_days d"
        " JOIN pub_gateways_names g USING (gateway_id) WHERE d.day = ANY($1::date[])"
        " ORDER BY d.day, g.name",
        list(days),
    )


async def items_saved(scope: Scope, days: Sequence[date], limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT i.day, i.kind, i.subject, i.of_tenant AS tenant_id, i.expected, i.found, i.unit,"
        " i.last_run < r.run AS is_gone, i.note, i.resolved_by, i.resolved_at"
        " FROM reconciliation_items i JOIN reconciliations r USING (day)"
        " WHERE i.day = ANY($1::date[]) ORDER BY i.day, i.kind, i.subject LIMIT $2",
        list(days),
        limit,
    )


async def resolve(scope: Scope, day: date, kind: str, subject: str, note: str) -> bool:
    """False: there is no such item, or somebody has resolved it."""
    return bool(
        await scope.execute(
            "UPDATE reconciliation_items SET note = $4, resolved_by = $5, resolved_at = $6"
            " WHERE day = $1 AND kind = $2 AND subject = $3 AND resolved_at IS NULL",
            day,
            kind,
            subject,
            note,
            scope.principal.actor,
            scope.now,
        )
    )
