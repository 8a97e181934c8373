"""The idempotency row, written in the transaction of the effect it stands for.

Kept for 7 days (`IDEMPOTENCY_DAYS`), per tenant and actor; of staff at no tenant, per actor.
"""

from typing import Any
from uuid import UUID

import asyncpg

from backend.kernel.errors import Conflict, InvalidInput, NotFound
from backend.kernel.principal import Idempotency, Principal
from backend.kernel.replay import IdempotentReplay

IDEMPOTENCY_DAYS = 7
RETRY_AFTER_SECONDS = 1


async def begin_request(
    connection: asyncpg.Connection, tenant_id: UUID | None, principal: Principal
) -> None:
    """Raises Conflict `in_progress`, InvalidInput `idempotency_key_reused`, IdempotentReplay.

    A row without an answer is a request that died, or the first scope of this one: go on from the
    rows it left. `tenant_id` None: staff in the platform's scope.
    """
    asked = principal.idempotency
    if asked is None:
        return
    got = await connection.fetchval(
        "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))",
        f"{tenant_id or 'platform'}|{principal.actor}|{asked.key}",
    )
    if not got:
        raise Conflict(
            "in_progress",
            "a request with this idempotency key is being worked on",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )
    row = await _row(connection, tenant_id, principal.actor, asked)
    if row["request_hash"] != asked.request_hash or row["operation"] != asked.operation:
        raise InvalidInput(
            "idempotency_key_reused", "this idempotency key came with another request before"
        )
    if row["body"] is not None:
        raise IdempotentReplay(row["status"], row["body"])


async def _row(
    connection: asyncpg.Connection, tenant_id: UUID | None, actor: str, asked: Idempotency
) -> Any:
    given = (actor, asked.key, asked.operation, asked.request_hash)
    if tenant_id is None:
        return await connection.fetchrow(
            "INSERT INTO staff_requests (actor, key, operation, request_hash)"
            " VALUES ($1, $2, $3, $4) ON CONFLICT (actor, key)"
            " DO UPDATE SET actor = excluded.actor"
            " RETURNING operation, request_hash, status, body",
            *given,
        )
    try:
        return await connection.fetchrow(
            "INSERT INTO idempotency_keys (tenant_id, actor, key, operation, request_hash)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, actor, key)"
            " DO UPDATE SET tenant_id = excluded.tenant_id"
            " RETURNING operation, request_hash, status, body",
            tenant_id,
            *given,
        )
    except asyncpg.ForeignKeyViolationError:
        # Staff name the tenant they act at, and this is the first row that must point to it.
        raise NotFound(detail="no such tenant") from None


async def keep_answer(
    connection: asyncpg.Connection,
    tenant_id: UUID | None,
    principal: Principal,
    status: int,
    body: bytes,
) -> None:
    """What the same request will be answered from now on."""
    if principal.idempotency is None:
        return
    given = (principal.actor, principal.idempotency.key, status, body)
    if tenant_id is None:
        await connection.execute(
            "UPDATE staff_requests SET status = $3, body = $4 WHERE actor = $1 AND key = $2",
            *given,
        )
        return
    await connection.execute(
        "UPDATE idempotency_keys SET status = $4, body = $5"
        " WHERE tenant_id = $1 AND actor = $2 AND key = $3",
        tenant_id,
        *given,
    )
