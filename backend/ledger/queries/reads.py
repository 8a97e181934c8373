"""Reads of one tenant, and the sweep's look across tenants."""

from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope


async def hold(scope: Scope, hold_id: UUID) -> asyncpg.Record:
    return await scope.one(
        "SELECT id, session_id, amount, captured, released, returned, state FROM ledger_holds"
        " WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        hold_id,
    )


async def balances(
    scope: Scope, tenant_id: UUID, soon: datetime
) -> tuple[dict[str, asyncpg.Record], asyncpg.Record]:
    rows = await scope.rows(
        "SELECT account, balance, credit_line FROM ledger_accounts WHERE tenant_id = $1", tenant_id
    )
    lots = await scope.one(
        "SELECT coalesce(sum(available) FILTER (WHERE expires_at <= $2), 0)::bigint AS past,"
        " coalesce(sum(available) FILTER (WHERE expires_at > $2), 0)::bigint AS soon"
        " FROM ledger_lots WHERE tenant_id = $1 AND available > 0 AND expires_at <= $3",
        tenant_id,
        scope.now,
        soon,
    )
    return {row["account"]: row for row in rows}, lots


async def is_posted(scope: Scope, reference: str) -> bool:
    found: bool = await scope.value(
        "SELECT EXISTS (SELECT 1 FROM ledger_transfers WHERE tenant_id = $1 AND reference = $2)",
        scope.tenant_id,
        reference,
    )
    return found


async def holdable(scope: Scope) -> int:
    most: int = await scope.value("SELECT ledger_holdable($1, $2)", scope.tenant_id, scope.now)
    return most


async def session_totals(scope: Scope, session_id: UUID) -> asyncpg.Record | None:
    return await scope.row(
        "SELECT held, captured, released, returned FROM pub_ledger_sessions"
        " WHERE tenant_id = $1 AND session_id = $2",
        scope.tenant_id,
        session_id,
    )


async def tenants_with_due_lots(scope: Scope, limit: int) -> list[UUID]:
    rows = await scope.rows(
        "SELECT DISTINCT tenant_id FROM ledger_lots"
        " WHERE available > 0 AND expires_at <= $1 LIMIT $2",
        scope.now,
        limit,
    )
    return [row["tenant_id"] for row in rows]


async def open_lots(scope: Scope) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT l.available, l.expires_at FROM ledger_open_lots($1, $2) o"
        " JOIN ledger_lots l ON l.tenant_id = $1 AND l.id = o.lot_id ORDER BY o.place",
        scope.tenant_id,
        scope.now,
    )
