"""Which column is what: the tenant's word, else the usual names, else a look at the cells."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from backend.audience.reading.files import FileProblem
from backend.audience.schemas.imports import ColumnView
from backend.audience.states import BUILT_IN_PROPERTIES, attribute_key, is_attribute_name
from backend.kernel.errors import invalid_field
from backend.sms.phone import PhoneProblem, parse

IGNORE: Final = "ignore"
PHONE: Final = "phone"
ATTRIBUTE: Final = "attribute:"
FIELDS: Final = ("phone", "name", "email", "external_id", "language", "time_zone", "consent_at")
SAMPLES_SHOWN: Final = 3
SAMPLE_CHARACTERS: Final = 60
_SYMBOLS: Final = re.compile(r"[\W_]+")

# As people head the column, letters and digits only: exact names first, likely ones with a "?".
_USUAL_NAMES: Final[dict[str, str]] = {
    name: target
    for target, names in {
        "phone": "phone phonenumber mobile mobil mobilephone mobilenumber msisdn cell cellphone"
        " telephone telefon tel telefonnummer mobilnummer handynummer handy telefono movil celular"
        " téléphone portable gsm whatsapp recipient",
        "name": "name fullname navn namn nom nombre",
        "email": "email mail emailaddress epost courriel correo",
        "external_id": "externalid customerid customernumber kundenummer kundennummer crmid",
        "language": "language lang locale språk sprache langue idioma",
        "time_zone": "timezone tz zone",
        "consent_at": "consentat consentdate optindate optedinat",
        "attribute:First name": "firstname",
        "attribute:Last name": "lastname",
    }.items()
    for name in names.split()
}
_LIKELY_NAMES: Final[dict[str, str]] = {
    "number": "phone",
    "numero": "phone",
    "nummer": "phone",
    "to": "phone",
    "contact": "phone",
    "fname": "attribute:First name",
    "fornavn": "attribute:First name",
    "förnamn": "attribute:First name",
    "vorname": "attribute:First name",
    "prénom": "attribute:First name",
    "prenom": "attribute:First name",
    "givenname": "attribute:First name",
    "lname": "attribute:Last name",
    "surname": "attribute:Last name",
    "etternavn": "attribute:Last name",
    "nachname": "attribute:Last name",
    "familyname": "attribute:Last name",
    "id": "external_id",
    "dato": "consent_at",
}


def suggest(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    chosen: Mapping[str, str] | None,
    default_country: str | None,
) -> list[ColumnView]:
    """A target for each column; what the tenant chose is no guess."""
    taken: set[str] = set()
    views = []
    for position, column in enumerate(header):
        target, is_guess = _target(column, chosen)
        if target in taken:
            target, is_guess = IGNORE, False
        if target != IGNORE:
            taken.add(target)
        cells = [row[position] for row in rows if position < len(row)]
        samples = [cell.replace("\x00", "")[:SAMPLE_CHARACTERS] for cell in cells if cell.strip()]
        views.append(
            ColumnView(
                column=column, target=target, is_guess=is_guess, samples=samples[:SAMPLES_SHOWN]
            )
        )
    if PHONE not in taken and chosen is None:
        views = _with_phone_by_looks(views, rows, default_country)
    return views


def _target(column: str, chosen: Mapping[str, str] | None) -> tuple[str, bool]:
    if chosen is not None:
        return chosen.get(column, IGNORE), False
    key = _SYMBOLS.sub("", column.casefold())
    if key in _USUAL_NAMES:
        return _USUAL_NAMES[key], False
    if key in _LIKELY_NAMES:
        return _LIKELY_NAMES[key], True
    if is_attribute_name(column) and attribute_key(column) not in BUILT_IN_PROPERTIES:
        return ATTRIBUTE + column, False
    return IGNORE, True


def _with_phone_by_looks(
    views: list[ColumnView], rows: Sequence[Sequence[str]], default_country: str | None
) -> list[ColumnView]:
    """The column most of whose first cells are numbers that can be texted."""
    scores = [sum(_is_phone(row, at, default_country) for row in rows) for at in range(len(views))]
    best = max(range(len(views)), key=lambda at: scores[at], default=None)
    if best is None or scores[best] * 2 <= len(rows):
        return views
    found = views[best]
    views[best] = ColumnView(
        column=found.column, target=PHONE, is_guess=True, samples=found.samples
    )
    return views


def _is_phone(row: Sequence[str], at: int, default_country: str | None) -> bool:
    if at >= len(row) or not row[at].strip():
        return False
    try:
        parse(row[at], default_country)
    except PhoneProblem:
        return False
    return True


def check_mapping(mapping: Mapping[str, str]) -> None:
    """What can be wrong before the file is looked at. Raises InvalidInput `invalid_mapping`."""
    used: set[str] = set()
    for column, target in mapping.items():
        pointer = "/mapping/" + column.replace("~", "~0").replace("/", "~1")
        if target.startswith(ATTRIBUTE):
            label = target.removeprefix(ATTRIBUTE)
            if not is_attribute_name(label) or attribute_key(label) in BUILT_IN_PROPERTIES:
                raise invalid_field(pointer, "invalid_mapping", "no name for an attribute")
            target = ATTRIBUTE + attribute_key(label)  # noqa: PLW2901 - compared as it is stored
        elif target not in (*FIELDS, IGNORE):
            allowed = [*FIELDS, IGNORE, "attribute:NAME"]
            raise invalid_field(pointer, "invalid_mapping", "no such target", allowed=allowed)
        if target != IGNORE and target in used:
            raise invalid_field(pointer, "invalid_mapping", "two columns for one target")
        used.add(target)


def check_columns(views: Sequence[ColumnView], chosen: Mapping[str, str] | None) -> None:
    """Raises FileProblem `missing_column`: for the phone, or for a column that was mapped."""
    present = {view.column for view in views}
    for column in chosen or ():
        if column not in present:
            raise FileProblem("missing_column", "no column of this name", line=1, column=column)
    if all(view.target != PHONE for view in views):
        raise FileProblem("missing_column", "no column holds the phone", line=1, column=PHONE)
