"""Corrections: one row per reversal asked for, per change of a credit line and per grant."""

from uuid import UUID

import asyncpg

from backend.billing.desk_states import CorrectionKind, CorrectionState
from backend.billing.schemas.top_ups import GrantCreate
from backend.db.scope import Scope
from backend.kernel.ids import uuid7

COLUMNS = (
    "id, tenant_id, kind, top_up_id, amount_credits, seen_credits, grant_reference, grant_kind,"
    " expires_at, reason, state, created_by, created_at, decided_by, decided_at, decided_reason"
)


async def insert(
    scope: Scope,
    kind: CorrectionKind,
    *,
    top_up_id: UUID | None,
    amount_credits: int,
    seen_credits: int | None,
    reason: str,
    state: CorrectionState,
) -> asyncpg.Record | None:
    """None where one like it stands already (a reversal of that top-up, a line that waits)."""
    return await scope.row(
        "INSERT INTO corrections (tenant_id, id, kind, top_up_id, amount_credits, seen_credits,"
        " reason, state, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        f" ON CONFLICT DO NOTHING RETURNING {COLUMNS}",
        scope.tenant_id,
        uuid7(),
        kind.value,
        top_up_id,
        amount_credits,
        seen_credits,
        reason,
        state.value,
        scope.principal.actor,
        scope.now,
    )


async def waiting(scope: Scope, kind: CorrectionKind, top_up_id: UUID | None) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {COLUMNS} FROM corrections WHERE tenant_id = $1 AND kind = $2"
        " AND state = 'pending' AND top_up_id IS NOT DISTINCT FROM $3",
        scope.tenant_id,
        kind.value,
        top_up_id,
    )


async def insert_grant(scope: Scope, asked: GrantCreate, state: CorrectionState) -> asyncpg.Record:
    return await scope.one(
        "INSERT INTO corrections (tenant_id, id, kind, amount_credits, grant_reference, grant_kind,"
        " expires_at, reason, state, created_by, created_at)"
        f" VALUES ($1, $2, 'grant', $3, $4, $5, $6, $7, $8, $9, $10) RETURNING {COLUMNS}",
        scope.tenant_id,
        uuid7(),
        asked.amount_credits,
        asked.reference,
        asked.kind.value,
        asked.expires_at,
        asked.reason,
        state.value,
        scope.principal.actor,
        scope.now,
    )


async def waiting_grant(scope: Scope, reference: str) -> asyncpg.Record | None:
    return await scope.row(
        f"SELECT {COLUMNS} FROM corrections WHERE tenant_id = $1 AND grant_reference = $2"
        " AND kind = 'grant' AND state = 'pending'",
        scope.tenant_id,
        reference,
    )


async def tenant_of(scope: Scope, correction_id: UUID) -> UUID:
    row = await scope.one("SELECT tenant_id FROM corrections WHERE id = $1", correction_id)
    tenant_id: UUID = row["tenant_id"]
    return tenant_id


async def locked(scope: Scope, correction_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {COLUMNS} FROM corrections WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        scope.tenant_id,
        correction_id,
    )


async def decide(
    scope: Scope, correction_id: UUID, state: CorrectionState, reason: str | None
) -> asyncpg.Record:
    """Compare-and-set from pending."""
    return await scope.one(
        "UPDATE corrections SET state = $3, decided_by = $4, decided_at = $5, decided_reason = $6"
        f" WHERE tenant_id = $1 AND id = $2 AND state = 'pending' RETURNING {COLUMNS}",
        scope.tenant_id,
        correction_id,
        state.value,
        scope.principal.actor,
        scope.now,
        reason,
    )


async def page(
    scope: Scope, tenant_id: UUID | None, state: str | None, before: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Of every tenant where none is named, newest first."""
    return await scope.rows(
        f"SELECT {COLUMNS} FROM corrections WHERE ($1::uuid IS NULL OR tenant_id = $1)"
        " AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR id < $3)"
        " ORDER BY id DESC LIMIT $4",
        tenant_id,
        state,
        before,
        limit,
    )
