"""The end of idempotency keys: deleted oldest first, in pages, by any number of clocks."""

from datetime import timedelta
from uuid import UUID

from backend.db.idempotency import IDEMPOTENCY_DAYS
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.principal import system

KEYS_PER_PAGE_MAX = 1_000
TENANTS_PER_SWEEP_MAX = 200
"""What is left comes with the next sweep, at once."""


async def forget_old_requests() -> int:
    """Use case of the clock: keys older than IDEMPOTENCY_DAYS. Returns the rows deleted."""
    async with platform_scope(system("requests"), "old idempotency keys") as scope:
        deleted = await _forget_staffs(scope)
        rows = await scope.rows(
            "SELECT DISTINCT tenant_id FROM (SELECT tenant_id FROM idempotency_keys"
            " WHERE created_at < $1 ORDER BY created_at LIMIT $2) AS oldest LIMIT $3",
            scope.now - timedelta(days=IDEMPOTENCY_DAYS),
            TENANTS_PER_SWEEP_MAX * KEYS_PER_PAGE_MAX,
            TENANTS_PER_SWEEP_MAX,
        )
    for row in rows:
        deleted += await _forget_tenants(row["tenant_id"])
    return deleted


async def _forget_staffs(scope: Scope) -> int:
    return await scope.execute(
        "DELETE FROM staff_requests WHERE (actor, key) IN (SELECT actor, key FROM staff_requests"
        " WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
        scope.now - timedelta(days=IDEMPOTENCY_DAYS),
        KEYS_PER_PAGE_MAX,
    )


async def _forget_tenants(tenant_id: UUID) -> int:
    """One page, in a transaction of its own."""
    async with tenant_scope(system("requests", tenant_id)) as scope:
        return await scope.execute(
            "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND (actor, key) IN"
            " (SELECT actor, key FROM idempotency_keys WHERE tenant_id = $1 AND created_at < $2"
            " ORDER BY created_at LIMIT $3)",
            tenant_id,
            scope.now - timedelta(days=IDEMPOTENCY_DAYS),
            KEYS_PER_PAGE_MAX,
        )
