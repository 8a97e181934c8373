"""One record → a row that can become a subscriber, and what is to be said about it."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final
from zoneinfo import available_timezones

import msgspec

from backend.audience.reading.columns import ATTRIBUTE, IGNORE, PHONE
from backend.audience.schemas.imports import ColumnView, ImportRow
from backend.audience.states import (
    ATTRIBUTE_VALUE_CHARACTERS_MAX,
    AttributeKind,
    attribute_key,
)
from backend.kernel.ids import uuid7
from backend.sms.phone import PhoneProblem, parse

VALUE_SHOWN_CHARACTERS: Final = 60
NUMBER_DIGITS_MAX: Final = 40
"""On either side of the point. `1e999999` is eight characters of a file and a megabyte as stored,
more than the database takes for a number.
"""
_FIELD_CHARACTERS_MAX: Final = {"name": 200, "email": 254, "external_id": 100, "time_zone": 64}
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")
_DOTTED_DATE: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
# Both go over a cell once: one that tries a run of letters from each of them takes minutes.
_LINK: Final = re.compile(
    r"https?:|www\.|(?<=[\w-])\.(?:com|net|org|io|ly|me|co|info|biz|xyz|ru)\b"
)
_TEMPLATE: Final = re.compile(r"\{\{|\{%|\[[^\[\]]+\]")
_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_YES: Final = frozenset({"true", "yes", "y", "1", "ja", "oui", "si", "sí"})
_NO: Final = frozenset({"false", "no", "n", "0", "nei", "nein", "non"})
_ERROR, _NOTICE = "error", "notice"


class Remark(msgspec.Struct, frozen=True, gc=False):
    """An error refuses the row; a notice says what was seen or left out."""

    line: int
    column: str
    severity: str
    code: str
    value: str
    message: str


class _Unusable(ValueError):
    """The cell cannot be what its column says."""


def read_attribute(text: str, kind: AttributeKind) -> Any:
    """The stored value: numbers and dates as text that compares equal to itself, booleans as such.

    Raises ValueError.
    """
    if kind is AttributeKind.NUMBER:
        try:
            return _plain_number(Decimal(text.replace(" ", "").replace(",", ".")))
        except InvalidOperation as error:
            raise _Unusable from error
    if kind is AttributeKind.DATE:
        return read_date(text).date().isoformat()
    if kind is AttributeKind.BOOLEAN:
        folded = text.casefold()
        if folded not in _YES | _NO:
            raise _Unusable
        return folded in _YES
    return text


def _plain_number(number: Decimal) -> str:
    """All its digits, and none that say nothing: `1.50` and `1.5` are one number."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):  # infinite, or none
        raise _Unusable
    if not number:
        return "0"
    if number.adjusted() >= NUMBER_DIGITS_MAX or exponent < -NUMBER_DIGITS_MAX:
        raise _Unusable
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def read_date(text: str) -> datetime:
    """ISO 8601, or day.month.year, which nobody writes month first. Raises ValueError."""
    dotted = _DOTTED_DATE.fullmatch(text)
    if dotted:
        day, month, year = map(int, dotted.groups())
        found = datetime(year, month, day, tzinfo=UTC)
    elif len(text) == len("2025-03-01"):
        at = date.fromisoformat(text)
        found = datetime(at.year, at.month, at.day, tzinfo=UTC)
    else:
        found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    try:
        found.astimezone(UTC)
    except OverflowError as error:  # before the year 1 there, or after 9999
        raise _Unusable from error
    return found


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_time_zone(name: str) -> bool:
    return name in _zones()


def read_language(text: str) -> str:
    """`nb_no` and `nb-NO` alike. Raises ValueError."""
    found = _LANGUAGE.fullmatch(text)
    if not found:
        raise _Unusable
    return found[1].lower() + (f"-{found[2].upper()}" if found[2] else "")


