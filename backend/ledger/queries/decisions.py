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


async def _decided(
    scope: Scope, verb: str, made: object, reason: str | None, *said: object
) -> asyncpg.Record:
    """Each verb takes its tenant, the ids of what it may write, what is said, by whom and why."""
    given = (scope.tenant_id, made, *said, scope.principal.actor, reason, scope.now)
    places = ", ".join(f"${at}" for at in range(1, len(given) + 1))
    return await scope.one(f"SELECT * FROM {verb}({places})", *given)


async def refund(
    scope: Scope, top_up_reference: str, amount: int, reference: str, reason: str
) -> asyncpg.Record:
    said = (top_up_reference, amount, reference)
    return await _decided(scope, "ledger_refund", uuid7(), reason, *said)


async def restore(
    scope: Scope, refund_reference: str, reference: str, reason: str, extend_to: datetime | None
) -> asyncpg.Record:
    said = (refund_reference, reference, extend_to)
    return await _decided(scope, "ledger_restore", transfer_ids(), reason, *said)


async def reverse(
    scope: Scope, top_up_reference: str, reference: str, reason: str
) -> asyncpg.Record:
    said = (top_up_reference, reference)
    return await _decided(scope, "ledger_reverse", uuid7(), reason, *said)


async def freeze(
    scope: Scope, top_up_reference: str, reference: str, reason: str | None
) -> asyncpg.Record:
    said = (top_up_reference, reference)
    return await _decided(scope, "ledger_freeze", uuid7(), reason, *said)


async def thaw(
    scope: Scope, top_up_reference: str, reference: str, reason: str | None
) -> asyncpg.Record:
    said = (top_up_reference, reference)
    return await _decided(scope, "ledger_thaw", transfer_ids(), reason, *said)


async def lose(
    scope: Scope, top_up_reference: str, reference: str, reason: str | None
) -> asyncpg.Record:
    said = (top_up_reference, reference)
    return await _decided(scope, "ledger_lose", transfer_ids(2), reason, *said)


async def write_off(scope: Scope, amount: int, reference: str, reason: str) -> asyncpg.Record:
    return await _decided(scope, "ledger_write_off", uuid7(), reason, amount, reference)


async def set_line(scope: Scope, limit: int, reference: str, reason: str) -> asyncpg.Record:
    return await _decided(scope, "ledger_set_line", uuid7(), reason, limit, reference)
