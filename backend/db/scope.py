"""The four scopes: the only way to data (DESIGN §5.4).

Each opens one transaction, takes a role without BYPASSRLS for its length and reads the database
clock once. Outside a scope the login role may read nothing.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from backend.db.idempotency import begin_request, keep_answer
from backend.db.transaction import Transaction
from backend.kernel import clock
from backend.kernel.errors import NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, PrincipalKind

Door = Literal[
    "login", "sign_up", "api_key", "receipt", "stripe", "invitation", "reset", "second_factor"
]
ACCESS_REASON_CHARACTERS_MAX: Final = 500
_encoder = msgspec.json.Encoder()


class Scope:
    """An open transaction. Statements run in order; never `gather` them, never call out."""

    def __init__(self, transaction: Transaction, principal: Principal, now: datetime) -> None:
        self.transaction = transaction
        self.connection = transaction.connection
        self.principal = principal
        self.now = now
        self._tenant_id: UUID | None = None

    @property
    def tenant_id(self) -> UUID:
        if self._tenant_id is None:
            raise RuntimeError("this scope is in no tenant")
        return self._tenant_id

    @property
    def entered_tenant_id(self) -> UUID | None:
        """None in a scope of no tenant."""
        return self._tenant_id

    async def rows(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        return await self.connection.fetch(sql, *args)  # type: ignore[no-any-return] # untyped

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        return await self.connection.fetchrow(sql, *args)

    async def one(self, sql: str, *args: Any) -> asyncpg.Record:
        """The one row; `NotFound` when absent, or another tenant's, which looks the same."""
        row = await self.connection.fetchrow(sql, *args)
        if row is None:
            raise NotFound
        return row

    async def value(self, sql: str, *args: Any) -> Any:
        return await self.connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Number of rows the statement touched (0 for statements without a count)."""
        tag: str = await self.connection.execute(sql, *args)
        last = tag.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        await self.connection.executemany(sql, rows)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """COPY into a temporary table of this transaction (a row-secured table refuses COPY)."""
        await self.connection.copy_records_to_table(table, records=rows, columns=list(columns))

    async def answer(self, view: Any, status: int = 201) -> None:
        """Store what the client will get, so that a retry with the same key gets the same."""
        if self.principal.idempotency is not None:
            body = _encoder.encode(view)
            await keep_answer(self.connection, self._tenant_id, self.principal, status, body)


class BatchScope(Scope):
    """Visits several tenants in one transaction: receipts and grouped API sends only."""

    async def enter(self, tenant_id: UUID) -> None:
        await self.connection.execute(
            "SET LOCAL ROLE clearsend_tenant;"
            f" SELECT set_config('app.tenant_id', '{UUID(str(tenant_id))}', true)"
        )
        self._tenant_id = tenant_id

    async def leave(self) -> None:
        await self.connection.execute(
            "SET LOCAL ROLE clearsend_doorway; SELECT set_config('app.tenant_id', '', true)"
        )
        self._tenant_id = None


async def _write_access(scope: Scope, tenant_id: UUID | None, reason: str) -> None:
    await scope.execute(
        "INSERT INTO access_audit (id, actor, tenant_id, reason, request_id)"
        " VALUES ($1, $2, $3, $4, $5)",
        uuid7(),
        scope.principal.actor,
        tenant_id,
        reason[:ACCESS_REASON_CHARACTERS_MAX],  # some join a person's words to their own
        scope.principal.request_id,
    )


def _check_may_enter(principal: Principal, tenant_id: UUID, reason: str) -> None:
    if principal.kind in (PrincipalKind.MEMBER, PrincipalKind.API_KEY):
        if tenant_id != principal.tenant_id:
            raise NotFound
    elif principal.kind is PrincipalKind.STAFF and not reason:
        raise RuntimeError("staff enter a tenant with a reason")


@asynccontextmanager
async def tenant_scope(
    principal: Principal, tenant_id: UUID | None = None, *, reason: str = ""
) -> AsyncIterator[Scope]:
    """One tenant's data. Staff name the tenant and a reason, written before anything is read.

    Raises NotFound for a member of another tenant, Conflict `in_progress` and InvalidInput
    `idempotency_key_reused` for the idempotency key, IdempotentReplay with the stored answer.
    """
    tenant = tenant_id or principal.tenant_id
    if tenant is None:
        raise NotFound
    _check_may_enter(principal, tenant, reason)
    prelude = "BEGIN; SET LOCAL ROLE clearsend_tenant"
    async with Transaction(prelude) as transaction:
        row = await transaction.connection.fetchrow(
            "SELECT now() AS now, set_config('app.tenant_id', $1, true)", str(tenant)
        )
        scope = Scope(transaction, principal, row["now"] + clock.offset())
        scope._tenant_id = tenant  # noqa: SLF001 - the one place that sets it
        if principal.kind is PrincipalKind.STAFF:
            await _write_access(scope, tenant, reason)
        if principal.idempotency is not None:
            await begin_request(transaction.connection, tenant, principal)
        yield scope


@asynccontextmanager
async def platform_scope(
    principal: Principal, reason: str, tenant_id: UUID | None = None, *, takes_key: bool = False
) -> AsyncIterator[Scope]:
    """Reads tenant tables across tenants, reads and writes platform tables.

    Staff looks are audited first, with `tenant_id` where the look is at one tenant. Tenants' people
    and programs never enter: nothing but a filter would keep them to their own. `takes_key`: the
    act itself happens here, at no tenant, so the idempotency key is this scope's.
    """
    if principal.kind in (PrincipalKind.MEMBER, PrincipalKind.API_KEY):
        raise RuntimeError("tenants' people and programs read in their tenant's scope")
    async with Transaction("BEGIN; SET LOCAL ROLE clearsend_platform") as transaction:
        now = await transaction.connection.fetchval("SELECT now()")
        scope = Scope(transaction, principal, now + clock.offset())
        if principal.kind is PrincipalKind.STAFF:
            await _write_access(scope, tenant_id, reason)
        if takes_key:
            await begin_request(transaction.connection, None, principal)
        yield scope


@asynccontextmanager
async def doorway_scope(door: Door, principal: Principal) -> AsyncIterator[Scope]:
    """What arrives before a tenant is known: the directory tables and raw inboxes only."""
    async with Transaction("BEGIN; SET LOCAL ROLE clearsend_doorway") as transaction:
        now = await transaction.connection.fetchval("SELECT now() /* " + door + " */")
        yield Scope(transaction, principal, now + clock.offset())


@asynccontextmanager
async def batch_scope(
    kind: Literal["gateway", "api"], principal: Principal
) -> AsyncIterator[BatchScope]:
    """Starts in the doorway; `enter` visits a tenant, one statement per tenant and kind."""
    async with Transaction("BEGIN; SET LOCAL ROLE clearsend_doorway") as transaction:
        now = await transaction.connection.fetchval("SELECT now() /* " + kind + " */")
        yield BatchScope(transaction, principal, now + clock.offset())
