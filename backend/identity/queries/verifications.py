"""Verifications of numbers: in the tenant's scope, but for what is counted over all tenants."""

from datetime import datetime
from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.identity.states import OPEN, TRANSITIONS, VerificationState

_COLUMNS = "id, phone, state, tries, failure, created_at, expires_at, verified_at"
_OPEN = sorted(state.value for state in OPEN)


async def lock_tenant(scope: Scope) -> None:
    await scope.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('verification:' || $1::text, 0))",
        str(scope.tenant_id),
    )


async def requests_since(  # noqa: PLR0917 - what is counted, and since when
    scope: Scope, phone: str, range_prefix: str, address_hash: bytes, day: datetime, hour: datetime
) -> asyncpg.Record:
    """In a platform scope, over all tenants: (number, range, address, everybody)."""
    return await scope.one(
        "SELECT (SELECT count(*) FROM number_verifications WHERE phone = $1 AND created_at > $4)"
        " AS number, (SELECT count(*) FROM number_verifications WHERE range_prefix = $2"
        " AND created_at > $5) AS range, (SELECT count(*) FROM number_verifications"
        " WHERE address_hash = $3 AND created_at > $5) AS address,"
        " (SELECT count(*) FROM number_verifications WHERE created_at > $4) AS everybody",
        phone,
        range_prefix,
        address_hash,
        day,
        hour,
    )


async def own_since(scope: Scope, since: datetime) -> asyncpg.Record:
    """Of this tenant: how many, and when the newest was asked for."""
    return await scope.one(
        "SELECT count(*) AS requests, max(created_at) AS newest_at FROM number_verifications"
        " WHERE tenant_id = $1 AND created_at > $2",
        scope.tenant_id,
        since,
    )


async def replace_open(scope: Scope) -> None:
    await scope.execute(
        "UPDATE number_verifications SET state = 'replaced', code_hash = NULL"
        " WHERE tenant_id = $1 AND state = ANY($2::text[])",
        scope.tenant_id,
        _OPEN,
    )


async def insert(  # noqa: PLR0917 - one row
    scope: Scope,
    verification_id: UUID,
    phone: str,
    range_prefix: str,
    address_hash: bytes,
    expires_at: datetime,
) -> None:
    await scope.execute(
        "INSERT INTO number_verifications (tenant_id, id, phone, range_prefix, address_hash,"
        " requested_by, state, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'requested', $7, $8)",
        scope.tenant_id,
        verification_id,
        phone,
        range_prefix,
        address_hash,
        scope.principal.actor,
        scope.now,
        expires_at,
    )


async def newest(scope: Scope) -> asyncpg.Record | None:
    return await scope.row(
        f"SELECT {_COLUMNS} FROM number_verifications WHERE tenant_id = $1"
        " ORDER BY created_at DESC, id DESC LIMIT 1",
        scope.tenant_id,
    )


async def one(scope: Scope, verification_id: UUID) -> asyncpg.Record:
    """Raises NotFound."""
    return await scope.one(
        f"SELECT {_COLUMNS} FROM number_verifications WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        verification_id,
    )


async def spend_try(scope: Scope, verification_id: UUID, tries_max: int) -> asyncpg.Record | None:
    """Before the code is looked at, so that tries side by side are all counted. None: it takes no
    code (any more).
    """
    return await scope.row(
        "UPDATE number_verifications SET tries = tries + 1 WHERE tenant_id = $1 AND id = $2"
        " AND state = 'sent' AND tries < $3 AND expires_at > $4 RETURNING phone, tries, code_hash",
        scope.tenant_id,
        verification_id,
        tries_max,
        scope.now,
    )


async def move(
    scope: Scope,
    verification_id: UUID,
    after: VerificationState,
    *,
    code_hash: str | None = None,
    failure: str | None = None,
) -> bool:
    """The one way a state changes; False: it is in a state that has no way there."""
    before = [state.value for state, ways in TRANSITIONS.items() if after in ways]
    return bool(
        await scope.execute(
            "UPDATE number_verifications SET state = $3, code_hash = $4, failure = $5,"
            " verified_at = CASE WHEN $3 = 'verified' THEN $6::timestamptz END"
            " WHERE tenant_id = $1 AND id = $2 AND state = ANY($7::text[])",
            scope.tenant_id,
            verification_id,
            after.value,
            code_hash,
            failure,
            scope.now,
            before,
        )
    )
