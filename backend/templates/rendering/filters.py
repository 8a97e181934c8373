"""The filters a template may use, each bounded in what it takes and gives.

Left out for what they cost (measured): join, split, replace and remove, append and prepend,
concat, times, map, sort, where, base64 and everything for HTML.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import msgspec
from liquid.exceptions import FilterArgumentError, LocalNamespaceLimitError

from backend.templates.rendering.limits import DATE_FORMAT_LIMIT_CHARS, VALUE_LIMIT_CHARS

# Python hands the format to the C library: only letters that mean the same everywhere, no widths.
_DATE_FORMAT = re.compile(r"(?:[^%]|%-?[dmHIMSyjUWw]|%[YBbAapZzFTDR%])*", re.DOTALL)
_UNIX_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)


class FilterRule(msgspec.Struct, frozen=True):
    """Positional arguments allowed, and the keywords."""

    least: int
    most: int
    keywords: frozenset[str] = frozenset()


ALLOWED_FILTERS: dict[str, FilterRule] = {
    "default": FilterRule(0, 1, frozenset({"allow_false"})),
    **dict.fromkeys(
        ("upcase", "downcase", "capitalize", "strip", "lstrip", "rstrip", "url_encode"),
        FilterRule(0, 0),
    ),
    "truncate": FilterRule(0, 2),
    "truncatewords": FilterRule(0, 2),
    "date": FilterRule(1, 1),
    **dict.fromkeys(("plus", "minus", "at_least", "at_most"), FilterRule(1, 1)),
    "round": FilterRule(0, 1),
    **dict.fromkeys(("size", "first", "last"), FilterRule(0, 0)),
}

# What needs nothing but its value and literal arguments, so a flat template may use it as it is.
FLATTENABLE_FILTERS = frozenset(
    {
        "default",
        "upcase",
        "downcase",
        "capitalize",
        "strip",
        "lstrip",
        "rstrip",
        "truncate",
        "truncatewords",
    }
)


def bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """`truncatewords: 1, a` on `a` doubles it; a chain of filters never leaves the value limit."""

    @wraps(function)
    def wrapper(value: object, *args: object, **kwargs: object) -> object:
        result = function(value, *args, **kwargs)
        if isinstance(result, str) and len(result) > VALUE_LIMIT_CHARS:
            raise LocalNamespaceLimitError("a value grew past the limit", token=None)
        return result

    return wrapper


def date(value: object, wanted: object) -> str:
    """ISO 8601 text or a Unix number (UTC), formatted; anything else comes back unchanged.

    Liquid's own reads the server's clock and zone, and guesses whether 01/02 is in January.
    """
    if not isinstance(wanted, str) or len(wanted) > DATE_FORMAT_LIMIT_CHARS:
        raise FilterArgumentError(
            f"a date format is at most {DATE_FORMAT_LIMIT_CHARS} characters", token=None
        )
    if not _DATE_FORMAT.fullmatch(wanted):
        raise FilterArgumentError("a date format has letters we do not know", token=None)
    text = "" if value is None else str(value)
    moment = _read_moment(text)
    if moment is None:
        return text
    return moment.strftime(wanted)


def _read_moment(text: str) -> datetime | None:
    if _UNIX_SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def allow(registered: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Our filters in place of everything Liquid registered."""
    return {name: bounded(date if name == "date" else registered[name]) for name in ALLOWED_FILTERS}
