"""One call per verb; the functions stand in migrations 0002 and 0030 and answer with an outcome."""

from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.kernel.ids import uuid7
from backend.ledger.states import LotKind, TransferKind

TRANSFERS_BACK_MAX = 6
"""What comes back may go on at once: expired, frozen, settled, reversed."""


def transfer_ids(count: int = TRANSFERS_BACK_MAX) -> list[UUID]:
    return [uuid7() for _ in range(count)]


async def issue(
    scope: Scope,
    kind: TransferKind,
    lot_kind: LotKind,
    amount: int,
    reference: str,
    *,
    priority: int,
    expires_at: datetime | None,
    reason: str | None,
    proof_file: UUID | None,
) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_issue($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        scope.tenant_id,
        transfer_ids(2),
        uuid7(),
        kind.value,
        lot_kind.value,
        amount,
        priority,
        expires_at,
        reference,
        scope.principal.actor,
        reason,
        proof_file,
        scope.now,
    )


async def withdraw(scope: Scope, amount: int, reference: str, reason: str) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_withdraw($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        uuid7(),
        amount,
        reference,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def place_hold(
    scope: Scope, reference: str, session_id: UUID | None, amount: int
) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_place_hold($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.tenant_id,
        uuid7(),
        uuid7(),
        session_id,
        amount,
        reference,
        scope.principal.actor,
        scope.now,
    )


async def capture(scope: Scope, hold_id: UUID, amount: int, reference: str) -> asyncpg.Record:
    return await scope.one(
        "SELECT * FROM ledger_capture($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        transfer_ids(2),
        hold_id,
        amount,
        reference,
        scope.principal.actor,
        scope.now,
    )


async def give_back(
    scope: Scope,
    kind: TransferKind,
    hold_id: UUID,
    amount: int | None,
    reference: str,
    *,
    extend_to: datetime | None,
    reason: str | None,
) -> asyncpg.Record:
    """`amount` None: all that is open, and the hold closes."""
    return await scope.one(
        "SELECT * FROM ledger_give_back($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        scope.tenant_id,
        transfer_ids(),
        kind.value,
        hold_id,
        amount,
        reference,
        extend_to,
        scope.principal.actor,
        reason,
        scope.now,
    )


async def expire_due(scope: Scope, lots_max: int) -> int:
    expired: int = await scope.value(
        "SELECT ledger_expire_due($1, $2, $3, $4)",
        scope.tenant_id,
        transfer_ids(lots_max),
        scope.principal.actor,
        scope.now,
    )
    return expired
