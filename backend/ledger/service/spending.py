"""How fast credits go: the days behind, what holds some now, and how long the rest lasts."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import asyncpg
import msgspec

from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import invalid_field
from backend.kernel.principal import Principal
from backend.ledger.queries import spending
from backend.ledger.schemas import SessionCredits, SpendingDay, SpendingView
from backend.ledger.service.balance import balance

SPENDING_DAYS_MAX: Final = 92
SESSIONS_SHOWN_MAX: Final = 10
HOLDS_SHOWN_MAX: Final = 50
PACE_DAYS_MIN: Final = 7
"""One large send on the first day is no daily pace."""
LASTS_DAYS_MAX: Final = 3_650
"""Beyond it the figure says nothing but "long"."""


async def read_spending(principal: Principal, days: int, zone: str) -> SpendingView:
    """The last `days` calendar days of a zone, today included. Raises InvalidInput."""
    if not 1 <= days <= SPENDING_DAYS_MAX:
        raise invalid_field(
            "/query/days",
            "invalid_parameter",
            f"1 to {SPENDING_DAYS_MAX}",
            allowed_max=SPENDING_DAYS_MAX,
        )
    if zone not in available_timezones():
        raise invalid_field("/query/zone", "invalid_parameter", "a time zone's IANA name")
    async with tenant_scope(principal) as scope:
        return await _spending(scope, days, zone)


async def _spending(scope: Scope, days: int, zone: str) -> SpendingView:
    today = scope.now.astimezone(ZoneInfo(zone)).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time(), ZoneInfo(zone))
    found = {row["day"]: row for row in await spending.by_day(scope, since, zone)}
    each = [_day(first + timedelta(days=ahead), found) for ahead in range(days)]
    usual = usual_per_day(each)
    available = (await balance(scope)).available
    return SpendingView(
        zone=zone,
        days=each,
        sessions=msgspec.convert(
            [dict(row) for row in await spending.by_session(scope, since, SESSIONS_SHOWN_MAX)],
            list[SessionCredits],
        ),
        held=msgspec.convert(
            [dict(row) for row in await spending.held(scope, HOLDS_SHOWN_MAX)],
            list[SessionCredits],
        ),
        usual_per_day=usual,
        lasts_days=min(max(available, 0) // usual, LASTS_DAYS_MAX) if usual else None,
    )


def _day(day: date, found: dict[date, asyncpg.Record]) -> SpendingDay:
    row = found.get(day)
    return SpendingDay(day, row["spent"], row["returned"]) if row else SpendingDay(day, 0, 0)


def usual_per_day(days: list[SpendingDay]) -> int:
    """Rounded up, so that no balance is said to last longer than it does."""
    spent = [day.spent - day.returned for day in days]
    first = next((at for at, one in enumerate(spent) if one), len(spent))
    counted = max(len(spent) - first, min(PACE_DAYS_MIN, len(spent)))
    return -(-max(sum(spent), 0) // counted)