class RowReader:
    """Holds what is the same for every row of a file: columns, kinds, the default country."""

    def __init__(
        self,
        columns: Sequence[ColumnView],
        kinds: dict[str, AttributeKind],
        default_country: str | None,
        read_at: datetime,
    ) -> None:
        self._width = len(columns)
        self._country = default_country
        self._read_at = read_at
        self._fields: list[tuple[int, str, str]] = []
        self._attributes: list[tuple[int, str, str, AttributeKind]] = []
        for at, view in enumerate(columns):
            if view.target.startswith(ATTRIBUTE):
                key = attribute_key(view.target.removeprefix(ATTRIBUTE))
                kind = kinds.get(key, AttributeKind.TEXT)
                self._attributes.append((at, view.column, key, kind))
            elif view.target == PHONE:
                self._phone = (at, view.column)
            elif view.target != IGNORE:
                self._fields.append((at, view.column, view.target))

    def read(self, line: int, cells: list[str]) -> tuple[ImportRow | None, list[Remark]]:
        """The row, or None with at least one error among the remarks."""
        remarks: list[Remark] = []

        def say(column: str, severity: str, code: str, value: str = "", message: str = "") -> None:
            shown = value.replace("\x00", "")[:VALUE_SHOWN_CHARACTERS]
            remarks.append(Remark(line, column, severity, code, shown, message))

        if len(cells) < self._width or any(cell.strip() for cell in cells[self._width :]):
            message = f"{len(cells)} cells, the header has {self._width}"
            say("", _ERROR, "row_length", message=message)
            return None, remarks
        at, column = self._phone
        try:
            phone = parse(cells[at].strip(" \t"), self._country)
        except PhoneProblem as problem:
            say(column, _ERROR, problem.code, cells[at], str(problem.facts.get("hint", "")))
            return None, remarks
        for notice in phone.notices:
            say(column, _NOTICE, notice, cells[at])
        fields = self._read_fields(cells, say)
        attributes = self._read_attributes(cells, say)
        if any(remark.severity == _ERROR for remark in remarks):
            return None, remarks
        row = ImportRow(
            line=line,
            subscriber_id=uuid7(),
            phone=phone.e164,
            country=phone.country,
            name=fields.get("name"),
            email=fields.get("email"),
            external_id=fields.get("external_id"),
            language=fields.get("language"),
            time_zone=fields.get("time_zone"),
            attributes=attributes,
            consent_at=fields.get("consent_at"),
        )
        return row, remarks

    def _read_fields(self, cells: list[str], say: Callable[..., None]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for at, column, target in self._fields:
            text = _cell(cells[at], column, say, _FIELD_CHARACTERS_MAX.get(target))
            if not text:
                continue
            try:
                found[target] = self._read_field(target, text)
            except ValueError:
                # Consent is evidence and must be right; the others are left out and said.
                severity = _ERROR if target == "consent_at" else _NOTICE
                say(column, severity, f"{target}_invalid", text)
        return found

    def _read_field(self, target: str, text: str) -> Any:
        if target == "email" and not _EMAIL.fullmatch(text):
            raise _Unusable
        if target == "time_zone" and not is_time_zone(text):
            raise _Unusable
        if target == "language":
            return read_language(text)
        if target == "consent_at":
            at = read_date(text)
            if at > self._read_at:
                raise _Unusable
            return at
        return text

    def _read_attributes(self, cells: list[str], say: Callable[..., None]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for at, column, key, kind in self._attributes:
            text = _cell(cells[at], column, say)
            if not text:
                continue
            try:
                found[key] = read_attribute(text, kind)
            except ValueError:
                say(column, _ERROR, "value_invalid", text, f"a {kind.value} is expected")
        return found


def _cell(
    raw: str, column: str, say: Callable[..., None], characters_max: int | None = None
) -> str:
    """The text of a cell, kept as data whatever it looks like; what it looks like is said. Empty
    where it is too long, which is said before anything is searched in it.
    """
    text = raw.strip()
    if len(text.replace("\x00", "")) > (characters_max or ATTRIBUTE_VALUE_CHARACTERS_MAX):
        say(column, _ERROR, "cell_too_long", text)
        return ""
    if not text or text.isalnum():
        return text
    if "\x00" in text:
        say(column, _NOTICE, "nul_removed", text)
        text = text.replace("\x00", "")
    if _FORMULA.match(raw) and len(text) > 1 and not text.lstrip("+-").replace(".", "").isdigit():
        say(column, _NOTICE, "value_looks_like_formula", text)
    if _LINK.search(text):
        say(column, _NOTICE, "value_has_link", text)
    if _TEMPLATE.search(text):
        say(column, _NOTICE, "value_has_template_syntax", text)
    if _BIDI.search(text):
        say(column, _NOTICE, "value_has_direction_controls", text)
    return text
