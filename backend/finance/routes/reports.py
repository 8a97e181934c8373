"""Reports and the ledger explorer over HTTP, for finance."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, QueryParameter

from backend.api.routing import FromPrincipal, get
from backend.finance.schemas.explorer import ChargedMessage, TransferView
from backend.finance.schemas.reports import Report
from backend.finance.service import explorer, reports
from backend.finance.states import ReportName
from backend.kernel.views import Page

Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]
First = Annotated[date, QueryParameter(name="first")]
Last = Annotated[date, QueryParameter(name="last")]
Name = Annotated[ReportName, QueryParameter(name="report")]


@get("/v1/finance/report")
async def read_finance_report(
    principal: FromPrincipal, name: Name, first: First, last: Last
) -> Report:
    return await reports.read_report(principal, name, first, last)


@get("/v1/tenants/{tenant_id:uuid}/transfers/{transfer_id:uuid}")
async def explain_transfer(
    tenant_id: FromPath[UUID], transfer_id: FromPath[UUID], principal: FromPrincipal
) -> TransferView:
    return await explorer.read_transfer(principal, tenant_id, transfer_id)


@get("/v1/tenants/{tenant_id:uuid}/transfers/{transfer_id:uuid}/messages")
async def list_charged_messages(
    tenant_id: FromPath[UUID],
    transfer_id: FromPath[UUID],
    principal: FromPrincipal,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ChargedMessage]:
    return await explorer.list_charged_messages(
        principal, tenant_id, transfer_id, cursor=cursor, limit=limit
    )


router = Router("/", route_handlers=[read_finance_report, explain_transfer, list_charged_messages])
