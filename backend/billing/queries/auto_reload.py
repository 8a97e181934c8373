"""Auto-reload: its row, what it opened, and whose turn it is."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.billing.schemas.cards import AutoReload, Reload
from backend.db.scope import Scope

COLUMNS = (
    "tenant_id, state, threshold_credits, amount_credits, target_credits, monthly_cap_minor,"
    " currency, card_id, failures, retry_at, stop_reason, is_armed, crossing_no, fired_at,"
    " changed_by, changed_at"
)


def _row(found: asyncpg.Record | None) -> AutoReload | None:
    return msgspec.convert(dict(found), AutoReload) if found else None


async def read(scope: Scope) -> AutoReload | None:
    return _row(
        await scope.row(f"SELECT {COLUMNS} FROM auto_reload WHERE tenant_id = $1", scope.tenant_id)
    )


async def locked(scope: Scope) -> AutoReload | None:
    """Until the end of the transaction: one crossing is answered after the other."""
    return _row(
        await scope.row(
            f"SELECT {COLUMNS} FROM auto_reload WHERE tenant_id = $1 FOR UPDATE", scope.tenant_id
        )
    )


async def save(scope: Scope, values: dict[str, Any]) -> AutoReload:
    """The whole row, new or again."""
    names = list(values)
    places = ", ".join(f"${at}" for at in range(2, len(names) + 2))
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    row = await scope.one(
        f"INSERT INTO auto_reload (tenant_id, {', '.join(names)}) VALUES ($1, {places})"
        f" ON CONFLICT (tenant_id) DO UPDATE SET {sets} RETURNING {COLUMNS}",
        scope.tenant_id,
        *values.values(),
    )
    return msgspec.convert(dict(row), AutoReload)


async def change(scope: Scope, before: AutoReload, changes: dict[str, Any]) -> AutoReload | None:
    """Compare-and-set on the state that was read."""
    sets = ", ".join(f"{name} = ${at}" for at, name in enumerate(changes, 3))
    return _row(
        await scope.row(
            f"UPDATE auto_reload SET {sets} WHERE tenant_id = $1 AND state = $2"
            f" RETURNING {COLUMNS}",
            scope.tenant_id,
            before.state.value,
            *changes.values(),
        )
    )


async def cap_was_told(scope: Scope, month: date) -> bool:
    """Marks it told; whether it was before."""
    changed = await scope.execute(
        "UPDATE auto_reload SET cap_told_on = $2"
        " WHERE tenant_id = $1 AND cap_told_on IS DISTINCT FROM $2",
        scope.tenant_id,
        month,
    )
    return not changed


async def on_its_way(scope: Scope) -> int:
    """Credits bought and not yet there: of cards charged by us, and of delayed methods."""
    credits_due: int = await scope.value(
        "SELECT coalesce(sum(credits), 0)::bigint FROM purchases WHERE tenant_id = $1"
        " AND (state = 'processing' OR (source = 'auto_reload'"
        " AND state IN ('pending', 'awaiting_customer')))",
        scope.tenant_id,
    )
    return credits_due


async def spent_since(scope: Scope, start: datetime) -> int:
    """Money of auto-reload: paid, and on its way."""
    minor: int = await scope.value(
        "SELECT coalesce(sum(gross_minor), 0)::bigint FROM purchases WHERE tenant_id = $1"
        " AND source = 'auto_reload' AND state NOT IN ('failed', 'expired') AND created_at >= $2",
        scope.tenant_id,
        start,
    )
    return minor


async def opened_since(scope: Scope, start: datetime) -> int:
    count: int = await scope.value(
        "SELECT count(*) FROM auto_reloads WHERE tenant_id = $1 AND opened_at > $2",
        scope.tenant_id,
        start,
    )
    return count


async def attempts_of(scope: Scope, crossing_no: int) -> int:
    count: int = await scope.value(
        "SELECT coalesce(max(attempt), 0)::int FROM auto_reloads WHERE tenant_id = $1"
        " AND crossing_no = $2",
        scope.tenant_id,
        crossing_no,
    )
    return count


async def was_told(scope: Scope, announcement_id: UUID) -> bool:
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT FROM auto_reloads WHERE tenant_id = $1 AND told_by = $2)",
            scope.tenant_id,
            announcement_id,
        )
    )


async def insert(
    scope: Scope, purchase_id: UUID, crossing: tuple[int, int], told_by: UUID | None, card_id: str
) -> None:
    """`crossing`: its number and the attempt at it."""
    await scope.execute(
        "INSERT INTO auto_reloads (tenant_id, purchase_id, crossing_no, attempt, told_by, card_id,"
        " opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        purchase_id,
        *crossing,
        told_by,
        card_id,
        scope.now,
    )


async def find(scope: Scope, purchase_id: UUID) -> Reload | None:
    row = await scope.row(
        "SELECT purchase_id, crossing_no, attempt, card_id, opened_at, outcome FROM auto_reloads"
        " WHERE tenant_id = $1 AND purchase_id = $2",
        scope.tenant_id,
        purchase_id,
    )
    return msgspec.convert(dict(row), Reload) if row else None


async def last(scope: Scope) -> Reload | None:
    row = await scope.row(
        "SELECT purchase_id, crossing_no, attempt, card_id, opened_at, outcome FROM auto_reloads"
        " WHERE tenant_id = $1 ORDER BY crossing_no DESC, attempt DESC LIMIT 1",
        scope.tenant_id,
    )
    return msgspec.convert(dict(row), Reload) if row else None


async def end(scope: Scope, purchase_id: UUID, outcome: str) -> bool:
    """False where this was booked before. A failed one may still be paid by its owner."""
    return bool(
        await scope.execute(
            "UPDATE auto_reloads SET outcome = $3, ended_at = $4 WHERE tenant_id = $1"
            " AND purchase_id = $2 AND (outcome IS NULL OR (outcome = 'failed' AND $3 = 'paid'))",
            scope.tenant_id,
            purchase_id,
            outcome,
            scope.now,
        )
    )


async def due(scope: Scope, limit: int) -> list[UUID]:
    """Of every tenant, the longest waiting first."""
    rows = await scope.rows(
        "SELECT tenant_id FROM auto_reload WHERE state IN ('on', 'backing_off')"
        " AND next_check_at <= $1 ORDER BY next_check_at LIMIT $2",
        scope.now,
        limit,
    )
    return [row["tenant_id"] for row in rows]


async def uncharged(
    scope: Scope, opened_before: datetime, asked_before: datetime, limit: int
) -> list[asyncpg.Record]:
    """Opened, and nobody knows whether the provider was ever asked; or its owner was asked, and
    never answered.
    """
    return await scope.rows(
        "SELECT r.tenant_id, r.purchase_id FROM auto_reloads r JOIN purchases p"
        " ON p.tenant_id = r.tenant_id AND p.id = r.purchase_id WHERE r.outcome IS NULL"
        " AND (p.state = 'pending' AND p.payment_id IS NULL AND r.opened_at < $1"
        " OR p.state = 'awaiting_customer' AND r.opened_at < $2)"
        " ORDER BY r.opened_at LIMIT $3",
        opened_before,
        asked_before,
        limit,
    )


async def payment_before(scope: Scope, reload: Reload) -> str | None:
    """Of the try before at the same crossing, where a payment was made."""
    payment: str | None = await scope.value(
        "SELECT p.payment_id FROM auto_reloads r JOIN purchases p"
        " ON p.tenant_id = r.tenant_id AND p.id = r.purchase_id WHERE r.tenant_id = $1"
        " AND r.crossing_no = $2 AND r.attempt < $3 AND p.state <> 'paid'"
        " ORDER BY r.attempt DESC LIMIT 1",
        scope.tenant_id,
        reload.crossing_no,
        reload.attempt,
    )
    return payment
