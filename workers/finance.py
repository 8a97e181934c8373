"""Every day is reconciled and closed after its end, one after the other."""

from backend.finance.service.days import close_due_days
from backend.finance.service.reconciliation import reconcile_due_day
from workers.jobs import every


@every(300)
async def reconcile_days() -> bool:
    return await reconcile_due_day()


@every(300)
async def close_days() -> bool:
    return await close_due_days()
