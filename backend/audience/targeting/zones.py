"""Where somebody may be: the profile's zone, else the number's, else the country's (DESIGN §3.4).

Several possible zones are all kept: whoever asks takes the strictest.
"""

from functools import cache, lru_cache
from importlib import resources
from typing import Final
from zoneinfo import available_timezones

from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

NOWHERE: Final = ("UTC",)
"""Of a number that belongs to no country."""


@cache
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def zones_of_countries() -> dict[str, tuple[str, ...]]:
    """ISO 3166 region → zones, from the table that comes with the zone data."""
    found: dict[str, list[str]] = {}
    table = resources.files("tzdata") / "zoneinfo" / "zone.tab"
    for line in table.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found.setdefault(country, []).append(name)
    return {country: tuple(sorted(names)) for country, names in found.items()}


def possible_zones(profile: str | None, phone: str, country: str) -> tuple[str, ...]:
    """At least one; `phone` in E.164."""
    if profile is not None and profile in known_zones():
        return (profile,)
    digits = phone[1:]
    for length in range(min(TIMEZONE_LONGEST_PREFIX, len(digits)), 0, -1):
        prefix = digits[:length]
        if prefix in TIMEZONE_DATA:
            return _inside(prefix, country)
    return zones_of_countries().get(country, NOWHERE)


@lru_cache(maxsize=4096)
def _inside(prefix: str, country: str) -> tuple[str, ...]:
    """A calling code of several countries names the zones of all of them."""
    of_number = {name for name in TIMEZONE_DATA[prefix] if name in known_zones()}
    of_country = zones_of_countries().get(country, ())
    return tuple(sorted(of_number.intersection(of_country))) or tuple(
        sorted(of_number or of_country or NOWHERE)
    )
