"""The Code of Conduct and its reasons: versioned data. A decision names the version it read."""

from pathlib import Path
from typing import Final

import msgspec

from backend.kernel.errors import InvalidInput, invalid_field
from backend.moderation.schemas.decisions import Clause, CodeOfConduct, ReasonCode

# A new version is a new file beside this one; old decisions keep the words they were made with.
_BOOKS: Final = {
    book.version: book
    for path in Path(__file__).parent.glob("code_of_conduct*.json")
    for book in [msgspec.json.decode(path.read_bytes(), type=CodeOfConduct)]
}
IN_FORCE: Final = _BOOKS[max(_BOOKS)]
_REASONS: Final = {
    (book.version, one.code): one for book in _BOOKS.values() for one in book.reasons
}
_CLAUSES: Final = {(book.version, one.id): one for book in _BOOKS.values() for one in book.clauses}


def require_reason(code: str) -> ReasonCode:
    """Raises InvalidInput `reason_unknown` for one the book in force does not have."""
    found = _REASONS.get((IN_FORCE.version, code))
    if found is None:
        known = sorted(one.code for one in IN_FORCE.reasons)
        raise invalid_field("/reason_code", "reason_unknown", "no such reason", known=known)
    return found


def read_reason(version: int | None, code: str | None) -> tuple[ReasonCode, Clause] | None:
    """The words of a decision that was made; None where it named no reason."""
    if version is None or code is None:
        return None
    reason = _REASONS[version, code]
    return reason, _CLAUSES[version, reason.clause]


def reason_required() -> InvalidInput:
    return invalid_field(
        "/reason_code", "reason_required", "say why, with a reason of the Code of Conduct"
    )
