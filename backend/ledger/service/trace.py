"""Any balance explained: the statement, the lots behind a charge, the charges behind a lot."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from backend.db.pages import (
    BIGINT_MAX,
    PAGE_ROWS_DEFAULT,
    check_limit,
    cursor_id,
    decode_cursor,
    next_cursor,
    row_number,
)
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import invalid_field
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.ledger.queries import trace
from backend.ledger.schemas import (
    BalancesView,
    LotDecision,
    LotTrace,
    LotUse,
    LotView,
    StatementFilter,
    StatementLine,
    TransferLine,
    TransferPart,
    TransferView,
)
from backend.ledger.states import LedgerAccount

DECISIONS_MAX = 200
INSTANT_YEAR_MIN, INSTANT_YEAR_MAX = 2000, 2200
EVERYTHING = StatementFilter(LedgerAccount.AVAILABLE)


def _check_instant(name: str, instant: datetime | None) -> None:
    """A moment without its zone means another one in every zone; it is refused, not guessed."""
    if instant is None:
        return
    if instant.tzinfo is None or not INSTANT_YEAR_MIN <= instant.year <= INSTANT_YEAR_MAX:
        raise invalid_field(
            f"/query/{name}",
            "invalid_parameter",
            f"a moment with its zone, of the years {INSTANT_YEAR_MIN} to {INSTANT_YEAR_MAX}",
        )


async def statement(
    scope: Scope,
    asked: StatementFilter = EVERYTHING,
    *,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[StatementLine]:
    """What moved one account, newest first, with the balance each transfer left.

    `since` and `until` are both included; `until` alone shows the account as it stood then.
    """
    check_limit(limit)
    _check_instant("from", asked.since)
    _check_instant("to", asked.until)
    first, last = 1, BIGINT_MAX
    if asked.since is not None:
        first += await trace.newest_version(scope, asked.account, asked.since, is_before=True)
    if asked.until is not None:
        last = await trace.newest_version(scope, asked.account, asked.until)
    if cursor is not None:
        last = min(last, decode_cursor(cursor, row_number)[0] - 1)
    rows = await trace.statement(scope, asked, first, last, limit)
    return Page(
        items=[msgspec.convert(dict(row), StatementLine) for row in rows],
        next_cursor=next_cursor(rows, limit, "number"),
    )


async def balances_at(scope: Scope, at: datetime | None = None) -> BalancesView:
    """Every account as it stood at an instant, or now."""
    at = at or scope.now
    _check_instant("at", at)
    return replace(BalancesView(at=at), **await trace.balances_at(scope, at))


async def lots_of_transfer(scope: Scope, transfer_id: UUID) -> TransferView:
    """From a charge to the lots whose credits it used. Raises NotFound."""
    found = await trace.transfer(scope, transfer_id)
    return TransferView(
        transfer=msgspec.convert(dict(found), TransferLine),
        parts=[
            msgspec.convert(dict(row), TransferPart)
            for row in await trace.parts(scope, transfer_id)
        ],
    )


async def lots_of_tenant(
    scope: Scope,
    *,
    is_open: bool = False,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[LotView]:
    """Newest first; `is_open`: only those that something is left of."""
    check_limit(limit)
    rows = await trace.lots(scope, cursor_id(cursor), limit, is_open=is_open)
    return Page(
        items=[msgspec.convert(dict(row), LotView) for row in rows],
        next_cursor=next_cursor(rows, limit, "id"),
    )


async def lot(scope: Scope, lot_id: UUID) -> LotTrace:
    """Raises NotFound."""
    found = await trace.lot(scope, lot_id)
    decided = await trace.decisions(scope, lot_id, DECISIONS_MAX)
    return LotTrace(
        lot=msgspec.convert(dict(found), LotView),
        decisions=[msgspec.convert(dict(row), LotDecision) for row in decided],
    )


async def uses_of_lot(
    scope: Scope, lot_id: UUID, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[LotUse]:
    """The holds that took from a lot, the newest first. Raises NotFound."""
    check_limit(limit)
    await trace.lot(scope, lot_id)
    rows = await trace.uses(scope, lot_id, cursor_id(cursor), limit)
    return Page(
        items=[msgspec.convert(dict(row), LotUse) for row in rows],
        next_cursor=next_cursor(rows, limit, "hold_id"),
    )


async def transfers_of_lot(
    scope: Scope, lot_id: UUID, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[TransferLine]:
    """Everything that moved credits of a lot, the newest first. Raises NotFound."""
    check_limit(limit)
    await trace.lot(scope, lot_id)
    rows = await trace.moves(scope, lot_id, cursor_id(cursor), limit)
    return Page(
        items=[msgspec.convert(dict(row), TransferLine) for row in rows],
        next_cursor=next_cursor(rows, limit, "transfer_id"),
    )


async def read_statement(
    principal: Principal,
    tenant_id: UUID | None,
    asked: StatementFilter,
    *,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[StatementLine]:
    async with tenant_scope(principal, tenant_id, reason="statement") as scope:
        await read_tenant_facts(scope)  # NotFound for a tenant that is not there
        return await statement(scope, asked, cursor=cursor, limit=limit)


async def read_balances_at(
    principal: Principal, tenant_id: UUID | None, at: datetime | None
) -> BalancesView:
    async with tenant_scope(principal, tenant_id, reason="balances at an instant") as scope:
        await read_tenant_facts(scope)
        return await balances_at(scope, at)


async def read_transfer(
    principal: Principal, tenant_id: UUID | None, transfer_id: UUID
) -> TransferView:
    async with tenant_scope(principal, tenant_id, reason=f"transfer {transfer_id}") as scope:
        return await lots_of_transfer(scope, transfer_id)


async def read_lots(
    principal: Principal,
    tenant_id: UUID | None,
    *,
    is_open: bool = False,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[LotView]:
    async with tenant_scope(principal, tenant_id, reason="lots") as scope:
        await read_tenant_facts(scope)
        return await lots_of_tenant(scope, is_open=is_open, cursor=cursor, limit=limit)


async def read_lot(principal: Principal, tenant_id: UUID | None, lot_id: UUID) -> LotTrace:
    async with tenant_scope(principal, tenant_id, reason=f"lot {lot_id}") as scope:
        return await lot(scope, lot_id)


async def read_uses(
    principal: Principal,
    tenant_id: UUID | None,
    lot_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[LotUse]:
    async with tenant_scope(principal, tenant_id, reason=f"uses of lot {lot_id}") as scope:
        return await uses_of_lot(scope, lot_id, cursor=cursor, limit=limit)


async def read_moves(
    principal: Principal,
    tenant_id: UUID | None,
    lot_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[TransferLine]:
    async with tenant_scope(principal, tenant_id, reason=f"transfers of lot {lot_id}") as scope:
        return await transfers_of_lot(scope, lot_id, cursor=cursor, limit=limit)
