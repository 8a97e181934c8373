"""Does promise 11 hold? One top-up per paid purchase, and the sums agree; read from the rows."""

from collections.abc import AsyncIterator

import asyncpg

from backend.billing.queries import proof
from backend.db.scope import platform_scope
from backend.kernel.principal import Principal


async def prove_purchases(principal: Principal) -> AsyncIterator[str]:
    """One line per violation. Every check is one statement, so it sees one instant."""
    for check, sql in proof.CHECKS.items():
        async with platform_scope(principal, "prove the purchases") as scope:
            rows = await scope.rows(sql)
        for row in rows:
            yield _line(check, row)
    async with platform_scope(principal, "prove the purchases") as scope:
        rows = await scope.rows(proof.DOCUMENTED, scope.now - proof.DOCUMENT_GRACE)
    for row in rows:
        yield _line("a paid purchase has its document", row)


def _line(check: str, row: asyncpg.Record) -> str:
    return (
        f"promise 11, one top-up per payment: {check}: tenant {row['tenant_id']},"
        f" {row['subject']}: expected {row['expected']}, found {row['found']}"
    )
