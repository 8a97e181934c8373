"""Price lists: read whole, written once."""

from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.kernel.ids import uuid7


async def newest_version(scope: Scope) -> int:
    """The last published, whether it has begun or not."""
    version: int = await scope.value("SELECT max(version) FROM price_lists")
    return version


async def version_in_force(scope: Scope) -> int:
    """Begun last; of two that begin at once the later published."""
    version: int = await scope.value(
        "SELECT version FROM price_lists WHERE effective_from <= $1 OR version = 1"
        " ORDER BY effective_from DESC, version DESC LIMIT 1",
        scope.now,
    )
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
    effective_from: datetime | None = None,
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
        " margin_credits_min, reason, created_by, created_at, effective_from)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        version,
        refund_undelivered,
        margin_percent,
        margin_credits_min,
        reason,
        scope.principal.actor,
        scope.now,
        effective_from or scope.now,
    )


_SHOWN = (
    "version, refund_undelivered, margin_percent, margin_credits_min, reason, created_by,"
    " created_at, effective_from"
)


async def lists_page(scope: Scope, before: int | None, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT {_SHOWN} FROM price_lists WHERE ($1::int IS NULL OR version < $1)"
        " ORDER BY version DESC LIMIT $2",
        before,
        limit,
    )


async def list_row(scope: Scope, version: int) -> asyncpg.Record:
    return await scope.one(f"SELECT {_SHOWN} FROM price_lists WHERE version = $1", version)


_PROPOSAL = (
    "id, base_version, changes, refund_undelivered, margin_percent, margin_credits_min,"
    " effective_from, reason, state, created_by, created_at, decided_by, decided_at,"
    " decided_reason, version"
)


async def insert_proposal(scope: Scope, facts: dict[str, object]) -> asyncpg.Record:
    return await scope.one(
        "INSERT INTO price_proposals (id, base_version, changes, refund_undelivered,"
        " margin_percent, margin_credits_min, effective_from, reason, state, created_by,"
        " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10)"
        f" RETURNING {_PROPOSAL}",
        uuid7(),
        *(
            facts[name]
            for name in (
                "base_version",
                "changes",
                "refund_undelivered",
                "margin_percent",
                "margin_credits_min",
                "effective_from",
                "reason",
            )
        ),
        scope.principal.actor,
        scope.now,
    )


async def locked_proposal(scope: Scope, proposal_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {_PROPOSAL} FROM price_proposals WHERE id = $1 FOR UPDATE", proposal_id
    )


async def proposals_page(
    scope: Scope, state: str | None, before: UUID | None, limit: int
) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT {_PROPOSAL} FROM price_proposals WHERE ($1::text IS NULL OR state = $1)"
        " AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        state,
        before,
        limit,
    )


async def decide_proposal(
    scope: Scope, proposal_id: UUID, state: str, reason: str | None, version: int | None
) -> asyncpg.Record:
    return await scope.one(
        "UPDATE price_proposals SET state = $2, decided_by = $3, decided_at = $4,"
        " decided_reason = $5, version = $6 WHERE id = $1 AND state = 'pending'"
        f" RETURNING {_PROPOSAL}",
        proposal_id,
        state,
        scope.principal.actor,
        scope.now,
        reason,
        version,
    )
