"""A rule as it comes in → terms, or every problem at once with a pointer to its place."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from backend.audience.reading.rows import read_attribute
from backend.audience.states import (
    ATTRIBUTE_VALUE_CHARACTERS_MAX,
    AttributeKind,
    ContactKind,
    attribute_key,
)
from backend.audience.targeting.terms import (
    COMPARISONS,
    DAYS_MAX,
    DEPTH_MAX,
    FIELDS,
    TERMS_MAX,
    VALUES_OF,
    ActivityTerm,
    AllOf,
    AnyOf,
    AttributeTerm,
    Comparison,
    ConsentTerm,
    FieldTerm,
    GroupTerm,
    NotOf,
    TargetTerm,
    Term,
)
from backend.kernel.errors import FieldError, InvalidInput

_FIELDS_OF: Final = {
    "all": {"of"},
    "any": {"of"},
    "not": {"of"},
    "attribute": {"name", "comparison", "values"},
    "field": {"name", "comparison", "values"},
    "group": {"id"},
    "target_group": {"id"},
    "consent": set[str](),
    "activity": {"event", "days"},
}
# A reader gets what is stored again: the type is the attribute's own and is not believed.
_IGNORED: Final = {"kind", "type"}
_NOTHING: Final = ConsentTerm()
"""Stands where a problem was found; never leaves `read_rule`."""


def read_rule(
    given: Mapping[str, Any], kinds: Mapping[str, AttributeKind], pointer: str = "/rule"
) -> Term:
    """Raises InvalidInput: `rule_too_deep`, `rule_too_long`, `rule_invalid`,
    `unknown_attribute`, `comparison_invalid`, `value_invalid`.
    """
    reader = _Reader(kinds)
    term = reader.read(given, pointer, 1)
    if reader.terms > TERMS_MAX:
        reader.say(pointer, "rule_too_long", f"at most {TERMS_MAX} conditions")
    if reader.errors:
        first = reader.errors[0]
        raise InvalidInput(first.code, first.message, errors=reader.errors)
    return term


class _Reader:
    """Goes on after a problem, so that all of them are told at once."""

    def __init__(self, kinds: Mapping[str, AttributeKind]) -> None:
        self.kinds = kinds
        self.terms = 0
        self.errors: list[FieldError] = []

    def say(self, pointer: str, code: str, message: str) -> Term:
        self.errors.append(FieldError(pointer, code, message))
        return _NOTHING

    def read(self, given: Any, pointer: str, depth: int) -> Term:
        if depth > DEPTH_MAX:
            return self.say(pointer, "rule_too_deep", f"at most {DEPTH_MAX} levels")
        self.terms += 1
        if self.terms > TERMS_MAX:
            return _NOTHING
        if not isinstance(given, Mapping):
            return self.say(pointer, "rule_invalid", "a condition is an object with a kind")
        kind = given.get("kind")
        if not isinstance(kind, str) or kind not in _FIELDS_OF:
            known = ", ".join(_FIELDS_OF)
            return self.say(f"{pointer}/kind", "rule_invalid", f"one of {known}")
        unknown = given.keys() - _FIELDS_OF[kind] - _IGNORED
        if unknown:
            return self.say(pointer, "rule_invalid", f"{kind} has no {min(unknown)[:40]}")
        if kind in {"all", "any", "not"}:
            return self._combined(kind, given.get("of"), f"{pointer}/of", depth)
        if kind == "attribute":
            return self._attribute(given, pointer)
        if kind == "field":
            return self._field(given, pointer)
        if kind == "activity":
            return self._activity(given, pointer)
        if kind == "consent":
            return ConsentTerm()
        return self._reference(kind, given.get("id"), f"{pointer}/id")

    def _combined(self, kind: str, of: Any, pointer: str, depth: int) -> Term:
        if kind == "not":
            return NotOf(self.read(of, pointer, depth + 1))
        if not isinstance(of, list) or not of:
            return self.say(pointer, "rule_empty", "at least one condition")
        if len(of) > TERMS_MAX:
            return self.say(pointer, "rule_too_long", f"at most {TERMS_MAX} conditions")
        parts = tuple(self.read(one, f"{pointer}/{at}", depth + 1) for at, one in enumerate(of))
        return AllOf(parts) if kind == "all" else AnyOf(parts)

    def _reference(self, kind: str, given: Any, pointer: str) -> Term:
        try:
            found = UUID(given)
        except (TypeError, ValueError, AttributeError):
            return self.say(pointer, "invalid_id", "an id")
        return GroupTerm(found) if kind == "group" else TargetTerm(found)

    def _activity(self, given: Mapping[str, Any], pointer: str) -> Term:
        event, days = given.get("event"), given.get("days")
        if event not in {one.value for one in ContactKind}:
            known = ", ".join(ContactKind)
            return self.say(f"{pointer}/event", "rule_invalid", f"one of {known}")
        if days is not None and not _is_days(days):
            return self.say(f"{pointer}/days", "value_invalid", f"1 to {DAYS_MAX} days")
        return ActivityTerm(ContactKind(event), days)

    def _attribute(self, given: Mapping[str, Any], pointer: str) -> Term:
        name = given.get("name")
        key = attribute_key(name) if isinstance(name, str) else ""
        if key not in self.kinds:
            return self.say(f"{pointer}/name", "unknown_attribute", "there is no such attribute")
        kind = self.kinds[key]
        comparison = self._comparison(given.get("comparison"), kind, pointer)
        if comparison is None:
            return _NOTHING
        values = self._values(given.get("values", []), kind, comparison, pointer)
        return AttributeTerm(key, kind, comparison, values)

    def _field(self, given: Mapping[str, Any], pointer: str) -> Term:
        name = given.get("name")
        if name not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            return self.say(f"{pointer}/name", "unknown_field", f"one of {known}")
        kind = AttributeKind.TEXT
        comparison = self._comparison(given.get("comparison"), kind, pointer)
        if comparison is None:
            return _NOTHING
        values = self._values(given.get("values", []), kind, comparison, pointer)
        return FieldTerm(name, comparison, values)

    def _comparison(self, given: Any, kind: AttributeKind, pointer: str) -> Comparison | None:
        allowed = COMPARISONS[kind]
        if isinstance(given, str) and given in {one.value for one in allowed}:
            return Comparison(given)
        known = ", ".join(sorted(allowed))
        self.say(f"{pointer}/comparison", "comparison_invalid", f"for a {kind}: {known}")
        return None

    def _values(
        self, given: Any, kind: AttributeKind, comparison: Comparison, pointer: str
    ) -> tuple[str, ...]:
        at_least, at_most = VALUES_OF.get(comparison, (1, 1))
        if not isinstance(given, list) or not at_least <= len(given) <= at_most:
            wanted = str(at_least) if at_least == at_most else f"{at_least} to {at_most}"
            self.say(f"{pointer}/values", "value_count_invalid", f"{wanted} of them")
            return ()
        found = []
        for at, one in enumerate(given):
            try:
                found.append(_value(one, kind, comparison))
            except (TypeError, ValueError, OverflowError):
                expected = "number of days" if comparison in _BY_DAYS else kind.value
                self.say(f"{pointer}/values/{at}", "value_invalid", f"a {expected} is expected")
        return tuple(found)


_BY_DAYS: Final = frozenset({Comparison.IN_LAST_DAYS, Comparison.IN_NEXT_DAYS})
_NUMBER_CHARACTERS_MAX: Final = 40
"""Above it a number is no measure of anything, and its text would fill a page."""


def _is_days(given: Any) -> bool:
    is_number = isinstance(given, int) and not isinstance(given, bool)
    return is_number and 1 <= given <= DAYS_MAX


def _value(given: Any, kind: AttributeKind, comparison: Comparison) -> str:
    """As it is stored, so that it compares equal. Raises ValueError, TypeError."""
    if not isinstance(given, str | int | float | bool):
        raise TypeError(type(given))
    if comparison in _BY_DAYS:
        if not _is_days(given):
            raise ValueError(given)
        return str(given)
    text = str(given).strip()
    if not text or len(text) > ATTRIBUTE_VALUE_CHARACTERS_MAX or "\x00" in text:
        raise ValueError(len(text))
    if kind is AttributeKind.BOOLEAN:
        return "true" if read_attribute(text, kind) else "false"
    if kind is AttributeKind.NUMBER and len(text) > _NUMBER_CHARACTERS_MAX:
        raise ValueError(len(text))
    stored = str(read_attribute(text, kind))
    if kind is AttributeKind.NUMBER and len(stored) > _NUMBER_CHARACTERS_MAX:
        raise ValueError(len(stored))
    return stored
