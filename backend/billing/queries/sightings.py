"""References of money that came in, over all tenants. In a platform scope."""

from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope

_TOP_UP = (
    "t.tenant_id, n.name AS tenant_name, t.reference, t.amount_credits, t.created_by AS seen_by,"
    " t.created_at AS seen_at, t.id AS top_up_id, t.state"
)


async def take_turn(scope: Scope, key: str) -> None:
    """Two clerks with one reference come one after the other, until this transaction ends."""
    await scope.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 34))", key)


async def is_ours(scope: Scope, key: str, tenant_id: UUID) -> bool:
    return bool(
        await scope.value(
            "SELECT true FROM reference_sightings WHERE reference_key = $1 AND tenant_id = $2",
            key,
            tenant_id,
        )
    )


async def spelt_otherwise(
    scope: Scope, key: str, tenant_id: UUID, reference: str, limit: int
) -> list[asyncpg.Record]:
    """This tenant's top-ups that stand, of the same letters and digits written in another way."""
    return await scope.rows(
        f"SELECT {_TOP_UP} FROM reference_sightings s JOIN top_ups t ON t.tenant_id = s.tenant_id"
        " AND t.reference = s.reference AND t.state IN ('pending', 'credited')"
        " JOIN pub_identity_tenants n ON n.tenant_id = t.tenant_id"
        " WHERE s.reference_key = $1 AND s.tenant_id = $2 AND s.reference <> $3 LIMIT $4",
        key,
        tenant_id,
        reference,
        limit,
    )


async def reversed_ones(
    scope: Scope, key: str, tenant_id: UUID, reference: str, limit: int
) -> list[asyncpg.Record]:
    """This tenant's top-ups with this reference that were taken back, where none stands now."""
    return await scope.rows(
        "WITH alike AS (SELECT t.* FROM top_ups t WHERE t.tenant_id = $2 AND (t.reference = $3"
        " OR t.reference IN (SELECT s.reference FROM reference_sightings s"
        " WHERE s.reference_key = $1 AND s.tenant_id = $2)))"
        f" SELECT {_TOP_UP} FROM alike t JOIN pub_identity_tenants n ON n.tenant_id = t.tenant_id"
        " WHERE t.state = 'reversed'"
        " AND NOT EXISTS (SELECT FROM alike WHERE state IN ('pending', 'credited'))"
        " ORDER BY t.created_at DESC LIMIT $4",
        key,
        tenant_id,
        reference,
        limit,
    )


async def earlier(
    scope: Scope, key: str, tenant_id: UUID, since: datetime, limit: int
) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT s.tenant_id, n.name AS tenant_name, s.reference, s.amount_credits, s.seen_by,"
        " s.seen_at, t.id AS top_up_id, t.state FROM reference_sightings s"
        " JOIN pub_identity_tenants n ON n.tenant_id = s.tenant_id"
        " LEFT JOIN top_ups t ON t.tenant_id = s.tenant_id AND t.reference = s.reference"
        " AND t.state <> 'declined'"
        " WHERE s.reference_key = $1 AND s.tenant_id <> $2 AND s.seen_at > $3"
        " ORDER BY s.seen_at DESC LIMIT $4",
        key,
        tenant_id,
        since,
        limit,
    )


async def note(scope: Scope, key: str, tenant_id: UUID, reference: str, amount: int) -> None:
    await scope.execute(
        "INSERT INTO reference_sightings (reference_key, tenant_id, reference, amount_credits,"
        " seen_by, seen_at) VALUES ($1, $2, $3, $4, $5, $6)",
        key,
        tenant_id,
        reference,
        amount,
        scope.principal.actor,
        scope.now,
    )
