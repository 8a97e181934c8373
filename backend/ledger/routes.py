"""Balance, statement and traces over HTTP: a tenant's own, and any tenant's for finance."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, QueryParameter

from backend.api.routing import FromPrincipal, get
from backend.kernel.views import Page
from backend.ledger.schemas import (
    BalancesView,
    BalanceView,
    LotTrace,
    LotUse,
    LotView,
    SpendingView,
    StatementFilter,
    StatementLine,
    TransferLine,
    TransferView,
)
from backend.ledger.service import balance, spending, trace
from backend.ledger.states import LedgerAccount, TransferKind

Account = Annotated[LedgerAccount, QueryParameter(name="account")]
Kind = Annotated[TransferKind | None, QueryParameter(name="kind")]
Session = Annotated[UUID | None, QueryParameter(name="session_id")]
Actor = Annotated[str | None, QueryParameter(name="actor", max_length=200)]
Since = Annotated[datetime | None, QueryParameter(name="from")]
Until = Annotated[datetime | None, QueryParameter(name="to")]
At = Annotated[datetime | None, QueryParameter(name="at")]
IsOpen = Annotated[bool, QueryParameter(name="open")]
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
Days = Annotated[int, QueryParameter(name="days")]
Zone = Annotated[str, QueryParameter(name="zone", max_length=60)]


@get("/v1/balance")
async def read_balance(principal: FromPrincipal) -> BalanceView:
    return await balance.read_balance(principal)


@get("/v1/ledger")
async def list_transfers(
    principal: FromPrincipal,
    *,
    account: Account = LedgerAccount.AVAILABLE,
    kind: Kind = None,
    session: Session = None,
    actor: Actor = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[StatementLine]:
    asked = StatementFilter(account, kind, session, actor, since, until)
    return await trace.read_statement(principal, None, asked, cursor=cursor, limit=limit)


@get("/v1/ledger/balances")
async def read_balances_at(principal: FromPrincipal, at: At = None) -> BalancesView:
    return await trace.read_balances_at(principal, None, at)


@get("/v1/ledger/transfers/{transfer_id:uuid}")
async def read_transfer(transfer_id: FromPath[UUID], principal: FromPrincipal) -> TransferView:
    return await trace.read_transfer(principal, None, transfer_id)


@get("/v1/ledger/lots")
async def list_lots(
    principal: FromPrincipal, is_open: IsOpen = False, cursor: Cursor = None, limit: Limit = 50
) -> Page[LotView]:
    return await trace.read_lots(principal, None, is_open=is_open, cursor=cursor, limit=limit)


@get("/v1/ledger/lots/{lot_id:uuid}")
async def read_lot(lot_id: FromPath[UUID], principal: FromPrincipal) -> LotTrace:
    return await trace.read_lot(principal, None, lot_id)


@get("/v1/ledger/lots/{lot_id:uuid}/uses")
async def list_lot_uses(
    lot_id: FromPath[UUID], principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[LotUse]:
    return await trace.read_uses(principal, None, lot_id, cursor=cursor, limit=limit)


@get("/v1/ledger/lots/{lot_id:uuid}/transfers")
async def list_lot_transfers(
    lot_id: FromPath[UUID], principal: FromPrincipal, cursor: Cursor = None, limit: Limit = 50
) -> Page[TransferLine]:
    return await trace.read_moves(principal, None, lot_id, cursor=cursor, limit=limit)


@get("/v1/tenants/{tenant_id:uuid}/balance")
async def read_tenant_balance(tenant_id: FromPath[UUID], principal: FromPrincipal) -> BalanceView:
    return await balance.read_balance(principal, tenant_id, reason="balance")


@get("/v1/tenants/{tenant_id:uuid}/ledger")
async def list_tenant_transfers(
    tenant_id: FromPath[UUID],
    principal: FromPrincipal,
    *,
    account: Account = LedgerAccount.AVAILABLE,
    kind: Kind = None,
    session: Session = None,
    actor: Actor = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[StatementLine]:
    asked = StatementFilter(account, kind, session, actor, since, until)
    return await trace.read_statement(principal, tenant_id, asked, cursor=cursor, limit=limit)


@get("/v1/tenants/{tenant_id:uuid}/ledger/balances")
async def read_tenant_balances_at(
    tenant_id: FromPath[UUID], principal: FromPrincipal, at: At
) -> BalancesView:
    return await trace.read_balances_at(principal, tenant_id, at)


@get("/v1/tenants/{tenant_id:uuid}/ledger/transfers/{transfer_id:uuid}")
async def read_tenant_transfer(
    tenant_id: FromPath[UUID], transfer_id: FromPath[UUID], principal: FromPrincipal
) -> TransferView:
    return await trace.read_transfer(principal, tenant_id, transfer_id)


@get("/v1/tenants/{tenant_id:uuid}/ledger/lots")
async def list_tenant_lots(
    tenant_id: FromPath[UUID],
    principal: FromPrincipal,
    is_open: IsOpen = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[LotView]:
    return await trace.read_lots(principal, tenant_id, is_open=is_open, cursor=cursor, limit=limit)


@get("/v1/tenants/{tenant_id:uuid}/ledger/lots/{lot_id:uuid}")
async def read_tenant_lot(
    tenant_id: FromPath[UUID], lot_id: FromPath[UUID], principal: FromPrincipal
) -> LotTrace:
    return await trace.read_lot(principal, tenant_id, lot_id)


@get("/v1/tenants/{tenant_id:uuid}/ledger/lots/{lot_id:uuid}/uses")
async def list_tenant_lot_uses(
    tenant_id: FromPath[UUID],
    lot_id: FromPath[UUID],
    principal: FromPrincipal,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[LotUse]:
    return await trace.read_uses(principal, tenant_id, lot_id, cursor=cursor, limit=limit)


@get("/v1/tenants/{tenant_id:uuid}/ledger/lots/{lot_id:uuid}/transfers")
async def list_tenant_lot_transfers(
    tenant_id: FromPath[UUID],
    lot_id: FromPath[UUID],
    principal: FromPrincipal,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TransferLine]:
    return await trace.read_moves(principal, tenant_id, lot_id, cursor=cursor, limit=limit)


@get("/v1/spending")
async def read_spending(
    principal: FromPrincipal, days: Days = 30, zone: Zone = "UTC"
) -> SpendingView:
    return await spending.read_spending(principal, days, zone)


router = Router(
    "/",
    route_handlers=[
        read_balance,
        list_transfers,
        read_spending,
        read_balances_at,
        read_transfer,
        list_lots,
        read_lot,
        list_lot_uses,
        list_lot_transfers,
        read_tenant_balance,
        list_tenant_transfers,
        read_tenant_balances_at,
        read_tenant_transfer,
        list_tenant_lots,
        read_tenant_lot,
        list_tenant_lot_uses,
        list_tenant_lot_transfers,
    ],
)
