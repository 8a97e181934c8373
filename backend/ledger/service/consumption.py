"""What a tenant used, on credit and of what it paid: the ground of its monthly invoices."""

from collections.abc import Mapping
from datetime import datetime

from backend.db.scope import Scope
from backend.ledger.queries import consumption


async def used_on_credit(scope: Scope, start: datetime, end: datetime) -> int:
    """A step: credits captured less returned from the credit line in [start, end). What came from
    paid lots was invoiced when they were bought. Below 0 where more came back than was used.
    """
    return await consumption.used_of_line(scope, start, end)


async def used_of_top_ups(
    scope: Scope, since: Mapping[str, datetime], end: datetime
) -> dict[str, int]:
    """A step: credits used of what each of these top-ups brought, from its moment in `since` to
    `end`: captured less returned, and what it paid off. Below 0 where more came back than was
    used; a reference of which nothing moved is left out.
    """
    return await consumption.used_of_top_ups(scope, since, end) if since else {}
