"""Purchases, and the history they share with refunds and disputes."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.purchase_states import PurchaseState
from backend.billing.queries import rows
from backend.billing.schemas.purchases import Purchase
from backend.db.scope import Scope
from backend.kernel.errors import NotFound
from backend.kernel.ids import uuid7

COLUMNS = (
    "tenant_id, id, source, state, credits, tariff_version, tier_no, unit_price_micro, currency,"
    " net_minor, tax_rate_permille, tax_minor, is_reverse_charge, tax_category, tax_note,"
    " gross_minor, saves_card,"
    " customer_id, checkout_id, checkout_url, payment_id, charge_id, failure_code, created_by,"
    " created_at, expires_at, paid_at, next_check_at, checks"
)
SHOWN = (
    "p.tenant_id, p.id, p.source, p.state, p.credits, p.tariff_version, p.currency, p.net_minor,"
    " p.tax_rate_permille, p.tax_minor, p.is_reverse_charge, p.tax_note, p.gross_minor,"
    " CASE WHEN p.state = 'pending' THEN p.checkout_url END AS checkout_url, p.failure_code,"
    " p.created_by, p.created_at, p.expires_at, p.paid_at,"
    " coalesce(r.credits, 0)::bigint AS refunded_credits,"
    " coalesce(r.amount_minor, 0)::bigint AS refunded_minor, d.state AS dispute_state"
    " FROM purchases p LEFT JOIN LATERAL (SELECT sum(credits) AS credits, sum(amount_minor) AS"
    " amount_minor FROM refunds WHERE tenant_id = p.tenant_id AND purchase_id = p.id"
    " AND state = 'succeeded') r ON true LEFT JOIN LATERAL (SELECT state FROM disputes"
    " WHERE tenant_id = p.tenant_id AND purchase_id = p.id ORDER BY opened_at DESC, id DESC"
    " LIMIT 1) d ON true"
)


def purchase_of(row: asyncpg.Record) -> Purchase:
    return msgspec.convert(dict(row), Purchase)


async def insert(scope: Scope, values: dict[str, Any]) -> Purchase | None:
    """None where this id is taken: the same request came before."""
    row = await rows.insert(scope, "purchases", COLUMNS, values)
    return purchase_of(row) if row else None


async def read(scope: Scope, purchase_id: UUID) -> Purchase:
    found = await find(scope, purchase_id)
    if found is None:
        raise NotFound
    return found


async def find(scope: Scope, purchase_id: UUID) -> Purchase | None:
    row = await rows.one(scope, "purchases", COLUMNS, purchase_id)
    return purchase_of(row) if row else None


async def locked(scope: Scope, purchase_id: UUID) -> Purchase | None:
    row = await rows.one(scope, "purchases", COLUMNS, purchase_id, is_locked=True)
    return purchase_of(row) if row else None


async def change(
    scope: Scope, purchase: Purchase, to: PurchaseState | None, changes: dict[str, Any]
) -> Purchase | None:
    """`to` None keeps the state. None: it is another than was read."""
    written = {"state": (to or purchase.state).value, **changes}
    row = await rows.change(
        scope, "purchases", COLUMNS, (purchase.id, purchase.state.value), written
    )
    return purchase_of(row) if row else None


async def customer_id(scope: Scope) -> str | None:
    """Of the tenant at Stripe, once there is one: the one that none has replaced."""
    found: str | None = await scope.value(
        "SELECT coalesce((SELECT c.customer_id FROM payment_customers c WHERE c.tenant_id = $1"
        " AND NOT EXISTS (SELECT FROM payment_customers n WHERE n.tenant_id = c.tenant_id"
        " AND n.replaces = c.customer_id) ORDER BY c.made_at DESC, c.customer_id LIMIT 1),"
        " (SELECT customer_id FROM purchases WHERE tenant_id = $1 AND customer_id IS NOT NULL"
        " ORDER BY created_at DESC, id DESC LIMIT 1))",
        scope.tenant_id,
    )
    return found


async def count_open(scope: Scope) -> int:
    count: int = await scope.value(
        "SELECT count(*) FROM purchases WHERE tenant_id = $1 AND state = 'pending'"
        " AND source = 'checkout' AND expires_at > $2",
        scope.tenant_id,
        scope.now,
    )
    return count


async def due_for_check(scope: Scope, limit: int) -> list[asyncpg.Record]:
    """Of every tenant, the longest waiting first."""
    return await scope.rows(
        "SELECT tenant_id, id FROM purchases WHERE next_check_at <= $1"
        " ORDER BY next_check_at LIMIT $2",
        scope.now,
        limit,
    )


async def payment_of_charge(scope: Scope, charge_id: str) -> str | None:
    payment: str | None = await scope.value(
        "SELECT payment_id FROM purchases WHERE charge_id = $1", charge_id
    )
    return payment


async def page(
    scope: Scope, tenant_id: UUID, before: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """The newest first, by time: the id of a purchase follows from its request's key."""
    return await scope.rows(
        f"SELECT {SHOWN} WHERE p.tenant_id = $1 AND ($2::uuid IS NULL OR (p.created_at, p.id) <"
        " (SELECT b.created_at, b.id FROM purchases b WHERE b.tenant_id = $1 AND b.id = $2))"
        " ORDER BY p.created_at DESC, p.id DESC LIMIT $3",
        tenant_id,
        before,
        limit,
    )


async def shown(scope: Scope, purchase_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {SHOWN} WHERE p.tenant_id = $1 AND p.id = $2", scope.tenant_id, purchase_id
    )


async def insert_event(
    scope: Scope,
    *,
    machine: str,
    subject_id: str,
    event: str,
    states: tuple[str | None, str],
    purchase_id: UUID | None,
    top_up_id: UUID | None,
    facts: dict[str, Any],
) -> None:
    """`states`: from, to."""
    await scope.execute(
        "INSERT INTO payment_events (tenant_id, id, purchase_id, top_up_id, machine, subject_id,"
        " event, from_state, to_state, facts, actor, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        scope.tenant_id,
        uuid7(),
        purchase_id,
        top_up_id,
        machine,
        subject_id,
        event,
        *states,
        facts,
        scope.principal.actor,
        scope.now,
    )


async def history(scope: Scope, purchase_id: UUID) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT at, machine, subject_id, event, to_state, actor FROM payment_events"
        " WHERE tenant_id = $1 AND purchase_id = $2 ORDER BY id",
        scope.tenant_id,
        purchase_id,
    )
