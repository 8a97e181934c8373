"""Local text and IANA zone → one instant, converted here and nowhere else (DESIGN §3.4).

Postgres and Python disagree about an ambiguous hour, so nothing converts a second time. The zones
are those of the locked `tzdata` package, not of the machine: every process knows the same ones.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

import msgspec

from backend.kernel.errors import InvalidInput, invalid_field

LOCAL_CHARACTERS_MAX = 32
ZONE_CHARACTERS_MAX = 64
ZONES_SUGGESTED_MAX = 3
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?", re.ASCII)
_NO_PLACE = frozenset({"Factory", "localtime"})
_SECOND = timedelta(seconds=1)


class DstChoice(StrEnum):
    """What a person or program wants where clocks are changed."""

    NEXT = "next"
    """The time does not exist that day: the next instant that does."""
    FIRST = "first"
    SECOND = "second"
    """The time comes twice that day: before, or after the clocks go back."""


class Choice(msgspec.Struct, frozen=True):
    """One answer to a date that is no single instant."""

    dst: DstChoice
    local: str
    at: datetime


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    listed = resources.files("tzdata").joinpath("zones").read_text("utf-8")
    return frozenset(listed.split()) - _NO_PLACE


@lru_cache(maxsize=640)
def zone(name: str) -> ZoneInfo:
    """Raises InvalidInput `timezone_unknown` with the names that resemble it."""
    if name not in zone_names():
        alike = get_close_matches(name[:ZONE_CHARACTERS_MAX], zone_names(), ZONES_SUGGESTED_MAX)
        raise invalid_field(
            "/zone", "timezone_unknown", "there is no such time zone", suggestions=alike
        )
    folder, _, last = name.rpartition("/")
    package = ".".join(["tzdata", "zoneinfo", *folder.split("/")] if folder else _ROOT)
    with resources.files(package).joinpath(last).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


_ROOT = ["tzdata", "zoneinfo"]


def read_local(text: str) -> datetime:
    """`2026-12-01T09:30`, without an offset. Raises InvalidInput `date_invalid`."""
    if _LOCAL.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # 30 February, 24:00
    message = "a date and time like 2026-12-01T09:30, without an offset"
    raise invalid_field("/local", "date_invalid", message)


def write_local(local: datetime) -> str:
    return local.isoformat(timespec="minutes")


def settle(local: datetime, name: str, choice: DstChoice | None = None) -> datetime:
    """The instant (UTC) a single given time means.

    Raises InvalidInput `date_nonexistent`, `date_ambiguous` with their `choices`, where `choice`
    does not decide; `timezone_unknown`.
    """
    first, second = _both(local, zone(name))
    if first == second:
        return first
    if first < second:
        if choice in {DstChoice.FIRST, DstChoice.SECOND}:
            return first if choice is DstChoice.FIRST else second
        choices = [
            Choice(DstChoice.FIRST, write_local(local), first),
            Choice(DstChoice.SECOND, write_local(local), second),
        ]
        raise _undecided("date_ambiguous", "this time comes twice that day", choices)
    after = _end_of_gap(local, second, first, zone(name))
    if choice is DstChoice.NEXT:
        return after
    shown = write_local(after.astimezone(zone(name)).replace(tzinfo=None))
    choices = [Choice(DstChoice.NEXT, shown, after)]
    raise _undecided("date_nonexistent", "clocks jump over this time that day", choices)


def settle_computed(local: datetime, name: str) -> datetime:
    """Of a repeat: in a gap the next valid instant, of two the first."""
    first, second = _both(local, zone(name))
    return first if first <= second else _end_of_gap(local, second, first, zone(name))


def shown_local(at: datetime, name: str) -> str:
    """What the clocks of that zone say at this instant."""
    return write_local(at.astimezone(zone(name)).replace(tzinfo=None))


def _both(local: datetime, place: ZoneInfo) -> tuple[datetime, datetime]:
    """By the offset before and after a change: equal where there is none, later ‑ earlier in a
    gap (PEP 495).
    """
    before = local.replace(tzinfo=place, fold=0).astimezone(UTC)
    after = local.replace(tzinfo=place, fold=1).astimezone(UTC)
    return before, after


def _end_of_gap(local: datetime, low: datetime, high: datetime, place: ZoneInfo) -> datetime:
    """The first instant whose clocks are past `local`; it lies in (low, high]."""
    return _first_instant(
        low, high, lambda at: at.astimezone(place).replace(tzinfo=None, fold=0) > local
    )


def _first_instant(low: datetime, high: datetime, is_past: Callable[[datetime], bool]) -> datetime:
    seconds = int((high - low) / _SECOND)
    start = 0
    while seconds - start > 1:
        middle = (start + seconds) // 2
        if is_past(low + middle * _SECOND):
            seconds = middle
        else:
            start = middle
    return low + seconds * _SECOND


def _undecided(code: str, detail: str, choices: list[Choice]) -> InvalidInput:
    return invalid_field("/local", code, detail, choices=msgspec.to_builtins(choices))
