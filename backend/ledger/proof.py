"""Do the promises about credits hold? Read afresh from the rows, tenant by tenant."""

from collections.abc import AsyncIterator
from uuid import UUID

from backend.db.scope import Scope, platform_scope
from backend.kernel.principal import Principal
from backend.ledger.queries import proof
from backend.ledger.schemas import Violation

TENANTS_PER_PAGE = 200


async def prove_tenant(scope: Scope, tenant_id: UUID) -> list[Violation]:
    """Promise 1 for one tenant: empty when it holds."""
    found: list[Violation] = []
    for check, sql in proof.CHECKS.items():
        rows = await scope.rows(sql, tenant_id)
        found += [
            Violation(check, tenant_id, row["subject"], row["expected"], row["found"])
            for row in rows
        ]
    return found


async def prove_ledger(
    principal: Principal, *, tenants_per_page: int = TENANTS_PER_PAGE
) -> AsyncIterator[Violation]:
    """Promise 1 for every tenant, one after the other.

    Every check is one statement, so it sees one instant even while credits move.
    """
    last = UUID(int=0)
    while True:
        async with platform_scope(principal, "prove the ledger") as scope:
            rows = await scope.rows(proof.TENANTS, last, tenants_per_page)
        for row in rows:
            async with platform_scope(principal, "prove the ledger") as scope:
                violations = await prove_tenant(scope, row["tenant_id"])
            for violation in violations:
                yield violation
        if len(rows) < tenants_per_page:
            return
        last = rows[-1]["tenant_id"]
