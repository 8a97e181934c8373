"""Rows of gateways: a platform table, so every caller is in a platform scope."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from backend.db.scope import Scope

_COLUMNS = (
    "id, name, kind, config, password_sealed, is_enabled,"
    " throughput_segments_per_second_max, working_at, changed_at"
)


async def insert(  # noqa: PLR0917 - one row
    scope: Scope,
    gateway_id: UUID,
    name: str,
    config: dict[str, object],
    password_sealed: bytes,
    throughput: float | None,
) -> bool:
    return bool(
        await scope.execute(
            "INSERT INTO gateways (id, name, config, password_sealed,"
            " throughput_segments_per_second_max, created_at, changed_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (name) DO NOTHING",
            gateway_id,
            name,
            config,
            password_sealed,
            throughput,
            scope.now,
        )
    )


async def enabled(scope: Scope) -> list[asyncpg.Record]:
    return await scope.rows(f"SELECT {_COLUMNS} FROM gateways WHERE is_enabled ORDER BY name")


async def enable(scope: Scope, gateway_id: UUID, *, is_enabled: bool) -> int:
    return await scope.execute(
        "UPDATE gateways SET is_enabled = $2, changed_at = $3 WHERE id = $1",
        gateway_id,
        is_enabled,
        scope.now,
    )


async def note_working(scope: Scope, gateway_ids: list[UUID]) -> None:
    await scope.execute(
        "UPDATE gateways SET working_at = $2 WHERE id = ANY($1::uuid[])", gateway_ids, scope.now
    )


async def grant(scope: Scope, gateway_id: UUID, span: timedelta) -> datetime | None:
    """When the granted span begins; the row lock makes grants follow each other."""
    until: datetime | None = await scope.value(
        "UPDATE gateways SET granted_until = greatest(granted_until, $2) + $3"
        " WHERE id = $1 RETURNING granted_until",
        gateway_id,
        scope.now,
        span,
    )
    return None if until is None else until - span


async def every(scope: Scope) -> list[UUID]:
    return [row["id"] for row in await scope.rows("SELECT id FROM gateways")]


async def count(scope: Scope) -> int:
    return int(await scope.value("SELECT count(*) FROM gateways"))
