"""Bank lines whose top-up was declined or taken back wait to be matched again."""

from backend.billing.service.bank import settle_bank_lines
from workers.jobs import every


@every(60)
async def settle_lines() -> bool:
    return await settle_bank_lines()
