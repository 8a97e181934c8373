"""The history of all tenants' decisions. In a platform scope."""

import re
from typing import Any, Final
from uuid import UUID

from backend.db.scope import Scope
from backend.moderation.schemas.past_decisions import PastDecisionSearch

SEARCH_WORDS_MAX: Final = 8
RARE_TITLES_MAX: Final = 10_000
"""So many are put in order faster than history is walked for one title in 500 of 5,000,000."""
_TITLED: Final = "to_tsvector('simple', q.title) @@ {}::tsquery"
_ROW = (
    "SELECT d.id, d.tenant_id, d.case_id, q.kind, q.title, q.recipients, d.verdict, d.reason_code,"
    " d.message, d.note, d.decided_by, d.decided_by_name, q.opened_at, d.decided_at, d.revoked_at,"
    " d.revoked_reason FROM decisions d JOIN {} ON q.tenant_id = d.tenant_id"
    " AND q.case_id = d.case_id"
)
# Only what was asked for stands in the statement, so each search is planned with its own index.
_ASKED: Final = {
    "verdict": "d.verdict = {}",
    # The state is part of the index that a kind few cases have is found by.
    "kind": "(q.state = 'decided' AND q.kind = {})",
    "decided_by": "d.decided_by = {}",
    "tenant_id": "d.tenant_id = {}",
}


def words_of(text: str) -> str:
    """A tsquery of the text's words, each as the beginning of one; '' when it has none."""
    words = re.findall(r"\w+", text.lower())[:SEARCH_WORDS_MAX]
    return " & ".join(f"'{word}':*" for word in words)


async def page(
    scope: Scope, search: PastDecisionSearch, tenants: list[UUID], after: UUID | None, limit: int
) -> list[Any]:
    """Newest first. `tenants`: companies whose names the text fits."""
    words = words_of(search.text)
    if not words:
        return await _walk(scope, search, after, limit)
    if await _is_rare(scope, words):
        found = await _walk(scope, search, after, limit, rare=words)
    else:
        found = await _walk(scope, search, after, limit, common=words)
    if tenants:
        found += await _walk(scope, search, after, limit, tenants=tenants)
    by_id = {row["id"]: row for row in found}
    return [by_id[one] for one in sorted(by_id, reverse=True)][:limit]


async def _is_rare(scope: Scope, words: str) -> bool:
    counted: int = await scope.value(
        f"SELECT count(*) FROM (SELECT FROM queue_rows q WHERE {_TITLED.format('$1')} LIMIT $2) f",
        words,
        RARE_TITLES_MAX + 1,
    )
    return counted <= RARE_TITLES_MAX


async def _walk(
    scope: Scope,
    search: PastDecisionSearch,
    after: UUID | None,
    limit: int,
    *,
    rare: str = "",
    common: str = "",
    tenants: list[UUID] | None = None,
) -> list[Any]:
    """Back in time. The server guesses badly how many titles begin with a word, and walked through
    all history for one that nobody has: what is rare is looked up first, what is common never.
    """
    args: list[Any] = []
    conditions = []

    def given(value: Any) -> str:
        args.append(value)
        return f"${len(args)}"

    for name, condition in _ASKED.items():
        value = getattr(search, name)
        if value is not None:
            conditions.append(condition.format(given(getattr(value, "value", value))))
    if search.is_revoked is not None:
        conditions.append(f"d.revoked_at IS {'NOT ' if search.is_revoked else ''}NULL")
    if common:
        # Nothing an index knows, which would collect every title with the word; and guessed to be
        # true of every second row, so that history is walked and not put in order.
        conditions.append(f"CASE WHEN {_TITLED.format(given(common))} THEN true END")
    if tenants:
        conditions.append(f"d.tenant_id = ANY({given(tenants)}::uuid[])")
    if after is not None:
        conditions.append(f"d.id < {given(after)}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    looked_up = (
        f"WITH q AS MATERIALIZED (SELECT * FROM queue_rows q WHERE {_TITLED.format(given(rare))}"
        f" LIMIT {RARE_TITLES_MAX}) "
        if rare
        else ""
    )
    return await scope.rows(
        f"{looked_up}{_ROW.format('q' if rare else 'queue_rows q')}{where}"
        f" ORDER BY d.id DESC LIMIT {given(limit)}",
        *args,
    )
