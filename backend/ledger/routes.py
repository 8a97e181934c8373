"""Balance and statement over HTTP: a tenant's own, and any tenant's for finance."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, QueryParameter

from backend.api.routing import FromPrincipal, get
from backend.kernel.views import Page
from backend.ledger.schemas import BalanceView, SpendingView, StatementLine
from backend.ledger.service import balance, spending
from backend.ledger.states import LedgerAccount

Account = Annotated[LedgerAccount, QueryParameter(name="account")]
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
    account: Account = LedgerAccount.AVAILABLE,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[StatementLine]:
    return await balance.read_statement(principal, account=account, cursor=cursor, limit=limit)


@get("/v1/tenants/{tenant_id:uuid}/balance")
async def read_tenant_balance(tenant_id: FromPath[UUID], principal: FromPrincipal) -> BalanceView:
    return await balance.read_balance(principal, tenant_id, reason="balance")


@get("/v1/tenants/{tenant_id:uuid}/ledger")
async def list_tenant_transfers(
    tenant_id: FromPath[UUID],
    principal: FromPrincipal,
    account: Account = LedgerAccount.AVAILABLE,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[StatementLine]:
    return await balance.read_statement(
        principal, tenant_id, reason="statement", account=account, cursor=cursor, limit=limit
    )


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
        read_tenant_balance,
        list_tenant_transfers,
        read_spending,
    ],
)
