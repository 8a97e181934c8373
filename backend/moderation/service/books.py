"""The Code of Conduct and its reasons: versions, in the reader's language where it has one."""

from pathlib import Path
from typing import Any, Final

import msgspec

from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import InvalidInput, invalid_field
from backend.kernel.principal import Principal, system
from backend.moderation.queries import desk
from backend.moderation.schemas.decisions import Clause, CodeOfConduct, ConductEdit, ReasonCode
from backend.moderation.service.desk_rules import changed_meanwhile

VERSIONS_SHOWN_MAX = 50
DEFAULT_LANGUAGE: Final = "en"
# What a new installation begins with; the versions in the table come after it.
_FIRST: Final = msgspec.json.decode(
    (Path(__file__).parents[1] / "code_of_conduct.json").read_bytes(), type=CodeOfConduct
)


async def book_in_force(scope: Scope) -> CodeOfConduct:
    """A step, in any scope."""
    row = await desk.newest_book(scope)
    return _book(row) if row else _FIRST


async def require_reason(scope: Scope, code: str) -> tuple[ReasonCode, int]:
    """With the version of the book it stands in. Raises InvalidInput `reason_unknown`."""
    book = await book_in_force(scope)
    found = next((one for one in book.reasons if one.code == code), None)
    if found is None:
        known = sorted(one.code for one in book.reasons)
        raise invalid_field("/reason_code", "reason_unknown", "no such reason", known=known)
    return found, book.version


async def read_reason(
    scope: Scope, version: int | None, code: str | None, language: str
) -> tuple[ReasonCode, Clause] | None:
    """The words a decision was made with; None where it named no reason."""
    if version is None or code is None:
        return None
    row = await desk.book(scope, version) if version != _FIRST.version else None
    book = in_language(_book(row) if row else _FIRST, language)
    reason = next(one for one in book.reasons if one.code == code)
    return reason, next(one for one in book.clauses if one.id == reason.clause)


def reason_required() -> InvalidInput:
    return invalid_field(
        "/reason_code", "reason_required", "say why, with a reason of the Code of Conduct"
    )


def in_language(book: CodeOfConduct, language: str) -> CodeOfConduct:
    """Clause by clause: what has no words in this language is read in English."""
    if language == DEFAULT_LANGUAGE:
        return book
    return msgspec.structs.replace(
        book,
        clauses=[_translated(one, language) for one in book.clauses],
        reasons=[_translated(one, language) for one in book.reasons],
    )


def _translated(one: Any, language: str) -> Any:
    words = one.translations.get(language)
    return msgspec.structs.replace(one, **msgspec.structs.asdict(words)) if words else one


async def read_code_of_conduct(language: str) -> CodeOfConduct:
    async with platform_scope(system("conduct"), "the Code of Conduct") as scope:
        return in_language(await book_in_force(scope), language)


async def list_codes_of_conduct(principal: Principal) -> list[CodeOfConduct]:
    """Newest first."""
    async with platform_scope(principal, "versions of the Code of Conduct") as scope:
        rows = await desk.all_books(scope, VERSIONS_SHOWN_MAX)
    return [*map(_book, rows), _FIRST]


async def change_code_of_conduct(principal: Principal, given: ConductEdit) -> CodeOfConduct:
    """A new version, in force at once; decisions keep the words they were made with.

    Raises Conflict `rules_changed`, InvalidInput `clause_unknown`, `code_repeated`.
    """
    _check_book(given)
    reason = f"change the Code of Conduct: {given.note}"
    async with platform_scope(principal, reason[:500], takes_key=True) as scope:
        now = await book_in_force(scope)
        body = msgspec.to_builtins({"clauses": given.clauses, "reasons": given.reasons})
        is_ours = now.version == given.based_on and await desk.insert_book(
            scope, now.version + 1, body, given.note
        )
        if not is_ours:
            raise changed_meanwhile((await book_in_force(scope)).version)
        book = await book_in_force(scope)
        await scope.answer(book, 200)
    return book


def _check_book(given: ConductEdit) -> None:
    clauses = {one.id for one in given.clauses}
    if len(clauses) < len(given.clauses):
        raise invalid_field("/clauses", "code_repeated", "two clauses with the same id")
    if len({one.code for one in given.reasons}) < len(given.reasons):
        raise invalid_field("/reasons", "code_repeated", "two reasons with the same code")
    for at, one in enumerate(given.reasons):
        if one.clause not in clauses:
            raise invalid_field(
                f"/reasons/{at}/clause",
                "clause_unknown",
                "a reason names a clause of the same book",
                known=sorted(clauses),
            )


def _book(row: Any) -> CodeOfConduct:
    facts = {"in_force_since": row["made_at"].date().isoformat()}
    return msgspec.convert(
        {**row["body"], **facts, **{n: row[n] for n in ("version", "note", "made_by")}},
        CodeOfConduct,
    )
