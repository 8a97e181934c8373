"""Local text to an instant, over every zone: gaps, double hours, and what is no date at all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings, strategies as st

from backend.campaigns.local_times import (
    DstChoice,
    read_local,
    settle,
    settle_computed,
    zone,
    zone_names,
)
from backend.kernel.errors import InvalidInput

ZONES = st.sampled_from(sorted(zone_names()))
LOCALS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31)).map(  # noqa: DTZ001 - local
    lambda one: one.replace(second=0, microsecond=0)
)


def wall(at: datetime, name: str) -> datetime:
    return at.astimezone(zone(name)).replace(tzinfo=None, fold=0)


def answers(local: datetime, name: str) -> set[datetime]:
    """By trying every quarter of an hour's offset there is: no fold, no gap arithmetic."""
    place = zone(name)
    base = local.replace(tzinfo=UTC)
    tried = (base - timedelta(minutes=15 * n) for n in range(-14 * 4, 15 * 4))
    return {at for at in tried if at.astimezone(place).replace(tzinfo=None) == local}


@settings(max_examples=500)
@given(LOCALS, ZONES)
@example(datetime(2027, 3, 28, 2, 30), "Europe/Paris")  # noqa: DTZ001 - local
@example(datetime(2026, 10, 25, 2, 30), "Europe/Paris")  # noqa: DTZ001 - local
@example(datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe")  # noqa: DTZ001 - local
def test_every_instant_reads_back_as_its_text(local, name):
    is_settled_rightly(local, name)


def turns(name: str) -> list[tuple[datetime, timedelta, timedelta]]:
    """Every change of the zone's offset from 2026 to 2030: the instant, the offsets around it."""
    place = zone(name)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(place).utcoffset() or timedelta(0)

    found = []
    before = datetime(2026, 1, 1, tzinfo=UTC)
    while before.year < 2031:
        after = before + timedelta(days=7)
        if offset(before) != offset(after):
            low, high = before, after
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) // 2
                middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            found.append((high, offset(low), offset(high)))
        before = after
    return found


def all_turns() -> dict[str, list[tuple[datetime, timedelta, timedelta]]]:
    """Of one zone for each rule there is: hundreds of names say the same."""
    by_rule = {tuple(turns(name)): name for name in sorted(zone_names())}
    return {name: list(rule) for rule, name in by_rule.items() if rule}


def test_every_turn_of_every_zone():
    """The first and last minute of each gap and each double hour, and those beside them."""
    tried = 0
    for name, found in all_turns().items():
        for at, was, becomes in found:
            edges = sorted((at + offset).replace(tzinfo=None) for offset in (was, becomes))
            for edge in edges:
                is_settled_rightly(edge, name)
                is_settled_rightly(edge - timedelta(minutes=1), name)
            is_settled_rightly(edges[0] + (edges[1] - edges[0]) // 2, name)
            tried += 1
    assert tried > 100


def is_settled_rightly(local: datetime, name: str) -> None:
    possible = answers(local, name)
    if len(possible) == 1:
        assert {settle(local, name), settle_computed(local, name)} == possible
        return
    with pytest.raises(InvalidInput) as refused:
        settle(local, name)
    offered = [datetime.fromisoformat(one["at"]) for one in refused.value.facts["choices"]]
    assert settle_computed(local, name) == offered[0]
    if possible:
        assert refused.value.code == "date_ambiguous"
        assert offered == sorted(possible)
        assert settle(local, name, DstChoice.FIRST) == offered[0]
        assert settle(local, name, DstChoice.SECOND) == offered[1]
        return
    assert refused.value.code == "date_nonexistent"
    (at,) = offered
    assert settle(local, name, DstChoice.NEXT) == at
    # The next valid instant: past the text, and a second before it was not.
    assert wall(at - timedelta(seconds=1), name) < local < wall(at, name)


@pytest.mark.parametrize(
    ("local", "choice", "at"),
    [
        ("2027-03-28T02:30", "next", "2027-03-28T01:00:00+00:00"),
        ("2026-10-25T02:30", "first", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T02:30", "second", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_the_nights_of_paris(local, choice, at):
    given_time = read_local(local)
    assert settle(given_time, "Europe/Paris", DstChoice(choice)).isoformat() == at
    others = {"next": "first", "first": "next", "second": "next"}
    with pytest.raises(InvalidInput):
        settle(given_time, "Europe/Paris", DstChoice(others[choice]))


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30T10:00", "2026-12-01T24:00", "2026-12-31T23:59:60", "2026-12-01"),
        *("2026-12-01T09:00Z", "2026-12-01T09:00+01:00", "1767225600", "", "２026-12-01T09:00"),
        "2026-12-01T09:00\n",
    ],
)
def test_what_is_no_date(text):
    with pytest.raises(InvalidInput) as refused:
        read_local(text)
    assert refused.value.code == "date_invalid"


@pytest.mark.parametrize(
    ("name", "alike"),
    [("Europe/Kyïv", "Europe/Kyiv"), ("CET+1", None), ("x" * 40_000, None), ("../UTC", "UTC")],
)
def test_what_is_no_zone(name, alike):
    with pytest.raises(InvalidInput) as refused:
        zone(name)
    assert refused.value.code == "timezone_unknown"
    suggestions = refused.value.facts["suggestions"]
    assert alike is None or alike in suggestions


def test_every_listed_zone_opens():
    assert len(zone_names()) > 500
    for name in zone_names():
        assert zone(name).key == name
