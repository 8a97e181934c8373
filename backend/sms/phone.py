"""Phone numbers as people and files write them → E.164, or a coded reason why not.

What stands in a cell is checked strictly before phonenumbers sees it: the library reads fullwidth
digits, drops zero-width characters and extensions and spells letters as digits, all silently.
"""

import re
from typing import Final

import msgspec
import phonenumbers

from backend.kernel.errors import InvalidInput
from backend.sms import numbering
from backend.sms.numbering import KIND_OF_TYPE, NumberKind

MAX_RAW_CHARACTERS: Final = 100
MAX_E164_DIGITS: Final = 15
# No subscriber's international number is shorter; emergency and short numbers are.
MAX_SHORT_NUMBER_DIGITS: Final = 6
# Enough digits to be a number of its own when several stand in one cell.
MIN_NUMBER_DIGITS: Final = 7
# A range is what an operator gets in one piece: 10,000 numbers.
RANGE_DIGITS: Final = 4

NOTICE_TEL_REMOVED: Final = "tel_prefix_removed"
NOTICE_SPREADSHEET_PREFIX_REMOVED: Final = "spreadsheet_prefix_removed"

_SPACES: Final = " \u00a0\u2007\u2009\u202f"
_DASHES: Final = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_SEPARATORS = str.maketrans(dict.fromkeys(f"{_SPACES}{_DASHES}.()/", ""))

