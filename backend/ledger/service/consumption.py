"""What a tenant used on credit: the ground of a postpaid tenant's bill."""

from datetime import datetime

from backend.db.scope import Scope
from backend.ledger.queries import consumption


async def used_on_credit(scope: Scope, start: datetime, end: datetime) -> int:
    """A step: credits captured less returned from the credit line in [start, end). What came from
    paid lots was invoiced when they were bought. Below 0 where more came back than was used.
    """
    return await consumption.used_of_line(scope, start, end)
