"""One append-only row per change that somebody may have to answer for."""

from typing import Any
from uuid import UUID

from backend.db.scope import Scope
from backend.kernel.ids import uuid7


async def record(scope: Scope, action: str, subject: str, **facts: Any) -> None:
    """`subject` is `noun:id`. Facts hold ids, numbers and reasons, never a phone or a secret."""
    await scope.execute(
        "INSERT INTO audit_log (tenant_id, id, actor, action, subject, facts, request_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant_id,
        uuid7(),
        scope.principal.actor,
        action,
        subject,
        facts,
        scope.principal.request_id,
    )


async def record_of_account(scope: Scope, account_id: UUID, action: str, **facts: Any) -> None:
    """Of somebody's credentials, at no tenant; in the doorway. Facts hold names, never a secret."""
    await scope.execute(
        "INSERT INTO account_audit (account_id, id, at, actor, action, facts, remote_address,"
        " request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        account_id,
        uuid7(),
        scope.now,
        scope.principal.actor,
        action,
        facts,
        scope.principal.remote_address,
        scope.principal.request_id,
    )


async def account_events(scope: Scope, account_id: UUID, limit: int) -> list[Any]:
    """In a platform scope: what was done to somebody's credentials, newest first."""
    return await scope.rows(
        "SELECT id, at, actor, action, facts, remote_address FROM account_audit"
        " WHERE account_id = $1 ORDER BY id DESC LIMIT $2",
        account_id,
        limit,
    )
