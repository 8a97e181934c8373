"""Verbs about what came in: refunds, disputes, reversals, write-offs, the credit line."""

from datetime import datetime

import asyncpg

from backend.db.scope import Scope
from backend.kernel.ids import uuid7
from backend.ledger.queries.verbs import transfer_ids


async def unspent(scope: Scope, top_up_reference: str) -> asyncpg.Record:
    """Of the lot that this transfer opened; NotFound where none did."""
    return await scope.one(
        "SELECT (l.lot).kind, ledger_unspent(l.lot, $3) AS unspent"
        " FROM (SELECT ledger_lot_of($1, $2) AS lot) l WHERE (l.lot).id IS NOT NULL",
        scope.tenant_id,
        top_up_reference,
        scope.now,
    )


async def refund(
    scope: Scope, top_up_reference: str, amount: int, reference: str, reason: str
) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_refund($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.tenant_id,
        uuid7(),
        top_up_reference,
        amount,
        reference,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def restore(
    scope: Scope, refund_reference: str, reference: str, reason: str, extend_to: datetime | None
) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_restore($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.tenant_id,
        transfer_ids(),
        refund_reference,
        reference,
        extend_to,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def reverse(
    scope: Scope, top_up_reference: str, reference: str, reason: str
) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_reverse($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        uuid7(),
        top_up_reference,
        reference,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def freeze(
    scope: Scope, top_up_reference: str, reference: str, reason: str | None
) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_freeze($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        uuid7(),
        top_up_reference,
        reference,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def thaw(
    scope: Scope, top_up_reference: str, reference: str, reason: str | None
) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_thaw($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        transfer_ids(),
        top_up_reference,
        reference,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def lose(
    scope: Scope, top_up_reference: str, reference: str, reason: str | None
) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_lose($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        transfer_ids(2),
        top_up_reference,
        reference,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def write_off(scope: Scope, amount: int, reference: str, reason: str) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_write_off($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        uuid7(),
        amount,
        reference,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def set_line(scope: Scope, limit: int, reference: str, reason: str) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_set_line($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        uuid7(),
        limit,
        reference,
        scope.principal.actor,
        reason,
        scope.now,
    )
