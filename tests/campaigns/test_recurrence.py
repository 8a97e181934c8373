"""Repeats: the worked example, the rules of short months and lost weekdays, and every zone."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings, strategies as st

from backend.campaigns.local_times import settle_computed, zone, zone_names
from backend.campaigns.recurrence import (
    DAYS,
    OCCURRENCES_MAX,
    YEARS_MAX,
    Frequency,
    Repeat,
    clamped,
    dates,
    occurrences,
)
from tests.campaigns.test_local_times import all_turns

FIRST_DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
REPEATS = st.builds(
    Repeat,
    frequency=st.sampled_from(Frequency),
    type=st.sampled_from(["week", "month"]),
    count=st.none() | st.integers(1, OCCURRENCES_MAX),
    **dict.fromkeys(DAYS, st.booleans()),
)


def next_days(first: str, number: int, **rule) -> list[str]:
    found = islice(dates(date.fromisoformat(first), Repeat(**rule)), number)
    return [day.isoformat() for day in found]


def test_the_worked_example():
    """First send Saturday 1 March 2025, monthly."""
    assert next_days("2025-03-01", 2, frequency=4, type="month") == ["2025-03-01", "2025-04-01"]
    assert next_days("2025-03-01", 2, frequency=4, type="week") == ["2025-03-01", "2025-04-05"]


def test_the_sample_object_is_valid():
    """All days false except Saturday, type month, frequency 2: weekly on Saturdays."""
    rule = {"frequency": 2, "type": "month", "saturday": True}
    assert next_days("2025-03-01", 3, **rule) == ["2025-03-01", "2025-03-08", "2025-03-15"]


@pytest.mark.parametrize(
    ("first", "rule", "expected"),
    [
        ("2027-01-31", {"frequency": 4}, "2027-01-31 2027-02-28 2027-03-31 2027-04-30"),
        ("2028-02-29", {"frequency": 5}, "2028-02-29 2029-02-28 2030-02-28 2031-02-28"),
        # The fifth Friday; months without one take the last.
        ("2026-07-31", {"frequency": 4, "type": "week"},
         "2026-07-31 2026-08-28 2026-09-25 2026-10-30"),
        ("2026-07-31", {"frequency": 5, "type": "week"}, "2026-07-31 2027-07-30 2028-07-28"),
        # Wednesday first; then the flagged days only.
        ("2026-12-02", {"frequency": -1, "monday": True, "friday": True},
         "2026-12-02 2026-12-04 2026-12-07 2026-12-11"),
        # Every other ISO week from the first send's, over a year of 53 weeks.
        ("2026-12-23", {"frequency": 3, "monday": True, "sunday": True},
         "2026-12-23 2026-12-27 2027-01-04 2027-01-10 2027-01-18"),
        ("2026-12-30", {"frequency": 1}, "2026-12-30 2026-12-31 2027-01-01"),
        ("2026-12-30", {"frequency": 1, "count": 2}, "2026-12-30 2026-12-31"),
        ("2026-12-30", {"frequency": 2, "until": date(2027, 1, 13)},
         "2026-12-30 2027-01-06 2027-01-13"),
        ("2026-12-30", {"frequency": 1, "until": date(2026, 12, 1)}, "2026-12-30"),
        ("2026-12-30", {"frequency": 0}, "2026-12-30"),
    ],
)  # fmt: skip
def test_the_days_of_a_rule(first, rule, expected):
    wanted = expected.split()
    ends = rule.get("count") or rule.get("until") or rule["frequency"] == 0
    shown = next_days(first, len(wanted) + (1 if ends else 0), **rule)
    assert shown == wanted


@settings(max_examples=300)
@given(FIRST_DAYS, REPEATS)
def test_days_grow_from_the_first_and_end(first, rule):
    found = list(dates(first, rule))
    assert found[0] == first
    assert all(one < other for one, other in pairwise(found))
    assert len(found) <= (rule.count or OCCURRENCES_MAX)
    assert found[-1] <= clamped(first.year + YEARS_MAX, first.month, first.day)
    flagged = {n for n, name in enumerate(DAYS) if getattr(rule, name)} or {first.weekday()}
    for day in found[1:]:
        if rule.frequency in {Frequency.WEEKLY, Frequency.BIWEEKLY, Frequency.CUSTOM}:
            assert day.weekday() in flagged
        if rule.frequency is Frequency.BIWEEKLY:
            weeks = (day - timedelta(days=day.weekday())) - (first - timedelta(first.weekday()))
            assert weeks.days % 14 == 0
        if rule.frequency in {Frequency.MONTHLY, Frequency.ANNUALLY}:
            _is_the_same_place(first, day, rule)


def _is_the_same_place(first: date, day: date, rule: Repeat) -> None:
    length = monthrange(day.year, day.month)[1]
    if rule.frequency is Frequency.ANNUALLY:
        assert day.month == first.month
    if rule.type == "month":
        assert day.day == min(first.day, length)
        return
    assert day.weekday() == first.weekday()
    ordinal, wanted = (day.day - 1) // 7, (first.day - 1) // 7
    assert ordinal == wanted or (wanted == 4 and ordinal == 3 and day.day + 7 > length)


@settings(max_examples=300)
@given(
    FIRST_DAYS,
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    st.sampled_from(sorted(zone_names())),
    REPEATS,
)
def test_instants_grow_in_every_zone_and_keep_the_local_time(first, at, name, rule):
    local = datetime.combine(first, at)
    found = list(islice(occurrences(local, settle_computed(local, name), name, rule), 60))
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert all(one.at < other.at for one, other in pairwise(found))
    for one in found:
        shown = one.at.astimezone(zone(name)).replace(tzinfo=None, fold=0)
        assert one.local.time() == at
        # Only a gap moves it, forward, and never by more than the gap.
        assert shown == one.local or one.local < shown <= one.local + timedelta(days=1)


def test_a_repeat_passes_every_turn_of_every_zone():
    """Daily at the middle of each gap and each double hour: the days around it keep their time."""
    for name, found in all_turns().items():
        for at, was, becomes in found:
            low, high = sorted((at + offset).replace(tzinfo=None) for offset in (was, becomes))
            if high - low >= timedelta(days=1):
                continue  # a zone that moves over the date line leaves a day out
            first = low + (high - low) // 2 - timedelta(days=1)
            rule = Repeat(frequency=Frequency.DAILY)
            three = islice(occurrences(first, settle_computed(first, name), name, rule), 3)
            shown = [one.at.astimezone(zone(name)).replace(tzinfo=None) for one in three]
            moved = high if becomes > was else first + timedelta(days=1)
            assert shown == [first, moved, first + timedelta(days=2)], (name, at)


def test_a_gap_moves_one_day_only():
    first = datetime(2027, 3, 27, 2, 30)  # noqa: DTZ001 - local
    found = islice(
        occurrences(first, settle_computed(first, "Europe/Oslo"), "Europe/Oslo",
                    Repeat(frequency=Frequency.DAILY)), 3)  # fmt: skip
    shown = [one.at.astimezone(zone("Europe/Oslo")).time() for one in found]
    assert shown == [time(2, 30), time(3, 0), time(2, 30)]
