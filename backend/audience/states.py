"""The life of an import, and the kinds and limits everything else in the audience speaks of."""

import unicodedata
from enum import StrEnum
from typing import Final

from backend.kernel.errors import StateConflict


class ImportState(StrEnum):
    UPLOADED = "uploaded"
    PARSING = "parsing"
    PARSED = "parsed"
    FAILED = "failed"
    ACCEPTING = "accepting"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"


class ImportEvent(StrEnum):
    PARSE = "parse"
    READ = "read"
    REFUSE = "refuse"
    REMAP = "remap"
    ACCEPT = "accept"
    APPLY = "apply"
    DISCARD = "discard"


_BEFORE_ACCEPTANCE: Final = (
    ImportState.UPLOADED,
    ImportState.PARSING,
    ImportState.PARSED,
    ImportState.FAILED,
)

TRANSITIONS: Final[dict[ImportEvent, tuple[tuple[ImportState, ...], ImportState]]] = {
    # parsing → parsing: the lease of a worker that died; the next one begins from nothing.
    ImportEvent.PARSE: ((ImportState.UPLOADED, ImportState.PARSING), ImportState.PARSING),
    ImportEvent.READ: ((ImportState.PARSING,), ImportState.PARSED),
    ImportEvent.REFUSE: ((ImportState.PARSING,), ImportState.FAILED),
    ImportEvent.REMAP: (_BEFORE_ACCEPTANCE, ImportState.UPLOADED),
    ImportEvent.ACCEPT: ((ImportState.PARSED,), ImportState.ACCEPTING),
    ImportEvent.APPLY: ((ImportState.ACCEPTING,), ImportState.ACCEPTED),
    ImportEvent.DISCARD: (_BEFORE_ACCEPTANCE, ImportState.DISCARDED),
}


def refusal(event: ImportEvent, current: str) -> StateConflict:
    """What a caller is told whose move is not in the table, or came second."""
    return StateConflict(
        f"import_{current}",
        f"an import that is {current} cannot be asked to {event.value}",
        current=current,
        allowed=[state.value for state in TRANSITIONS[event][0]],
    )


class AttributeKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


class OptOutSource(StrEnum):
    KEYWORD = "keyword"
    MANUAL = "manual"
    IMPORT = "import"
    API = "api"
    CARRIER = "carrier"


class NumberState(StrEnum):
    VALID = "valid"
    UNREACHABLE = "unreachable"


class ContactKind(StrEnum):
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REPLIED = "replied"


EVERY_SENDER: Final = ""
ATTRIBUTE_NAME_CHARACTERS_MAX: Final = 40
ATTRIBUTE_VALUE_CHARACTERS_MAX: Final = 1_000
ATTRIBUTES_PER_TENANT_MAX: Final = 200
GROUPS_PER_TENANT_MAX: Final = 1_000
# Templates offer these by the same bracket syntax, so no attribute may take their names.
BUILT_IN_PROPERTIES: Final = frozenset({"phone", "name", "email", "external_id", "language"})
NAME_ATTRIBUTES: Final = ("first name", "last name")
"""What a name is put together from where there is none; migration 0048 searches by the same."""


def attribute_key(name: str) -> str:
    """The one spelling of an attribute's name: `First  Name` and `first name` agree."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def is_attribute_name(name: str) -> bool:
    """Letters, digits, space, `_`, `-`: what can stand between brackets in a text."""
    key = attribute_key(name)
    return 0 < len(key) <= ATTRIBUTE_NAME_CHARACTERS_MAX and all(
        character.isalnum() or character in " _-" for character in key
    )
