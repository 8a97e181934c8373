"""What a target group's rule is made of. Frozen copies of it travel in content versions."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from backend.audience.states import AttributeKind, ContactKind

DEPTH_MAX: Final = 6
TERMS_MAX: Final = 50
"""After references to other target groups are written out."""
VALUES_MAX: Final = 100
DAYS_MAX: Final = 3_650
REFERENCES_MAX: Final = 20


class Comparison(StrEnum):
    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    ONE_OF = "one_of"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    IN_LAST_DAYS = "in_last_days"
    IN_NEXT_DAYS = "in_next_days"
    IS_SET = "is_set"
    IS_EMPTY = "is_empty"


C = Comparison
_ANY_KIND: Final = frozenset({C.IS_SET, C.IS_EMPTY})
_ORDERED: Final = frozenset({C.EQUALS, C.NOT_EQUALS, C.AT_LEAST, C.AT_MOST, C.BETWEEN})
COMPARISONS: Final[dict[AttributeKind, frozenset[Comparison]]] = {
    AttributeKind.TEXT: _ANY_KIND | {C.EQUALS, C.NOT_EQUALS, C.ONE_OF, C.CONTAINS, C.STARTS_WITH},
    AttributeKind.NUMBER: _ANY_KIND | _ORDERED | {C.ONE_OF},
    AttributeKind.DATE: _ANY_KIND | _ORDERED | {C.IN_LAST_DAYS, C.IN_NEXT_DAYS},
    AttributeKind.BOOLEAN: _ANY_KIND | {C.EQUALS},
}
VALUES_OF: Final[dict[Comparison, tuple[int, int]]] = {
    C.ONE_OF: (1, VALUES_MAX),
    C.BETWEEN: (2, 2),
    C.IS_SET: (0, 0),
    C.IS_EMPTY: (0, 0),
}
"""How many values a comparison takes; one where it is not here."""
FIELDS: Final = frozenset({"name", "email", "external_id", "country", "language"})
"""Columns of every subscriber, compared as texts."""


class AllOf(msgspec.Struct, frozen=True, tag_field="kind", tag="all"):
    of: tuple["Term", ...]


class AnyOf(msgspec.Struct, frozen=True, tag_field="kind", tag="any"):
    of: tuple["Term", ...]


class NotOf(msgspec.Struct, frozen=True, tag_field="kind", tag="not"):
    of: "Term"


class AttributeTerm(msgspec.Struct, frozen=True, tag_field="kind", tag="attribute"):
    """`type` is the attribute's at the time of saving; numbers and dates stand as texts, as they
    are stored.
    """

    name: str
    type: AttributeKind
    comparison: Comparison
    values: tuple[str, ...] = ()


class FieldTerm(msgspec.Struct, frozen=True, tag_field="kind", tag="field"):
    name: str
    comparison: Comparison
    values: tuple[str, ...] = ()


class GroupTerm(msgspec.Struct, frozen=True, tag_field="kind", tag="group"):
    id: UUID


class TargetTerm(msgspec.Struct, frozen=True, tag_field="kind", tag="target_group"):
    """Another rule, written out before anything is counted or frozen."""

    id: UUID


class ConsentTerm(msgspec.Struct, frozen=True, tag_field="kind", tag="consent"):
    """Whoever has agreed to be written to."""


class ActivityTerm(msgspec.Struct, frozen=True, tag_field="kind", tag="activity"):
    """Whoever had one in the last `days` days; ever, without."""

    event: ContactKind
    days: int | None = None


Term = (
    AllOf
    | AnyOf
    | NotOf
    | AttributeTerm
    | FieldTerm
    | GroupTerm
    | TargetTerm
    | ConsentTerm
    | ActivityTerm
)


def parts_of(term: Term) -> tuple[Term, ...]:
    if isinstance(term, AllOf | AnyOf):
        return term.of
    return (term.of,) if isinstance(term, NotOf) else ()


def walk(term: Term) -> Iterator[Term]:
    yield term
    for part in parts_of(term):
        yield from walk(part)


def depth_of(term: Term) -> int:
    return 1 + max((depth_of(part) for part in parts_of(term)), default=0)


def group_ids(term: Term) -> set[UUID]:
    return {one.id for one in walk(term) if isinstance(one, GroupTerm)}


def target_ids(term: Term) -> set[UUID]:
    return {one.id for one in walk(term) if isinstance(one, TargetTerm)}


def read_frozen(stored: dict[str, object]) -> Term:
    """What `msgspec.to_builtins` of a term gave."""
    term: Term = msgspec.convert(stored, Term, strict=False)
    return term
