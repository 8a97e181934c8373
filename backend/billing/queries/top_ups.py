"""Top-ups entered by people."""

from uuid import UUID

import asyncpg

from backend.billing.schemas.top_ups import TopUpCreate
from backend.billing.states import TopUpState
from backend.db.scope import Scope
from backend.kernel.ids import uuid7

COLUMNS = (
    "id, tenant_id, amount_credits, method, reference, reason, proof_file, state, created_by,"
    " created_at, approved_by, approved_at, decided_reason"
)


async def insert(
    scope: Scope, data: TopUpCreate, state: TopUpState, top_up_id: UUID | None = None
) -> asyncpg.Record | None:
    """None where the tenant's reference is taken; waits for another hand just taking it."""
    return await scope.row(
        "INSERT INTO top_ups (tenant_id, id, amount_credits, method, reference, reason,"
        " proof_file, state, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (tenant_id, reference) WHERE state NOT IN ('declined', 'reversed')"
        f" DO NOTHING RETURNING {COLUMNS}",
        scope.tenant_id,
        top_up_id or uuid7(),
        data.amount_credits,
        data.method.value,
        data.reference,
        data.reason,
        data.proof_file,
        state.value,
        scope.principal.actor,
        scope.now,
    )


async def by_reference(scope: Scope, reference: str) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {COLUMNS} FROM top_ups WHERE tenant_id = $1 AND reference = $2"
        " AND state NOT IN ('declined', 'reversed')",
        scope.tenant_id,
        reference,
    )


async def tenant_of(scope: Scope, top_up_id: UUID) -> UUID:
    row = await scope.one("SELECT tenant_id FROM top_ups WHERE id = $1", top_up_id)
    tenant_id: UUID = row["tenant_id"]
    return tenant_id


async def pending_page(scope: Scope, after: UUID | None, limit: int) -> list[asyncpg.Record]:
    """Of every tenant, the longest waiting first: ids are made in the order of time."""
    return await scope.rows(
        f"SELECT {COLUMNS} FROM top_ups WHERE state = 'pending' AND ($1::uuid IS NULL OR id > $1)"
        " ORDER BY id LIMIT $2",
        after,
        limit,
    )


async def newest_page(
    scope: Scope, before: UUID | None, limit: int, state: str | None
) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT {COLUMNS} FROM top_ups WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " AND ($4::text IS NULL OR state = $4) ORDER BY id DESC LIMIT $3",
        scope.tenant_id,
        before,
        limit,
        state,
    )


async def locked(scope: Scope, top_up_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {COLUMNS} FROM top_ups WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        scope.tenant_id,
        top_up_id,
    )


async def credit(scope: Scope, top_up_id: UUID) -> asyncpg.Record:
    """Compare-and-set pending → credited, by a second person (the table's CHECK says so too)."""
    return await scope.one(
        "UPDATE top_ups SET state = 'credited', approved_by = $3, approved_at = $4"
        f" WHERE tenant_id = $1 AND id = $2 AND state = 'pending' RETURNING {COLUMNS}",
        scope.tenant_id,
        top_up_id,
        scope.principal.actor,
        scope.now,
    )


async def decline(scope: Scope, top_up_id: UUID, reason: str) -> asyncpg.Record:
    return await scope.one(
        "UPDATE top_ups SET state = 'declined', decided_reason = $3"
        f" WHERE tenant_id = $1 AND id = $2 AND state = 'pending' RETURNING {COLUMNS}",
        scope.tenant_id,
        top_up_id,
        reason,
    )


async def reverse(scope: Scope, top_up_id: UUID, reason: str) -> asyncpg.Record:
    return await scope.one(
        "UPDATE top_ups SET state = 'reversed', decided_reason = $3"
        f" WHERE tenant_id = $1 AND id = $2 AND state = 'credited' RETURNING {COLUMNS}",
        scope.tenant_id,
        top_up_id,
        reason,
    )
