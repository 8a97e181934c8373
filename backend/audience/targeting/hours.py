"""When somebody may be written to: a week as a set of minutes, and the next instant inside it.

Minutes and not intervals, because the strictest of several rules is then their intersection, and
the strictest of several possible zones is the first instant that is open in all of them.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from backend.audience.schemas.sending import SendingHours, TimeSpan

DAY_MINUTES: Final = 24 * 60
WEEK_MINUTES: Final = 7 * DAY_MINUTES
ALWAYS: Final = (1 << WEEK_MINUTES) - 1
NEVER: Final = 0
VALIDITY_HOURS: Final = 24
"""A message that may not go within it does not go (DESIGN §3.1)."""
_MINUTE: Final = timedelta(minutes=1)


def week_of(spans: Iterable[TimeSpan]) -> int:
    """The minutes of a week that the spans cover; bit 0 is Monday 00:00."""
    week = NEVER
    for span in spans:
        starts, ends = _minutes(span.starts), _minutes(span.ends)
        length = ends - starts if ends > starts else ends - starts + DAY_MINUTES
        for day in span.days:
            week |= _turned(((1 << length) - 1), -((day - 1) * DAY_MINUTES + starts))
    return week


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _turned(week: int, minutes: int) -> int:
    """The week read from `minutes` after its beginning."""
    by = minutes % WEEK_MINUTES
    return ((week >> by) | (week << (WEEK_MINUTES - by))) & ALWAYS


def open_week(rules: SendingHours) -> int:
    """Inside a send window, where there is any, and outside every quiet hour."""
    windows = week_of(rules.send_windows) if rules.send_windows else ALWAYS
    return windows & ~week_of(rules.quiet_hours)


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def next_open(week: int, zones: tuple[str, ...], at: datetime, until: datetime) -> datetime | None:
    """The first minute from `at` to `until` that is open in every zone; None where there is none.

    The minute `at` stands in counts: what comes back is then before `at`.
    """
    moment = at.astimezone(UTC).replace(second=0, microsecond=0)
    if week == ALWAYS:
        return moment
    if week == NEVER:
        return None
    known = [zone(name) for name in zones]
    while moment <= until:
        wait = max(_wait(week, moment, one) for one in known)
        if not wait:
            return moment
        moment += wait * _MINUTE
    return None


def next_closed(
    week: int, zones: tuple[str, ...], at: datetime, until: datetime
) -> datetime | None:
    """The first minute from `at` to `until` that is closed in any of the zones."""
    shut = ALWAYS & ~week
    found = (next_open(shut, (name,), at, until) for name in zones)
    return min((moment for moment in found if moment is not None), default=None)


def _wait(week: int, moment: datetime, where: ZoneInfo) -> int:
    """Minutes that are surely closed from `moment` on; 0: it is open."""
    local = moment.astimezone(where)
    place = local.weekday() * DAY_MINUTES + local.hour * 60 + local.minute
    ahead = _turned(week, place)
    wait = (ahead & -ahead).bit_length() - 1
    offset = local.utcoffset()
    if not wait or (moment + wait * _MINUTE).astimezone(where).utcoffset() == offset:
        return wait
    # The clocks change before that: no further than the change, and then look again.
    before, after = 0, wait
    while after - before > 1:
        middle = (before + after) // 2
        if (moment + middle * _MINUTE).astimezone(where).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
