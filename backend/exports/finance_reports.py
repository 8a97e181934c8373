"""Finance's reports and the accounting journal as CSV and XLSX."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator
from datetime import date
from typing import Any, Final

from backend.exports.service import safe_cell
from backend.finance.schemas.reports import Report
from backend.finance.service.reports import read_report
from backend.finance.states import ReportName
from backend.kernel.principal import Principal

CHUNK_BYTES: Final = 64 * 1024
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_PER_CHUNK: Final = 500
# Rows go to disk as they come, and no text is taken for a formula, an address or a number.
_BOOK: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def cell_of(value: Any) -> str | int:
    """Numbers stay numbers, with their sign; of texts none begins like a formula."""
    return value if isinstance(value, int) else safe_cell(value)


async def open_report_csv(
    principal: Principal, name: ReportName, first: date, last: date
) -> AsyncIterator[str]:
    """Raises what `read_report` raises before anything is sent."""
    return _lines(await read_report(principal, name, first, last))


async def _lines(report: Report) -> AsyncIterator[str]:
    yield "\ufeff" + _written([report.columns])  # spreadsheets take UTF-8 for Latin-1 without it
    for start in range(0, len(report.rows), ROWS_PER_CHUNK):
        yield _written(report.rows[start : start + ROWS_PER_CHUNK])


def _written(rows: Any) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([cell_of(value) for value in row] for row in rows)
    return text.getvalue()


async def open_report_xlsx(
    principal: Principal, name: ReportName, first: date, last: date
) -> AsyncIterator[bytes]:
    """Raises what `read_report` raises before anything is sent."""
    report = await read_report(principal, name, first, last)
    return _chunks(await asyncio.to_thread(_book, report))


def _book(report: Report) -> Any:
    """An unnamed file that goes with its last reader."""
    import xlsxwriter  # noqa: PLC0415 - 0.13 s, of the two seconds the api takes to start

    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever sends it
    book = xlsxwriter.Workbook(file, _BOOK)
    sheet = book.add_worksheet(report.name.value)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for column, title in enumerate(report.columns):
        sheet.write_string(0, column, title, bold)
    for at, row in enumerate(report.rows, 1):
        for column, value in enumerate(row):
            cell = cell_of(value)
            if isinstance(cell, int):
                sheet.write_number(at, column, cell)
            else:
                sheet.write_string(at, column, cell)
    book.close()
    file.seek(0)
    return file


async def _chunks(file: Any) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
