"""Ledgers to start from."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.errors import ClearsendError
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.proof import prove_tenant
from backend.ledger.schemas import BalanceView, Hold, Violation
from backend.ledger.service.balance import balance
from backend.ledger.service.holds import place_hold
from backend.ledger.service.lots import top_up
from backend.outbox.topics import Topic
from tests.factories import make_tenant

TABLES = (
    "ledger_accounts",
    "ledger_lots",
    "ledger_holds",
    "ledger_hold_lots",
    "ledger_transfers",
    "ledger_entries",
    "ledger_decisions",
)


async def make_funded_tenant(amount: int = 100, expires_at: datetime | None = None) -> UUID:
    tenant_id = await make_tenant()
    async with tenant_scope(system("factory", tenant_id)) as scope:
        await top_up(scope, amount, f"first:{tenant_id}", expires_at=expires_at)
    return tenant_id


async def make_hold(tenant_id: UUID, amount: int, session_id: UUID | None = None) -> Hold:
    async with tenant_scope(system("factory", tenant_id)) as scope:
        return await place_hold(scope, f"hold:{uuid7()}", session_id, amount)


async def balance_of(tenant_id: UUID) -> BalanceView:
    async with tenant_scope(system("factory", tenant_id)) as scope:
        return await balance(scope)


async def violations_of(tenant_id: UUID) -> list[Violation]:
    async with platform_scope(system("factory"), "test") as scope:
        return await prove_tenant(scope, tenant_id)


async def rows_of(tenant_id: UUID) -> dict[str, list[str]]:
    """Every row of the tenant's ledger as text: equal before and after what was refused."""
    async with platform_scope(system("factory"), "test") as scope:
        return {
            table: [
                row["line"]
                for row in await scope.rows(
                    f"SELECT t::text AS line FROM {table} t WHERE tenant_id = $1 ORDER BY 1",
                    tenant_id,
                )
            ]
            for table in TABLES
        }


async def lots_of(tenant_id: UUID) -> dict[int, dict[str, Any]]:
    """By their amount, which the tests make unique."""
    async with tenant_scope(system("factory", tenant_id)) as scope:
        rows = await scope.rows("SELECT * FROM ledger_lots")
    return {row["amount"]: dict(row) for row in rows}


async def accounts_of(tenant_id: UUID) -> dict[str, int]:
    """Those with a balance."""
    async with tenant_scope(system("factory", tenant_id)) as scope:
        rows = await scope.rows("SELECT account, balance FROM ledger_accounts WHERE balance <> 0")
    return {row["account"]: row["balance"] for row in rows}


async def announced(tenant_id: UUID, topic: Topic) -> list[dict[str, Any]]:
    async with platform_scope(system("factory"), "test") as scope:
        rows = await scope.rows(
            "SELECT payload FROM outbox WHERE tenant_id = $1 AND topic = $2"
            " ORDER BY created_at, id",
            tenant_id,
            topic.value,
        )
    return [row["payload"] for row in rows]


async def ask(tenant_id: UUID, verb: Callable[..., Awaitable[Any]], *args: Any, **kw: Any) -> Any:
    """One verb in a transaction of its own."""
    async with tenant_scope(system("factory", tenant_id)) as scope:
        return await verb(scope, *args, **kw)


async def refusal(
    tenant_id: UUID, verb: Callable[..., Awaitable[Any]], *args: Any, **kw: Any
) -> tuple[str, dict[str, Any]]:
    """Code and facts of the refusal, which is committed and has changed no row."""
    before = await rows_of(tenant_id)
    async with tenant_scope(system("factory", tenant_id)) as scope:
        try:
            await verb(scope, *args, **kw)
        except ClearsendError as refused:
            answer = refused.code, refused.facts
        else:
            raise AssertionError("was not refused")
    assert await rows_of(tenant_id) == before
    return answer
