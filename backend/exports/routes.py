"""Files over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from backend.api.routing import FromPrincipal, get
from backend.exports import desk_numbers, finance_reports, ledger, service
from backend.finance.states import ReportName
from backend.ledger.schemas import StatementFilter
from backend.ledger.states import LedgerAccount, TransferKind

Days = Annotated[int, QueryParameter(name="days")]
Name = Annotated[ReportName, QueryParameter(name="report")]
First = Annotated[date, QueryParameter(name="first")]
Last = Annotated[date, QueryParameter(name="last")]
Account = Annotated[LedgerAccount, QueryParameter(name="account")]
Kind = Annotated[TransferKind | None, QueryParameter(name="kind")]
Session = Annotated[UUID | None, QueryParameter(name="session_id")]
Since = Annotated[datetime | None, QueryParameter(name="from")]
Until = Annotated[datetime | None, QueryParameter(name="to")]


@get("/v1/sessions/{session_id:uuid}/results.csv", media_type="text/csv; charset=utf-8")
async def export_results(session_id: FromPath[UUID], principal: FromPrincipal) -> Stream:
    return Stream(
        await service.open_results(principal, session_id),
        headers={"content-disposition": f'attachment; filename="results-{session_id}.csv"'},
    )


@get("/v1/desk-numbers.csv", media_type="text/csv; charset=utf-8")
async def export_desk_numbers(principal: FromPrincipal, days: Days = 7) -> Stream:
    return Stream(
        await desk_numbers.open_desk_numbers(principal, days),
        headers={"content-disposition": f'attachment; filename="desk-{days}-days.csv"'},
    )


@get("/v1/ledger.csv", media_type="text/csv; charset=utf-8")
async def export_ledger(
    principal: FromPrincipal,
    *,
    account: Account = LedgerAccount.AVAILABLE,
    kind: Kind = None,
    session: Session = None,
    since: Since = None,
    until: Until = None,
) -> Stream:
    asked = StatementFilter(account, kind, session, None, since, until)
    return Stream(
        await ledger.open_ledger(principal, asked),
        headers={"content-disposition": f'attachment; filename="ledger-{account}.csv"'},
    )


@get("/v1/finance/report.csv", media_type="text/csv; charset=utf-8")
async def export_finance_report_csv(
    principal: FromPrincipal, name: Name, first: First, last: Last
) -> Stream:
    return Stream(
        await finance_reports.open_report_csv(principal, name, first, last),
        headers={"content-disposition": f'attachment; filename="{name}-{first}-{last}.csv"'},
    )


@get("/v1/finance/report.xlsx", media_type=finance_reports.XLSX_TYPE)
async def export_finance_report_xlsx(
    principal: FromPrincipal, name: Name, first: First, last: Last
) -> Stream:
    return Stream(
        await finance_reports.open_report_xlsx(principal, name, first, last),
        headers={"content-disposition": f'attachment; filename="{name}-{first}-{last}.xlsx"'},
    )


router = Router(
    "/",
    route_handlers=[
        export_results,
        export_desk_numbers,
        export_ledger,
        export_finance_report_csv,
        export_finance_report_xlsx,
    ],
)
