"""Tariffs: written whole, approved or withdrawn once."""

from datetime import datetime

import asyncpg

from backend.billing.schemas.tariffs import TariffCreate
from backend.db.scope import Scope

COLUMNS = (
    "version, currency, effective_from, reason, created_by, created_at, approved_by, approved_at,"
    " withdrawn_by, withdrawn_at"
)
# Of two with the same day the later version: it was made knowing the other.
_IN_FORCE = (
    "SELECT version FROM tariffs WHERE currency = $1 AND effective_from <= $2"
    " AND approved_at IS NOT NULL ORDER BY effective_from DESC, version DESC LIMIT 1"
)


async def in_force(scope: Scope, currency: str, at: datetime | None = None) -> int | None:
    version: int | None = await scope.value(_IN_FORCE, currency, at or scope.now)
    return version


async def tiers_of(scope: Scope, version: int) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT credits_from, unit_price_micro FROM tariff_tiers WHERE version = $1"
        " ORDER BY credits_from",
        version,
    )


async def newest_version(scope: Scope) -> int:
    version: int = await scope.value("SELECT max(version) FROM tariffs")
    return version


async def insert(scope: Scope, version: int, data: TariffCreate) -> None:
    """The tiers first: the tariff's own row seals them."""
    await scope.execute(
        "INSERT INTO tariff_tiers (version, tier_no, credits_from, unit_price_micro)"
        " SELECT $1, ordinality, credits_from, unit_price_micro"
        " FROM unnest($2::bigint[], $3::bigint[])"
        " WITH ORDINALITY t (credits_from, unit_price_micro, ordinality)",
        version,
        [tier.credits_from for tier in data.tiers],
        [tier.unit_price_micro for tier in data.tiers],
    )
    await scope.execute(
        "INSERT INTO tariffs (version, currency, effective_from, reason, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        version,
        data.currency,
        data.effective_from,
        data.reason,
        scope.principal.actor,
        scope.now,
    )


async def one(scope: Scope, version: int) -> asyncpg.Record:
    return await scope.one(f"SELECT {COLUMNS} FROM tariffs WHERE version = $1", version)


async def page(scope: Scope, before: int | None, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT {COLUMNS} FROM tariffs WHERE $1::integer IS NULL OR version < $1"
        " ORDER BY version DESC LIMIT $2",
        before,
        limit,
    )


async def approve(scope: Scope, version: int) -> bool:
    return bool(
        await scope.execute(
            "UPDATE tariffs SET approved_by = $2, approved_at = $3"
            " WHERE version = $1 AND approved_by IS NULL AND withdrawn_by IS NULL",
            version,
            scope.principal.actor,
            scope.now,
        )
    )


async def withdraw(scope: Scope, version: int) -> bool:
    return bool(
        await scope.execute(
            "UPDATE tariffs SET withdrawn_by = $2, withdrawn_at = $3"
            " WHERE version = $1 AND approved_by IS NULL AND withdrawn_by IS NULL",
            version,
            scope.principal.actor,
            scope.now,
        )
    )
