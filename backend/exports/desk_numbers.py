"""The desk's hours as CSV: one line per hour, lane and moderator."""

from collections.abc import AsyncIterator

from backend.exports.service import line_of
from backend.kernel.principal import Principal
from backend.statistics.schemas import DeskHourRow
from backend.statistics.service import read_hour_rows
from backend.statistics.waits import quantile_seconds

COLUMNS = (
    *("hour", "lane", "moderator", "decided", "approved", "changes_requested", "refused"),
    *("late", "overturned", "median_seconds", "p95_seconds"),
)


async def open_desk_numbers(principal: Principal, days: int) -> AsyncIterator[str]:
    """Raises InvalidInput before anything is sent."""
    return _lines(await read_hour_rows(principal, days))


async def _lines(rows: list[DeskHourRow]) -> AsyncIterator[str]:
    yield "\ufeff" + line_of(COLUMNS)  # spreadsheets take UTF-8 for Latin-1 without the mark
    for row in rows:
        waits = dict(zip(row.wait_buckets, row.wait_cases, strict=True))
        yield line_of(
            (
                row.hour.isoformat(),
                row.lane,
                row.moderator_name,
                row.decided,
                row.approved,
                row.changes_requested,
                row.refused,
                row.late,
                row.overturned,
                quantile_seconds(waits, 0.5),
                quantile_seconds(waits, 0.95),
            )
        )
