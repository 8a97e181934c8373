"""Customers at the provider, and their saved cards."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from backend.billing.payment_facts import Card
from backend.db.scope import Scope

SHOWN = (
    "c.id, c.brand, c.last4, c.exp_month, c.exp_year, c.saved_at,"
    " make_date(c.exp_year, c.exp_month, 1) + interval '1 month' <="
    " $2::timestamptz AT TIME ZONE 'UTC' AS is_expired,"
    " EXISTS (SELECT FROM auto_reload a WHERE a.tenant_id = c.tenant_id AND a.card_id = c.id"
    " AND a.state <> 'off') AS reloads FROM saved_cards c"
    " WHERE c.tenant_id = $1 AND c.forgotten_at IS NULL"
)


async def keep_customer(scope: Scope, customer_id: str, replaces: str | None) -> bool:
    """False where another one stands in its place."""
    return bool(
        await scope.execute(
            "INSERT INTO payment_customers (tenant_id, customer_id, replaces, made_at)"
            " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            scope.tenant_id,
            customer_id,
            replaces,
            scope.now,
        )
    )


async def customer_after(scope: Scope, gone: str) -> str | None:
    """Which replaced the one that is gone."""
    found: str | None = await scope.value(
        "SELECT customer_id FROM payment_customers WHERE tenant_id = $1 AND replaces = $2",
        scope.tenant_id,
        gone,
    )
    return found


async def tenant_of_customer(scope: Scope, customer_id: str) -> UUID | None:
    """A platform scope's question."""
    found: UUID | None = await scope.value(
        "SELECT coalesce((SELECT tenant_id FROM payment_customers WHERE customer_id = $1),"
        " (SELECT tenant_id FROM purchases WHERE customer_id = $1 LIMIT 1))",
        customer_id,
    )
    return found


async def tenant_of_card(scope: Scope, card_id: str) -> UUID | None:
    """A platform scope's question."""
    found: UUID | None = await scope.value(
        "SELECT tenant_id FROM saved_cards WHERE id = $1", card_id
    )
    return found


async def shown(scope: Scope) -> list[asyncpg.Record]:
    """The newest first."""
    return await scope.rows(
        f"SELECT {SHOWN} ORDER BY c.saved_at DESC, c.id", scope.tenant_id, scope.now
    )


async def shown_one(scope: Scope, card_id: str) -> asyncpg.Record | None:
    return await scope.row(f"SELECT {SHOWN} AND c.id = $3", scope.tenant_id, scope.now, card_id)


async def save(scope: Scope, card: Card) -> bool:
    """Whether it is new. One that was forgotten and saved again is there again."""
    row = await scope.row(
        "INSERT INTO saved_cards (tenant_id, id, brand, last4, exp_month, exp_year, saved_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, id) DO UPDATE SET"
        " exp_month = excluded.exp_month, exp_year = excluded.exp_year, forgotten_at = NULL"
        " RETURNING xmax = 0 AS is_new",
        scope.tenant_id,
        card.id,
        card.brand[:40],
        card.last4,
        card.exp_month,
        card.exp_year,
        scope.now,
    )
    return bool(row and row["is_new"])


async def forget_others(scope: Scope, kept: Sequence[str]) -> list[str]:
    """Those the provider does not list any more."""
    rows = await scope.rows(
        "UPDATE saved_cards SET forgotten_at = $2 WHERE tenant_id = $1 AND forgotten_at IS NULL"
        " AND id <> ALL($3::text[]) RETURNING id",
        scope.tenant_id,
        scope.now,
        list(kept),
    )
    return [row["id"] for row in rows]


async def forget(scope: Scope, card_id: str) -> bool:
    return bool(
        await scope.execute(
            "UPDATE saved_cards SET forgotten_at = $3"
            " WHERE tenant_id = $1 AND id = $2 AND forgotten_at IS NULL",
            scope.tenant_id,
            card_id,
            scope.now,
        )
    )
