"""What was paid in advance, and what of it was used and invoiced by the month."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from backend.db.scope import Scope


async def tenants(scope: Scope, month: date, after: UUID | None, limit: int) -> list[UUID]:
    """Who paid in advance and is not yet invoiced as far as this month, in the order of ids."""
    rows = await scope.rows(
        "SELECT DISTINCT d.tenant_id FROM documents d WHERE d.is_advance"
        " AND ($2::uuid IS NULL OR d.tenant_id > $2) AND NOT EXISTS (SELECT FROM redeemed_months m"
        " WHERE m.tenant_id = d.tenant_id AND m.month >= $1) ORDER BY d.tenant_id LIMIT $3",
        month,
        after,
        limit,
    )
    return [row["tenant_id"] for row in rows]


async def progress(scope: Scope) -> asyncpg.Record:
    """When the first advance was paid, and the last month that is done."""
    return await scope.one(
        "SELECT (SELECT min(coalesce(paid_at, issued_at)) FROM documents WHERE tenant_id = $1"
        " AND is_advance) AS first_at,"
        " (SELECT max(month) FROM redeemed_months WHERE tenant_id = $1) AS last_month",
        scope.tenant_id,
    )


async def begin(scope: Scope, month: date) -> bool:
    """False where another clock did this month, or is at it: then waits until it is done."""
    return bool(
        await scope.execute(
            "INSERT INTO redeemed_months (tenant_id, month, billed_at) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            scope.tenant_id,
            month,
            scope.now,
        )
    )


async def advances(scope: Scope) -> list[asyncpg.Record]:
    """Each that was paid, with what its credit notes took back and what was invoiced of its use."""
    return await scope.rows(
        "SELECT d.id, d.number, d.paid_by AS reference, d.currency, d.credits, d.gross_minor,"
        " coalesce(n.credits, 0)::bigint AS credited_credits,"
        " coalesce(n.gross_minor, 0)::bigint AS credited_minor,"
        " coalesce(r.credits, 0)::bigint AS redeemed_credits,"
        " coalesce(r.gross_minor, 0)::bigint AS redeemed_minor, r.months > 0 AS is_known"
        " FROM documents d LEFT JOIN LATERAL (SELECT sum(c.credits) AS credits,"
        " sum(c.gross_minor) AS gross_minor FROM documents c WHERE c.tenant_id = d.tenant_id"
        " AND c.original_id = d.id) n ON true LEFT JOIN LATERAL (SELECT sum(u.credits) AS credits,"
        " sum(u.gross_minor) AS gross_minor, count(*) AS months FROM redeemed_credits u"
        " WHERE u.tenant_id = d.tenant_id AND u.advance_id = d.id) r ON true"
        " WHERE d.tenant_id = $1 AND d.is_advance AND d.paid_by IS NOT NULL ORDER BY d.id",
        scope.tenant_id,
    )


async def insert(
    scope: Scope, month: date, document_id: UUID | None, used: Sequence[tuple[UUID, int, int]]
) -> None:
    """`used`: advance, credits, what was paid for them."""
    await scope.execute_many(
        "INSERT INTO redeemed_credits (tenant_id, advance_id, month, credits, gross_minor,"
        " document_id) VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (scope.tenant_id, advance_id, month, credits_used, minor, document_id)
            for advance_id, credits_used, minor in used
        ],
    )


async def invoices(scope: Scope, currency: str) -> list[UUID]:
    """Of what was used before, the newest first, where something is left to take back."""
    rows = await scope.rows(
        "SELECT d.id FROM documents d WHERE d.tenant_id = $1 AND d.currency = $2"
        " AND d.source LIKE 'redeemed:%' AND d.original_id IS NULL AND d.gross_minor >"
        " (SELECT coalesce(sum(c.gross_minor), 0) FROM documents c"
        " WHERE c.tenant_id = d.tenant_id AND c.original_id = d.id) ORDER BY d.id DESC",
        scope.tenant_id,
        currency,
    )
    return [row["id"] for row in rows]
