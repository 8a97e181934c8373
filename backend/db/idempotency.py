"""The idempotency row, written in the transaction of the effect it stands for.

Kept for 7 days (`IDEMPOTENCY_DAYS`), per tenant and actor.
"""

from uuid import UUID

import asyncpg

from backend.kernel.errors import Conflict, InvalidInput
from backend.kernel.principal import Principal
from backend.kernel.replay import IdempotentReplay

IDEMPOTENCY_DAYS = 7
RETRY_AFTER_SECONDS = 1


async def begin_request(
    connection: asyncpg.Connection, tenant_id: UUID, principal: Principal
) -> None:
    """Raises Conflict `in_progress`, InvalidInput `idempotency_key_reused`, IdempotentReplay.

    A row without an answer is a request that died, or the first scope of this one: go on from the
    rows it left.
    """
    asked = principal.idempotency
    if asked is None:
        return
    got = await connection.fetchval(
        "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))",
        f"{tenant_id}|{principal.actor}|{asked.key}",
    )
    if not got:
        raise Conflict(
            "in_progress",
            "a request with this idempotency key is being worked on",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )
    row = await connection.fetchrow(
        "INSERT INTO idempotency_keys (tenant_id, actor, key, operation, request_hash)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, actor, key)"
        " DO UPDATE SET tenant_id = excluded.tenant_id"
        " RETURNING operation, request_hash, status, body",
        tenant_id,
        principal.actor,
        asked.key,
        asked.operation,
        asked.request_hash,
    )
    if row["request_hash"] != asked.request_hash or row["operation"] != asked.operation:
        raise InvalidInput(
            "idempotency_key_reused", "this idempotency key came with another request before"
        )
    if row["body"] is not None:
        raise IdempotentReplay(row["status"], row["body"])
