"""Sales, consumption, what is owed and what expires, for charts and files; the journal."""

from datetime import date
from typing import Final

from backend.db.scope import platform_scope
from backend.finance.queries import days, journal, reports
from backend.finance.schemas.reports import Report
from backend.finance.states import REPORT_DAYS_MAX, REPORT_ROWS_MAX, ReportName
from backend.kernel.errors import TooLarge, invalid_field
from backend.kernel.principal import Principal

_SQL: Final = {
    ReportName.SALES: reports.SALES,
    ReportName.CONSUMPTION: reports.CONSUMPTION,
    ReportName.LIABILITY: reports.LIABILITY,
    ReportName.EXPIRY: reports.EXPIRY,
    ReportName.TENANTS: reports.TENANTS,
    ReportName.JOURNAL: journal.JOURNAL,
}


async def read_report(principal: Principal, name: ReportName, first: date, last: date) -> Report:
    """Both days included. Raises InvalidInput `period_invalid`, `period_too_long`, TooLarge
    `report_too_large`: nothing is left out silently.
    """
    check_period(first, last)
    async with platform_scope(principal, f"report {name.value} {first} to {last}") as scope:
        columns, rows = await reports.figures(scope, _SQL[name], first, last, REPORT_ROWS_MAX + 1)
        closed = await days.last_closed(scope)
    if len(rows) > REPORT_ROWS_MAX:
        raise TooLarge("report_too_large", "ask for fewer days", limit_rows=REPORT_ROWS_MAX)
    return Report(
        name=name,
        first=first,
        last=last,
        last_closed=closed,
        columns=columns,
        rows=[list(row.values()) for row in rows],
    )


def check_period(first: date, last: date) -> None:
    if last < first or last == date.max:
        raise invalid_field("/query/last", "period_invalid", "the last day is the first or later")
    if (last - first).days >= REPORT_DAYS_MAX:
        raise invalid_field(
            "/query/last", "period_too_long", f"{REPORT_DAYS_MAX} days", allowed_max=REPORT_DAYS_MAX
        )
