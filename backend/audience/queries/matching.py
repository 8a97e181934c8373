"""A rule's terms as SQL over `subscribers s`, with every value a parameter.

Each part is true or false, never unknown: NOT must mean the others. `OFFSET 0` keeps a look-up a
look-up by key: pulled up, the planner would hash all contacts of a tenant for a page of people.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from backend.audience.states import AttributeKind
from backend.audience.targeting.terms import (
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

C = Comparison
# Bounded: one value too large for the database would end every search of its kind.
_NUMBER: Final = r"^-?[0-9]{1,100}([.][0-9]{1,100})?$"
_COLUMNS: Final = {name: f"s.{name}" for name in ("name", "email", "external_id", "language")} | {
    "country": "s.country"
}
_LAST: Final = {
    "accepted": "c.last_accepted_at",
    "delivered": "c.last_delivered_at",
    "replied": "c.last_replied_at",
}


class Parameters:
    """$1 is the tenant; `first` is the number of the first value added here."""

    def __init__(self, first: int, at: datetime) -> None:
        self.values: list[Any] = []
        self.at = at
        self._first = first

    def add(self, value: Any, kind: str = "text") -> str:
        self.values.append(value)
        return f"${self._first + len(self.values) - 1}::{kind}"


def condition(term: Term, given: Parameters) -> str:
    """SQL that is true for whom the term means."""
    if isinstance(term, AllOf | AnyOf):
        word = " AND " if isinstance(term, AllOf) else " OR "
        return "(" + word.join(condition(part, given) for part in term.of) + ")"
    if isinstance(term, NotOf):
        return f"(NOT {condition(term.of, given)})"
    if isinstance(term, GroupTerm):
        return (
            "EXISTS (SELECT 1 FROM group_members g WHERE g.tenant_id = $1"
            f" AND g.group_id = {given.add(term.id, 'uuid')}"
            " AND g.subscriber_id = s.id OFFSET 0)"
        )
    if isinstance(term, ConsentTerm):
        return "(s.consent_at IS NOT NULL)"
    if isinstance(term, ActivityTerm):
        return _activity(term, given)
    if isinstance(term, FieldTerm):
        return _text(_COLUMNS[term.name], term.comparison, term.values, given)
    if isinstance(term, TargetTerm):
        raise TypeError("references are written out before a rule is compiled")
    return _attribute(term, given)


def _activity(term: ActivityTerm, given: Parameters) -> str:
    last = _LAST[term.event.value]
    when = f"{last} IS NOT NULL"
    if term.days is not None:
        since = given.add(given.at - timedelta(days=term.days), "timestamptz")
        when = f"c.day >= ({since} AT TIME ZONE 'UTC')::date AND {last} >= {since}"
    return (
        "EXISTS (SELECT 1 FROM contact_totals c WHERE c.tenant_id = $1 AND c.phone = s.phone"
        f" AND {when} OFFSET 0)"
    )


def _attribute(term: AttributeTerm, given: Parameters) -> str:
    name = given.add(term.name)
    if term.comparison is C.IS_SET:
        return f"(s.attributes ? {name})"
    if term.comparison is C.IS_EMPTY:
        return f"(NOT s.attributes ? {name})"
    value = f"(s.attributes->>{name})"
    if term.type is AttributeKind.NUMBER:
        return _number(value, term, given)
    if term.type is AttributeKind.DATE:
        return _date(value, term, given)
    return _text(value, term.comparison, term.values, given)


def _text(value: str, comparison: Comparison, values: tuple[str, ...], given: Parameters) -> str:
    """Upper and lower case are one, as in names of attributes."""
    if comparison is C.IS_SET:
        return f"({value} IS NOT NULL)"
    if comparison is C.IS_EMPTY:
        return f"({value} IS NULL)"
    wanted = given.add([text.lower() for text in values], "text[]")
    if comparison is C.CONTAINS:
        found = f"position(({wanted})[1] IN lower({value})) > 0"
    elif comparison is C.STARTS_WITH:
        found = f"starts_with(lower({value}), ({wanted})[1])"
    else:
        found = f"lower({value}) = ANY({wanted})"
    return _known(found, comparison)


def _number(value: str, term: AttributeTerm, given: Parameters) -> str:
    wanted = given.add(list(term.values), "text[]")
    number = f"({value})::numeric"
    first = f"(({wanted})[1])::numeric"
    found = {
        C.EQUALS: f"{number} = {first}",
        C.NOT_EQUALS: f"{number} = {first}",
        C.ONE_OF: f"{number} = ANY(({wanted})::numeric[])",
        C.AT_LEAST: f"{number} >= {first}",
        C.AT_MOST: f"{number} <= {first}",
        C.BETWEEN: f"{number} BETWEEN {first} AND (({wanted})[2])::numeric",
    }[term.comparison]
    return _known(f"CASE WHEN {value} ~ '{_NUMBER}' THEN {found} END", term.comparison)


def _date(value: str, term: AttributeTerm, given: Parameters) -> str:
    """Dates stand as texts of one length: they compare as what they mean."""
    values = list(term.values)
    today = given.at.date()
    if term.comparison in {C.IN_LAST_DAYS, C.IN_NEXT_DAYS}:
        days = timedelta(days=int(values[0]))
        ends = (today - days, today) if term.comparison is C.IN_LAST_DAYS else (today, today + days)
        values = [day.isoformat() for day in ends]
    wanted = given.add(values, "text[]")
    day, first = f'{value} COLLATE "C"', f"({wanted})[1]"
    if term.comparison in {C.EQUALS, C.NOT_EQUALS}:
        found = f"{day} = {first}"
    elif term.comparison is C.AT_LEAST:
        found = f"{day} >= {first}"
    elif term.comparison is C.AT_MOST:
        found = f"{day} <= {first}"
    else:
        found = f"{day} BETWEEN {first} AND ({wanted})[2]"
    return _known(found, term.comparison)


def _known(found: str, comparison: Comparison) -> str:
    """Who has no value has not this one: `not_equals` means them too."""
    negated = "NOT " if comparison is C.NOT_EQUALS else ""
    return f"({negated}coalesce({found}, false))"
