"""Price lists: read whole, written once."""

import asyncpg

from backend.db.scope import Scope


async def newest_version(scope: Scope) -> int:
    version: int = await scope.value("SELECT max(version) FROM price_lists")
    return version


async def price(scope: Scope, version: int, country: str, channel: str) -> int | None:
    credits_each: int | None = await scope.value(
        "SELECT credits FROM price_rows WHERE version = $1 AND country = $2 AND channel = $3",
        version,
        country,
        channel,
    )
    return credits_each


async def price_list(
    scope: Scope, version: int
) -> tuple[asyncpg.Record, dict[tuple[str, str], int]]:
    settings = await scope.one(
        "SELECT version, refund_undelivered, margin_percent, margin_credits_min"
        " FROM price_lists WHERE version = $1",
        version,
    )
    rows = await scope.rows(
        "SELECT country, channel, credits FROM price_rows WHERE version = $1", version
    )
    return settings, {(row["country"], row["channel"]): row["credits"] for row in rows}


async def insert_price_list(
    scope: Scope,
    version: int,
    prices: dict[tuple[str, str], int],
    *,
    refund_undelivered: bool,
    margin_percent: int,
    margin_credits_min: int,
    reason: str,
) -> None:
    """The rows first: the list's own row seals them."""
    await scope.execute(
        "INSERT INTO price_rows (version, country, channel, credits)"
        " SELECT $1, * FROM unnest($2::text[], $3::text[], $4::integer[])",
        version,
        [country for country, _ in prices],
        [channel for _, channel in prices],
        list(prices.values()),
    )
    await scope.execute(
        "INSERT INTO price_lists (version, refund_undelivered, margin_percent,"
        " margin_credits_min, reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        version,
        refund_undelivered,
        margin_percent,
        margin_credits_min,
        reason,
        scope.principal.actor,
        scope.now,
    )
