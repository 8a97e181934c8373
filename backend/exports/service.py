"""A session's results as CSV: every recipient, sent to or left out, with the reason.

Read page by page, each in its own scope, so a million rows hold no transaction open.
"""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from backend.audit.service import record
from backend.campaigns.service.moves import read_session
from backend.db.scope import tenant_scope
from backend.delivery.service.recipients import list_exclusions, list_recipients
from backend.exports.because import because_of
from backend.kernel.principal import Principal

PAGE_ROWS = 200
# OWASP: a cell that begins so is run as a formula by spreadsheets, in some languages written wide.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
COLUMNS = (
    "phone",
    "country",
    "result",
    "reason",
    "because",
    "segments",
    "credits_charged",
    "attempts",
    "submitted_at",
    "done_at",
)


def safe_cell(value: Any) -> str:
    """Text that no spreadsheet runs: a leading quote before what would be a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def line_of(values: tuple[Any, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([safe_cell(value) for value in values])
    return text.getvalue()


async def open_results(principal: Principal, session_id: UUID) -> AsyncIterator[str]:
    """Raises NotFound before anything is sent; the export is written into the audit."""
    async with tenant_scope(principal) as scope:
        await read_session(scope, session_id)
        await record(scope, "session.exported", f"session:{session_id}")
    return _lines(principal, session_id)


async def _lines(principal: Principal, session_id: UUID) -> AsyncIterator[str]:
    yield "\ufeff" + line_of(COLUMNS)  # spreadsheets take UTF-8 for Latin-1 without the mark
    cursor: str | None = None
    while True:
        sent = await list_recipients(principal, session_id, (), None, cursor, PAGE_ROWS)
        yield "".join(
            line_of(
                (
                    row.phone,
                    row.country,
                    row.state.value,
                    row.cause,
                    "",
                    row.segments,
                    row.credits_charged,
                    row.attempts,
                    row.submitted_at.isoformat() if row.submitted_at else "",
                    row.done_at.isoformat() if row.done_at else "",
                )
            )
            for row in sent.items
        )
        cursor = sent.next_cursor
        if cursor is None:
            break
    while True:
        left_out = await list_exclusions(principal, session_id, None, cursor, PAGE_ROWS)
        yield "".join(
            line_of(
                (
                    row.phone,
                    row.country,
                    "left_out",
                    row.reason.value,
                    because_of(row),
                    0,
                    0,
                    0,
                    "",
                    row.at.isoformat(),
                )
            )
            for row in left_out.items
        )
        cursor = left_out.next_cursor
        if cursor is None:
            return
