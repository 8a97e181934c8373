"""Hours over all zones and clock changes: what is held is closed, what goes is open."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings, strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from backend.audience.schemas.sending import SendingHours, TimeSpan
from backend.audience.targeting.hours import (
    ALWAYS,
    NEVER,
    WEEK_MINUTES,
    next_closed,
    next_open,
    open_week,
    week_of,
)
from backend.audience.targeting.zones import known_zones, possible_zones, zones_of_countries

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
NIGHT = SendingHours(quiet_hours=[TimeSpan(days=EVERY_DAY, starts="21:00", ends="08:00")])
ZONES = sorted(available_timezones())
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# Half hours, midnight changes, a day that never was (Samoa's side), and both hemispheres.
STRANGE = [
    *("Australia/Lord_Howe", "Africa/Cairo", "America/Asuncion", "America/Nuuk", "Asia/Beirut"),
    *("Africa/Casablanca", "Pacific/Chatham", "Asia/Kathmandu", "Europe/Oslo", "Pacific/Apia"),
]
clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
spans = st.builds(
    TimeSpan,
    days=st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True),
    starts=clocks,
    ends=clocks,
)
rules = st.builds(
    SendingHours,
    quiet_hours=st.lists(spans, max_size=3),
    send_windows=st.lists(spans, max_size=3),
)
moments = st.integers(0, 4 * 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def covers(span: TimeSpan, local: datetime) -> bool:
    """The definition, read off the clock on the wall and nothing else."""
    clock = f"{local.hour:02}:{local.minute:02}"
    today, yesterday = local.isoweekday(), (local.isoweekday() - 2) % 7 + 1
    if span.starts < span.ends:
        return today in span.days and span.starts <= clock < span.ends
    return (today in span.days and clock >= span.starts) or (
        yesterday in span.days and clock < span.ends
    )


def is_open(hours: SendingHours, zones: tuple[str, ...], moment: datetime) -> bool:
    for name in zones:
        local = moment.astimezone(ZoneInfo(name))
        if any(covers(span, local) for span in hours.quiet_hours):
            return False
        windows = hours.send_windows
        if windows and not any(covers(span, local) for span in windows):
            return False
    return True


def brute(hours: SendingHours, zones: tuple[str, ...], at: datetime) -> datetime | None:
    moment = at.replace(second=0, microsecond=0)
    while moment <= at + DAY:
        if is_open(hours, zones, moment):
            return moment
        moment += MINUTE
    return None


@given(rules, st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True), moments)
@settings(max_examples=60)
def test_the_next_opening_is_the_first_open_minute(hours, zones, at):
    week = open_week(hours)
    found = next_open(week, tuple(zones), at, at + DAY)
    assert found == brute(hours, tuple(zones), at)


@given(rules, st.sampled_from(STRANGE), st.integers(0, 4), st.integers(0, 2 * 24 * 60))
@settings(max_examples=80)
def test_clock_changes_move_nothing(hours, name, years, minutes):
    """From a day before every change of the year."""
    where = ZoneInfo(name)
    start = datetime(2026 + years, 1, 1, tzinfo=UTC)
    for hour in range(0, 366 * 24, 24):
        before, after = (start + timedelta(hours=hour + n) for n in (0, 24))
        if before.astimezone(where).utcoffset() == after.astimezone(where).utcoffset():
            continue
        at = before - DAY + timedelta(minutes=minutes)
        found = next_open(open_week(hours), (name,), at, at + DAY)
        assert found == brute(hours, (name,), at)
        if found is not None:
            shut = next_closed(open_week(hours), (name,), found, found + DAY)
            last = (shut or found + DAY) - MINUTE
            assert is_open(hours, (name,), last)
            assert shut is None or not is_open(hours, (name,), shut)
        break


@pytest.mark.parametrize("name", ZONES)
def test_no_zone_is_written_to_at_night(name):
    """Every zone, a step of 7 h 13 min through 2026–2030: nothing between 21:00 and 08:00."""
    week = open_week(NIGHT)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    step = timedelta(hours=97, minutes=13)
    while at.year < 2031:
        found = next_open(week, (name,), at, at + DAY)
        assert found is not None
        assert 8 <= found.astimezone(ZoneInfo(name)).hour < 21, (name, at)
        assert found <= at + timedelta(hours=12, minutes=1)
        at += step


@given(rules, rules, moments)
@settings(max_examples=60)
def test_the_strictest_is_what_both_allow(one, other, at):
    zones = ("Europe/Oslo",)
    both = open_week(one) & open_week(other)
    found = next_open(both, zones, at, at + DAY)
    if found is not None:
        assert is_open(one, zones, found)
        assert is_open(other, zones, found)
        assert found >= max(brute(one, zones, at) or found, brute(other, zones, at) or found)


@pytest.mark.parametrize(
    ("starts", "ends", "minutes"),
    [
        ("00:00", "00:00", 1440),
        ("23:59", "00:01", 2),
        ("08:00", "08:01", 1),
        ("12:00", "11:59", 1439),
    ],
)
def test_a_span_is_as_long_as_its_clock_says(starts, ends, minutes):
    week = week_of([TimeSpan(days=[7], starts=starts, ends=ends)])
    assert week.bit_count() == minutes
    assert week_of([TimeSpan(days=EVERY_DAY, starts="00:00", ends="00:00")]) == ALWAYS


def test_always_and_never_need_no_clock():
    at = datetime(2026, 3, 29, 0, 30, 15, tzinfo=UTC)
    assert next_open(ALWAYS, ("Europe/Oslo",), at, at) == at.replace(second=0)
    assert next_open(NEVER, ("Europe/Oslo",), at, at + DAY) is None
    assert next_closed(ALWAYS, ("Europe/Oslo",), at, at + DAY) is None
    assert ALWAYS.bit_length() == WEEK_MINUTES


@pytest.mark.parametrize(
    ("profile", "phone", "country", "zones"),
    [
        ("Asia/Tokyo", "+4791234567", "NO", ("Asia/Tokyo",)),
        (None, "+4791234567", "NO", ("Europe/Oslo",)),
        ("Nowhere/Atall", "+4791234567", "NO", ("Europe/Oslo",)),
        (None, "+12125551234", "US", ("America/New_York",)),
        (None, "+447700900123", "GB", ("Europe/London",)),
        (None, "+8821012345678", "QQ", ("UTC",)),
    ],
)
def test_the_profile_knows_better_than_the_number_and_the_number_than_the_country(
    profile, phone, country, zones
):
    assert possible_zones(profile, phone, country) == zones


def test_a_number_of_many_zones_keeps_those_of_its_country():
    anywhere = possible_zones(None, "+15005551234", "US")
    assert len(anywhere) > 5
    assert set(anywhere) <= set(zones_of_countries()["US"])


def test_every_zone_the_numbers_name_is_one():
    named = {name for names in TIMEZONE_DATA.values() for name in names}
    assert {name for name in named if name not in known_zones()} <= {"Etc/Unknown"}
    for prefix, names in TIMEZONE_DATA.items():
        assert possible_zones(None, f"+{prefix}000000", "XX"), names