_READABLE = re.compile(f"[\\x20-\\x7e{re.escape(_SPACES + _DASHES)}]*")
_SPREADSHEET_PREFIX = re.compile(r"""(?:="|['"=]+)(?=[+0-9(])""")
_SCIENTIFIC = re.compile(r"\+?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
_EXTENSION = re.compile(
    r"(?:;ext=|#|(?<![a-z])(?:extension|extn?|poste|x))[.:\s]*[0-9]+$", re.IGNORECASE
)
_BETWEEN_NUMBERS = re.compile(r"[,;|&/]|\b(?:or|and)\b|(?=\+)", re.IGNORECASE)
_PLAIN_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIGITS = re.compile(r"\+?[0-9]+")


class PhoneNumber(msgspec.Struct, frozen=True, gc=False):
    """`country` is an ISO 3166 region; `notices` name what was taken off on the way."""

    e164: str
    country: str
    kind: NumberKind
    notices: tuple[str, ...] = ()


class Destinations(msgspec.Struct, frozen=True):
    """What may be sent to; `countries` None means every country with geographic numbers."""

    kinds: frozenset[NumberKind] = frozenset({NumberKind.MOBILE, NumberKind.FIXED_LINE_OR_MOBILE})
    countries: frozenset[str] | None = None


MOBILE_ANYWHERE: Final = Destinations()


class PhoneProblem(InvalidInput):
    """`code` says what is wrong; the number itself is never part of the text, logs keep it."""


def parse(
    raw: str, default_country: str | None, allowed: Destinations = MOBILE_ANYWHERE
) -> PhoneNumber:
    """A number texts can be sent to; raises PhoneProblem.

    `default_country` (ISO 3166 region) reads numbers written without + or 00.
    """
    if _PLAIN_E164.fullmatch(raw):
        found = numbering.assignment(raw[1:])
        if found:
            _require_allowed(found.country, found.kind, allowed)
            return PhoneNumber(raw, found.country, found.kind)
    written, notices = _strict(raw)
    number = _exact(written, default_country)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    found = numbering.assignment(e164[1:]) or _assignment_by_library(number)
    _require_allowed(found.country, found.kind, allowed)
    return PhoneNumber(e164, found.country, found.kind, notices)


def _assignment_by_library(number: phonenumbers.PhoneNumber) -> numbering.Assignment:
    country = phonenumbers.region_code_for_number(number)
    if country is None or country == numbering.NON_GEOGRAPHIC_REGION:
        raise PhoneProblem("destination_not_allowed", "satellite and global numbers")
    return numbering.Assignment(country, KIND_OF_TYPE[phonenumbers.number_type(number)])


def is_e164(text: str) -> bool:
    """The form a number is stored in; whether it exists is another question."""
    return _PLAIN_E164.fullmatch(text) is not None


def country_of(e164: str) -> str | None:
    """The ISO 3166 region of a stored number; None if it belongs to no country."""
    found = numbering.assignment(e164[1:])
    if found:
        return found.country
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    return None if region == numbering.NON_GEOGRAPHIC_REGION else region


def unreachable_kind(e164: str, allowed: Destinations = MOBILE_ANYWHERE) -> str | None:
    """The kind of a stored number that texts do not reach, `unknown` of one that is none; None:
    they do. Numbering plans change after a number was stored.
    """
    found = numbering.assignment(e164[1:])
    if found is None:
        try:
            found = _assignment_by_library(phonenumbers.parse(e164))
        except (phonenumbers.NumberParseException, PhoneProblem):
            return "unknown"
    return None if found.kind in allowed.kinds else found.kind.value


def range_prefix(e164: str) -> str:
    """What the 10,000 numbers of one operator range share (rule `range_suspicious`)."""
    return e164[:-RANGE_DIGITS]


def mask(e164: str) -> str:
    """For viewers: +47 91• ••• 28. Tells numbers apart, does not give them away."""
    digits = e164[1:]
    if not e164.startswith("+") or not digits.isdecimal():
        return "•••"
    code = numbering.calling_code(digits)
    national = digits[len(code) :]
    shown_first = 2 if len(national) >= MIN_NUMBER_DIGITS else 0
    hidden = max(len(national) - shown_first - 2, 0)
    masked = national[:shown_first] + "•" * hidden + national[shown_first + hidden :]
    groups = [masked[start : start + 3] for start in range(0, len(masked), 3)]
    return " ".join((f"+{code}", *groups))


def _require_allowed(country: str, kind: NumberKind, allowed: Destinations) -> None:
    if kind not in allowed.kinds:
        if kind is NumberKind.FIXED_LINE:
            raise PhoneProblem("phone_not_mobile", "a landline receives no texts", kind=kind)
        raise PhoneProblem("destination_not_allowed", f"numbers of type {kind}", kind=kind)
    if allowed.countries is not None and country not in allowed.countries:
        raise PhoneProblem("destination_not_allowed", f"country {country}", country=country)


def _strict(raw: str) -> tuple[str, tuple[str, ...]]:
    """Digits with an optional leading +, and the notices; every other reading is a problem."""
    if len(raw) > MAX_RAW_CHARACTERS:
        raise PhoneProblem("phone_invalid", "too long", limit_characters=MAX_RAW_CHARACTERS)
    if not _READABLE.fullmatch(raw):
        raise PhoneProblem("phone_invalid_characters", "other characters than 0-9 and separators")
    notices: list[str] = []
    text = raw.strip(_SPACES)
    prefix = _SPREADSHEET_PREFIX.match(text)
    if prefix:
        text = text[prefix.end() :].rstrip("\"'")
        notices.append(NOTICE_SPREADSHEET_PREFIX_REMOVED)
    if text[:4].lower() == "tel:":
        text = text[4:].strip(_SPACES)
        notices.append(NOTICE_TEL_REMOVED)
    if not text:
        raise PhoneProblem("phone_empty", "no number")
    _refuse_other_readings(text)
    written = text.translate(_SEPARATORS)
    if not _DIGITS.fullmatch(written):
        raise PhoneProblem("phone_invalid_characters", "other characters than 0-9 and separators")
    if written.startswith("00"):
        written = f"+{written[2:]}"
    return written, tuple(notices)


def _refuse_other_readings(text: str) -> None:
    if _SCIENTIFIC.fullmatch(text):
        hint = "format the column as text"
        raise PhoneProblem("phone_scientific_notation", "digits lost by a spreadsheet", hint=hint)
    if ";phone-context=" in text.lower():
        raise PhoneProblem("phone_multiple", "a number with a phone-context")
    if _EXTENSION.search(text):
        raise PhoneProblem("phone_extension", "texts cannot reach an extension")
    found = max(_numbers_among(_BETWEEN_NUMBERS.split(text)), _numbers_among(text.split()))
    if found > 1:
        raise PhoneProblem("phone_multiple", "more than one number", found=found)
    if any(character.isalpha() for character in text):
        raise PhoneProblem("phone_letters_not_allowed", "letters in place of digits")


def _numbers_among(parts: list[str]) -> int:
    digits_of_parts = (sum(map(str.isdecimal, part)) for part in parts)
    return sum(digits >= MIN_NUMBER_DIGITS for digits in digits_of_parts)


def _exact(written: str, default_country: str | None) -> phonenumbers.PhoneNumber:
    international = written.startswith("+")
    if not international and default_country is None:
        _refuse_short(written)
        hint = "write it with + and the country code"
        raise PhoneProblem("phone_country_unknown", "no country code", hint=hint)
    try:
        number = phonenumbers.parse(written, None if international else default_country)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_valid_number(number):
        return number
    _refuse_short(written)
    if international and not numbering.is_geographic(numbering.calling_code(written[1:])):
        raise PhoneProblem("phone_not_sendable", "a calling code of no country")
    raise PhoneProblem("phone_invalid", "no such number is in use")


def _refuse_short(written: str) -> None:
    if len(written.lstrip("+")) <= MAX_SHORT_NUMBER_DIGITS:
        raise PhoneProblem("phone_not_sendable", "a short or emergency number")
