"""A statement as CSV, the newest line first: what the ledger's page shows under its filters."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from backend.audit.service import record
from backend.db.scope import tenant_scope
from backend.exports.service import line_of
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.ledger.schemas import StatementFilter, StatementLine
from backend.ledger.service.trace import statement

PAGE_ROWS: Final = 200
COLUMNS: Final = (
    *("number", "time_utc", "kind", "credits_in", "credits_out", "balance_after", "reference"),
    *("session_id", "reason", "booked_by", "transfer_id"),
)


async def open_ledger(principal: Principal, asked: StatementFilter) -> AsyncIterator[str]:
    """Raises InvalidInput before anything is sent; the export is written into the audit."""
    async with tenant_scope(principal) as scope:
        first = await statement(scope, asked, limit=PAGE_ROWS)
        await record(
            scope,
            "ledger.exported",
            f"tenant:{scope.tenant_id}",
            **{name: value for name, value in msgspec.to_builtins(asked).items() if value},
        )
    return _lines(principal, asked, first)


async def _lines(
    principal: Principal, asked: StatementFilter, page: Page[StatementLine]
) -> AsyncIterator[str]:
    yield "\ufeff" + line_of(COLUMNS)  # spreadsheets take UTF-8 for Latin-1 without the mark
    while True:
        yield "".join(_line(row) for row in page.items)
        if page.next_cursor is None:
            return
        async with tenant_scope(principal) as scope:
            page = await statement(scope, asked, cursor=page.next_cursor, limit=PAGE_ROWS)


def _line(row: StatementLine) -> str:
    return line_of(
        (
            row.number,
            row.created_at.isoformat(),
            row.kind.value,
            row.credits_in,
            row.credits_out,
            row.balance_after,
            row.reference,
            row.session_id,
            row.reason,
            row.actor,
            row.transfer_id,
        )
    )
