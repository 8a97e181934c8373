"""Refunds and disputes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.purchase_states import DisputeState, RefundState
from backend.billing.queries import rows
from backend.billing.schemas.purchases import Dispute, Refund
from backend.db.scope import Scope
from backend.kernel.errors import NotFound

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
    row = await rows.insert(scope, "refunds", COLUMNS, values)
    return refund_of(row) if row else None


async def find(scope: Scope, refund_id: UUID) -> Refund | None:
    row = await rows.one(scope, "refunds", COLUMNS, refund_id)
    return refund_of(row) if row else None


async def locked(scope: Scope, refund_id: UUID) -> Refund:
    row = await rows.one(scope, "refunds", COLUMNS, refund_id, is_locked=True)
    if row is None:
        raise NotFound
    return refund_of(row)


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
    """None: the state is another than was read."""
    written = {"state": to.value, **changes}
    row = await rows.change(scope, "refunds", COLUMNS, (refund.id, refund.state.value), written)
    return refund_of(row) if row else None


async def of_purchase(scope: Scope, purchase_id: UUID) -> list[Refund]:
    """The oldest first."""
    return await _of(scope, "purchase_id", purchase_id)


async def of_top_up(scope: Scope, top_up_id: UUID) -> list[Refund]:
    return await _of(scope, "top_up_id", top_up_id)


async def _of(scope: Scope, column: str, subject_id: UUID) -> list[Refund]:
    found = await scope.rows(
        f"SELECT {COLUMNS} FROM refunds WHERE tenant_id = $1 AND {column} = $2"
        " ORDER BY requested_at, id",
        scope.tenant_id,
        subject_id,
    )
    return [refund_of(row) for row in found]


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
    row = await rows.insert(scope, "disputes", DISPUTE_COLUMNS, values)
    return dispute_of(row) if row else None


async def dispute(scope: Scope, dispute_id: str) -> Dispute:
    row = await rows.one(scope, "disputes", DISPUTE_COLUMNS, dispute_id, is_locked=True)
    if row is None:
        raise NotFound
    return dispute_of(row)


async def change_dispute(
    scope: Scope, found: Dispute, to: DisputeState, closed_at: datetime | None
) -> Dispute | None:
    written = {"state": to.value, "closed_at": closed_at}
    row = await rows.change(
        scope, "disputes", DISPUTE_COLUMNS, (found.id, found.state.value), written
    )
    return dispute_of(row) if row else None


async def disputes_of(scope: Scope, purchase_id: UUID) -> list[Dispute]:
    found = await scope.rows(
        f"SELECT {DISPUTE_COLUMNS} FROM disputes WHERE tenant_id = $1 AND purchase_id = $2"
        " ORDER BY opened_at, id",
        scope.tenant_id,
        purchase_id,
    )
    return [dispute_of(row) for row in found]


async def dispute_states(scope: Scope, dispute_ids: Sequence[str]) -> dict[str, str]:
    """Of those we know. In a platform scope."""
    rows = await scope.rows(
        "SELECT id, state FROM disputes WHERE id = ANY($1::text[])", list(dispute_ids)
    )
    return {row["id"]: row["state"] for row in rows}


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
