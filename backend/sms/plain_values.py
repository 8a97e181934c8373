"""Property values of tenants on approved templates: one plain line, no link, no phone number.

The template is what a moderator approved; a value must not carry a message of its own past it.
"""

import re
import unicodedata
from typing import Final

from backend.sms import folding, links

MAX_PLAIN_VALUE_CHARACTERS: Final = 60
MIN_PHONE_DIGITS: Final = 7
# Beside a date and a time of day: "12.05.2026 14:30, room 214" is no phone number.
MAX_DIGITS_BESIDE_TIMES: Final = 3
MAX_TIMES: Final = 2

_LINE_BREAK = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PHONE = re.compile(rf"[0-9](?:[\W_]{{0,3}}[0-9]){{{MIN_PHONE_DIGITS - 1},}}")
_DATE = re.compile(
    r"(?<![0-9+])(?:(?:0?[1-9]|[12][0-9]|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:19|20)[0-9]{2}"
    r"|(?:19|20)[0-9]{2}([./-])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])"
)
_TIME = re.compile(r"(?<![0-9.:+])(?:[01]?[0-9]|2[0-4])[:.][0-5][0-9](?![.:]?[0-9])")


def is_plain_value(value: str, limit_characters: int = MAX_PLAIN_VALUE_CHARACTERS) -> str | None:
    """The code of the first reason why the value is not plain; None if it is."""
    if len(value) > limit_characters:
        return "value_too_long"
    if _LINE_BREAK.search(value):
        return "value_has_line_break"
    if links.find(value):
        return "value_has_link"
    if contains_phone_number(value):
        return "value_has_phone_number"
    return None


def contains_phone_number(text: str) -> bool:
    """Seven digits or more, in any script, however they are spaced; dates with times are none."""
    digits = "".join(map(_as_digit, folding.fold(text).text))
    if not _PHONE.search(digits):
        return False
    rest = _TIME.sub("t", _DATE.sub("d", digits, count=1), count=MAX_TIMES)
    return sum(map(str.isdecimal, rest)) > MAX_DIGITS_BESIDE_TIMES


def _as_digit(character: str) -> str:
    digit = unicodedata.digit(character, None)
    return character if digit is None else str(digit)
