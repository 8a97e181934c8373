"""Reports: one shape for charts, CSV and XLSX."""

from datetime import date

from backend.finance.states import ReportName
from backend.kernel.views import View

Cell = str | int | None


class Report(View, frozen=True):
    """`rows` have a cell per column; days are ISO dates, credits and money in minor units integers.

    `last_closed`: days after it may still change.
    """

    name: ReportName
    first: date
    last: date
    last_closed: date | None
    columns: list[str]
    rows: list[list[Cell]]
