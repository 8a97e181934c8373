"""Refunds and disputes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.purchase_states import DisputeState, RefundState
from backend.billing.schemas.purchases import Dispute, Refund
from backend.db.scope import Scope

COLUMNS = (
    "tenant_id, id, purchase_id, top_up_id, origin, method, state, credits, missing_credits,"
    " amount_minor, currency, reason, reference, stripe_id, failure_code, requested_by,"
    " requested_at, approved_by, approved_at, submitted_at, settled_at"
)
DISPUTE_COLUMNS = (
    "tenant_id, id, purchase_id, state, reason, amount_minor, currency, opened_at, closed_at"
)


def refund_of(row: asyncpg.Record) -> Refund:
    return msgspec.convert(dict(row), Refund)


def dispute_of(row: asyncpg.Record) -> Dispute:
    return msgspec.convert(dict(row), Dispute)


async def insert(scope: Scope, values: dict[str, Any]) -> Refund | None:
    """None where it came before, or another one of the same credits is not settled yet."""
    names = list(values)
    row = await scope.row(
        f"INSERT INTO refunds (tenant_id, {', '.join(names)}) VALUES ($1, "
        + ", ".join(f"${at}" for at in range(2, len(names) + 2))
        + f") ON CONFLICT DO NOTHING RETURNING {COLUMNS}",
        scope.tenant_id,
        *values.values(),
    )
    return refund_of(row) if row else None


async def find(scope: Scope, refund_id: UUID) -> Refund | None:
    row = await scope.row(
        f"SELECT {COLUMNS} FROM refunds WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        refund_id,
    )
    return refund_of(row) if row else None


async def locked(scope: Scope, refund_id: UUID) -> Refund:
    return refund_of(
        await scope.one(
            f"SELECT {COLUMNS} FROM refunds WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
            scope.tenant_id,
            refund_id,
        )
    )


async def by_stripe_id(scope: Scope, stripe_id: str) -> Refund | None:
    row = await scope.row(
        f"SELECT {COLUMNS} FROM refunds WHERE tenant_id = $1 AND stripe_id = $2 FOR UPDATE",
        scope.tenant_id,
        stripe_id,
    )
    return refund_of(row) if row else None


async def change(
    scope: Scope, refund: Refund, to: RefundState, changes: dict[str, Any]
) -> Refund | None:
    """Compare-and-set on the state that was read. None: it was lost."""
    written = {"state": to.value, **changes}
    sets = ", ".join(f"{name} = ${at}" for at, name in enumerate(written, 4))
    row = await scope.row(
        f"UPDATE refunds SET {sets} WHERE tenant_id = $1 AND id = $2 AND state = $3"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        refund.id,
        refund.state.value,
        *written.values(),
    )
    return refund_of(row) if row else None


async def of_purchase(scope: Scope, purchase_id: UUID) -> list[Refund]:
    """The oldest first."""
    rows = await scope.rows(
        f"SELECT {COLUMNS} FROM refunds WHERE tenant_id = $1 AND purchase_id = $2"
        " ORDER BY requested_at, id",
        scope.tenant_id,
        purchase_id,
    )
    return [refund_of(row) for row in rows]


async def of_top_up(scope: Scope, top_up_id: UUID) -> list[Refund]:
    rows = await scope.rows(
        f"SELECT {COLUMNS} FROM refunds WHERE tenant_id = $1 AND top_up_id = $2"
        " ORDER BY requested_at, id",
        scope.tenant_id,
        top_up_id,
    )
    return [refund_of(row) for row in rows]


async def tenant_of(scope: Scope, refund_id: UUID) -> UUID:
    row = await scope.one("SELECT tenant_id FROM refunds WHERE id = $1", refund_id)
    tenant_id: UUID = row["tenant_id"]
    return tenant_id


async def unsubmitted(scope: Scope, before: datetime, limit: int) -> list[asyncpg.Record]:
    """Approved refunds of which Stripe may not know: whoever asked for them may have died."""
    return await scope.rows(
        "SELECT tenant_id, id FROM refunds WHERE state = 'approved' AND method = 'stripe'"
        " AND origin = 'clearsend' AND coalesce(approved_at, requested_at) < $1 ORDER BY id"
        " LIMIT $2",
        before,
        limit,
    )


async def submitted(
    scope: Scope, longest: datetime, latest: datetime, limit: int
) -> list[asyncpg.Record]:
    """Payments with refunds on their way, of every tenant, the latest first."""
    return await scope.rows(
        "SELECT p.payment_id FROM refunds r JOIN purchases p ON p.tenant_id = r.tenant_id"
        " AND p.id = r.purchase_id WHERE r.state = 'submitted'"
        " AND r.submitted_at BETWEEN $1 AND $2 ORDER BY r.submitted_at DESC LIMIT $3",
        longest,
        latest,
        limit,
    )


async def page(
    scope: Scope,
    tenant_id: UUID | None,
    states: Sequence[RefundState] | None,
    after: UUID | None,
    limit: int,
) -> list[asyncpg.Record]:
    """The longest waiting first; of every tenant where none is named."""
    return await scope.rows(
        f"SELECT {COLUMNS} FROM refunds WHERE ($1::uuid IS NULL OR tenant_id = $1)"
        " AND ($2::text[] IS NULL OR state = ANY ($2)) AND ($3::uuid IS NULL OR id > $3)"
        " ORDER BY id LIMIT $4",
        tenant_id,
        None if states is None else [state.value for state in states],
        after,
        limit,
    )


async def insert_dispute(scope: Scope, values: dict[str, Any]) -> Dispute | None:
    """None: it is known."""
    names = list(values)
    row = await scope.row(
        f"INSERT INTO disputes (tenant_id, {', '.join(names)}) VALUES ($1, "
        + ", ".join(f"${at}" for at in range(2, len(names) + 2))
        + f") ON CONFLICT (tenant_id, id) DO NOTHING RETURNING {DISPUTE_COLUMNS}",
        scope.tenant_id,
        *values.values(),
    )
    return dispute_of(row) if row else None


async def dispute(scope: Scope, dispute_id: str) -> Dispute:
    return dispute_of(
        await scope.one(
            f"SELECT {DISPUTE_COLUMNS} FROM disputes WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
            scope.tenant_id,
            dispute_id,
        )
    )


async def change_dispute(
    scope: Scope, found: Dispute, to: DisputeState, closed_at: datetime | None
) -> Dispute | None:
    row = await scope.row(
        "UPDATE disputes SET state = $4, closed_at = $5"
        f" WHERE tenant_id = $1 AND id = $2 AND state = $3 RETURNING {DISPUTE_COLUMNS}",
        scope.tenant_id,
        found.id,
        found.state.value,
        to.value,
        closed_at,
    )
    return dispute_of(row) if row else None


async def disputes_of(scope: Scope, purchase_id: UUID) -> list[Dispute]:
    rows = await scope.rows(
        f"SELECT {DISPUTE_COLUMNS} FROM disputes WHERE tenant_id = $1 AND purchase_id = $2"
        " ORDER BY opened_at, id",
        scope.tenant_id,
        purchase_id,
    )
    return [dispute_of(row) for row in rows]


async def disputes_page(
    scope: Scope, tenant_id: UUID | None, after: str | None, limit: int
) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT {DISPUTE_COLUMNS} FROM disputes WHERE ($1::uuid IS NULL OR tenant_id = $1)"
        " AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3",
        tenant_id,
        after,
        limit,
    )
