"""Rows of purchases, refunds and disputes: all three are inserted once and moved by their state."""

from typing import Any
from uuid import UUID

import asyncpg

from backend.db.scope import Scope


async def insert(
    scope: Scope, table: str, columns: str, values: dict[str, Any]
) -> asyncpg.Record | None:
    """None where a row like it stands: its id, or whatever else is unique of it."""
    names = list(values)
    places = ", ".join(f"${at}" for at in range(2, len(names) + 2))
    return await scope.row(
        f"INSERT INTO {table} (tenant_id, {', '.join(names)}) VALUES ($1, {places})"
        f" ON CONFLICT DO NOTHING RETURNING {columns}",
        scope.tenant_id,
        *values.values(),
    )


async def change(
    scope: Scope,
    table: str,
    columns: str,
    row: tuple[UUID | str, str],
    written: dict[str, Any],
) -> asyncpg.Record | None:
    """Compare-and-set of `row`, an id and the state that was read. None: it was lost."""
    sets = ", ".join(f"{name} = ${at}" for at, name in enumerate(written, 4))
    return await scope.row(
        f"UPDATE {table} SET {sets} WHERE tenant_id = $1 AND id = $2 AND state = $3"
        f" RETURNING {columns}",
        scope.tenant_id,
        *row,
        *written.values(),
    )


async def one(
    scope: Scope, table: str, columns: str, row_id: UUID | str, *, is_locked: bool = False
) -> asyncpg.Record | None:
    """Locked until the end of the transaction: one event of it is booked after the other."""
    lock = " FOR UPDATE" if is_locked else ""
    return await scope.row(
        f"SELECT {columns} FROM {table} WHERE tenant_id = $1 AND id = $2{lock}",
        scope.tenant_id,
        row_id,
    )
