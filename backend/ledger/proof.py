"""Do the promises about credits hold? Read afresh from the rows, tenant by tenant."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from backend.db.scope import Scope, platform_scope
from backend.kernel.ids import NIL_ID
from backend.kernel.principal import Principal
from backend.ledger.queries import proof
from backend.ledger.schemas import Violation

TENANTS_PER_PAGE: Final = 200
TENANTS_AT_ONCE: Final = 2
"""Connections of the pool that the proof takes: each keeps a processor of the server busy."""


async def prove_tenant(scope: Scope, tenant_id: UUID) -> list[Violation]:
    """Promise 1 for one tenant: empty when it holds."""
    found: list[Violation] = []
    await scope.execute(proof.MEMORY)
    for check, sql in proof.CHECKS.items():
        rows = await scope.rows(sql, tenant_id)
        found += [
            Violation(check, tenant_id, row["subject"], row["expected"], row["found"])
            for row in rows
        ]
    return found


async def _prove_alone(principal: Principal, tenant_id: UUID) -> list[Violation]:
    async with platform_scope(principal, "prove the ledger") as scope:
        return await prove_tenant(scope, tenant_id)


async def prove_ledger(
    principal: Principal, *, tenants_per_page: int = TENANTS_PER_PAGE
) -> AsyncIterator[Violation]:
    """Promise 1 for every tenant, a few at a time, told in their order.

    Every check is one statement, so it sees one instant even while credits move.
    """
    last = NIL_ID
    while True:
        async with platform_scope(principal, "prove the ledger") as scope:
            rows = await scope.rows(proof.TENANTS, last, tenants_per_page)
        for first in range(0, len(rows), TENANTS_AT_ONCE):
            some = [row["tenant_id"] for row in rows[first : first + TENANTS_AT_ONCE]]
            for violations in await asyncio.gather(*(_prove_alone(principal, t) for t in some)):
                for violation in violations:
                    yield violation
        if len(rows) < tenants_per_page:
            return
        last = rows[-1]["tenant_id"]
