"""Which months of a postpaid tenant are billed."""

from datetime import date
from uuid import UUID

import asyncpg

from backend.db.scope import Scope


async def billed(scope: Scope) -> asyncpg.Record:
    """The last month that is done, and the credits billed in all of them."""
    return await scope.one(
        "SELECT max(month) AS last_month, coalesce(sum(credits), 0)::bigint AS credits"
        " FROM postpaid_months WHERE tenant_id = $1",
        scope.tenant_id,
    )


async def insert(scope: Scope, month: date, credits_billed: int, document_id: UUID | None) -> None:
    await scope.execute(
        "INSERT INTO postpaid_months (tenant_id, month, credits, document_id, billed_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        scope.tenant_id,
        month,
        credits_billed,
        document_id,
        scope.now,
    )
