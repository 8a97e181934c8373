"""Lots whose time has come expire."""

from backend.ledger.service.lots import expire_lots
from workers.jobs import every


@every(300)
async def expire_due_lots() -> bool:
    return bool(await expire_lots())
