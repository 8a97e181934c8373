"""When a repeating session is sent: pure, always computed from the first send, never chained.

The `repeat` object is the Mobile Text Alerts one (seven days, `type`, `frequency`) with an end.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import IntEnum
from itertools import count, islice
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta

from backend.campaigns.local_times import settle_computed
from backend.kernel.views import Input

OCCURRENCES_MAX = 366
YEARS_MAX = 3
"""Where nothing ends a series before, whichever comes first."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK_DAYS = 7


class Frequency(IntEnum):
    CUSTOM = -1
    NEVER = 0
    DAILY = 1
    WEEKLY = 2
    BIWEEKLY = 3
    MONTHLY = 4
    ANNUALLY = 5


class Repeat(Input, kw_only=True, frozen=True):
    """`type` matters monthly and annually: the same day number, or the same ordinal weekday. The
    days matter weekly, biweekly and custom; none means the weekday of the first send. The first
    send always happens and is number 1 of `count`; `until` is the last day, in the zone.
    """

    frequency: Annotated[Frequency, Meta(examples=[2])]
    type: Literal["week", "month"] = "month"
    monday: bool = False
    tuesday: bool = False
    wednesday: bool = False
    thursday: bool = False
    friday: bool = False
    saturday: bool = False
    sunday: bool = False
    count: Annotated[int, Meta(ge=1, le=OCCURRENCES_MAX)] | None = None
    until: date | None = None


class Occurrence(NamedTuple):
    number: int
    local: datetime
    at: datetime


def occurrences(
    first: datetime, first_at: datetime, zone: str, rule: Repeat
) -> Iterator[Occurrence]:
    """All of them, the first as it was settled. `first` is what the clocks of `zone` say."""
    yield Occurrence(1, first, first_at)
    previous = first_at
    number = 1
    for day in islice(dates(first.date(), rule), 1, None):
        local = datetime.combine(day, first.time())
        at = settle_computed(local, zone)
        # A zone that skips a whole day would give two of them one instant: it is sent once.
        if at > previous:
            number += 1
            previous = at
            yield Occurrence(number, local, at)


def occurrences_after(
    first: datetime, first_at: datetime, zone: str, rule: Repeat, after: int
) -> Iterator[Occurrence]:
    """Those with a number above `after`."""
    return (one for one in occurrences(first, first_at, zone, rule) if one.number > after)


def dates(first: date, rule: Repeat) -> Iterator[date]:
    """The days, strictly growing, the first send's own before all."""
    last = clamped(first.year + YEARS_MAX, first.month, first.day)
    if rule.until is not None:
        last = min(last, rule.until)
    found = (day for day in _endless(first, rule) if day > first)
    yield first
    for day in islice(found, min(rule.count or OCCURRENCES_MAX, OCCURRENCES_MAX) - 1):
        if day > last:
            return
        yield day


def _endless(first: date, rule: Repeat) -> Iterator[date]:
    match rule.frequency:
        case Frequency.NEVER:
            return iter(())
        case Frequency.DAILY:
            return (first + timedelta(days=n) for n in count(1))
        case Frequency.WEEKLY | Frequency.CUSTOM:
            return _weeks(first, rule, 1)
        case Frequency.BIWEEKLY:
            return _weeks(first, rule, 2)
        case Frequency.MONTHLY:
            return _months(first, rule.type, 1)
        case Frequency.ANNUALLY:
            return _months(first, rule.type, 12)


def _weeks(first: date, rule: Repeat, every: int) -> Iterator[date]:
    """ISO weeks, counted from the one of the first send."""
    flagged = [n for n, name in enumerate(DAYS) if getattr(rule, name)] or [first.weekday()]
    monday = first - timedelta(days=first.weekday())
    for week in count(0, every):
        for weekday in flagged:
            yield monday + timedelta(days=week * _WEEK_DAYS + weekday)


def _months(first: date, kind: str, every: int) -> Iterator[date]:
    for passed in count(0, every):
        years, month = divmod(first.month - 1 + passed, 12)
        year, month = first.year + years, month + 1
        yield (
            clamped(year, month, first.day) if kind == "month" else same_weekday(year, month, first)
        )


def clamped(year: int, month: int, day: int) -> date:
    """The 31st falls on the last day of a short month, and returns to the 31st."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def same_weekday(year: int, month: int, first: date) -> date:
    """The second Tuesday stays the second Tuesday; a fifth one that is missing is the last."""
    to_first = (first.weekday() - date(year, month, 1).weekday()) % _WEEK_DAYS
    day = 1 + to_first + (first.day - 1) // _WEEK_DAYS * _WEEK_DAYS
    length = monthrange(year, month)[1]
    return date(year, month, day if day <= length else day - _WEEK_DAYS)
