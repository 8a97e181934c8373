"""One transfer and what lies behind it. In a platform scope."""

from uuid import UUID

import asyncpg

from backend.db.scope import Scope


async def transfer(scope: Scope, tenant_id: UUID, transfer_id: UUID) -> asyncpg.Record:
    return await scope.one(
        "SELECT id, tenant_id, reference, kind, from_account, to_account, amount, session_id,"
        " hold_id, actor, created_at FROM pub_ledger_transfers WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        transfer_id,
    )


async def entries(scope: Scope, tenant_id: UUID, transfer_id: UUID) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT account, account_version AS number, amount, balance_after FROM pub_ledger_entries"
        " WHERE tenant_id = $1 AND transfer_id = $2 ORDER BY amount",
        tenant_id,
        transfer_id,
    )


async def lots(scope: Scope, tenant_id: UUID, transfer_id: UUID) -> list[asyncpg.Record]:
    """A lot's origin is the transfer that was made in its transaction and names it alone."""
    return await scope.rows(
        "SELECT l.id AS lot_id, (p.value)::bigint AS credits, l.kind, l.amount AS lot_credits,"
        " l.expires_at, l.created_at, o.id AS origin_transfer_id, o.reference AS origin_reference"
        " FROM pub_ledger_transfers t CROSS JOIN LATERAL jsonb_each_text(t.lots) p"
        " JOIN pub_ledger_lots l ON l.tenant_id = t.tenant_id AND l.id = (p.key)::uuid"
        " LEFT JOIN LATERAL (SELECT x.id, x.reference FROM pub_ledger_transfers x"
        "  WHERE x.tenant_id = t.tenant_id AND x.created_at = l.created_at"
        "  AND x.kind IN ('topped_up', 'granted', 'adjusted') AND x.lots ? p.key"
        "  ORDER BY x.id LIMIT 1) o ON true"
        " WHERE t.tenant_id = $1 AND t.id = $2 ORDER BY l.created_at, l.id",
        tenant_id,
        transfer_id,
    )


async def hold(scope: Scope, tenant_id: UUID, hold_id: UUID) -> asyncpg.Record:
    return await scope.one(
        "SELECT id, amount, captured, released, returned, state FROM pub_ledger_holds"
        " WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        hold_id,
    )


async def session(scope: Scope, tenant_id: UUID, session_id: UUID) -> asyncpg.Record | None:
    return await scope.row(
        "SELECT session_id AS id, campaign, state, session_day FROM pub_campaigns_sessions"
        " WHERE tenant_id = $1 AND session_id = $2",
        tenant_id,
        session_id,
    )


async def messages(
    scope: Scope, charge: asyncpg.Record, run: asyncpg.Record, after: int, limit: int
) -> list[asyncpg.Record]:
    """Of a capture: what its transaction accepted, which is known by the instant they share. Of
    every other transfer: the whole session, of which it is.
    """
    return await scope.rows(
        "SELECT session_id, n, batch_no, phone, country, segments, charged, state, gateway_id,"
        " attempt, submitted_at, accepted_at, done_at FROM pub_delivery_messages"
        " WHERE tenant_id = $1 AND session_day = $2 AND session_id = $3 AND n > $4"
        " AND ($5::timestamptz IS NULL OR accepted_at = $5) ORDER BY n LIMIT $6",
        charge["tenant_id"],
        run["session_day"],
        run["id"],
        after,
        charge["created_at"] if charge["reference"].startswith("window:") else None,
        limit,
    )
