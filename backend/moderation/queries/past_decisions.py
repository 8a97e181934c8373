"""The history of all tenants' decisions. In a platform scope."""

import re
from typing import Any, Final
from uuid import UUID

from backend.db.scope import Scope
from backend.moderation.schemas.past_decisions import PastDecisionSearch

SEARCH_WORDS_MAX: Final = 8
_ROW = (
    "SELECT d.id, d.tenant_id, d.case_id, q.kind, q.title, q.recipients, d.verdict, d.reason_code,"
    " d.message, d.note, d.decided_by, d.decided_by_name, q.opened_at, d.decided_at, d.revoked_at,"
    " d.revoked_reason FROM decisions d JOIN queue_rows q ON q.tenant_id = d.tenant_id"
    " AND q.case_id = d.case_id"
)
# Only what was asked for stands in the statement, so each search is planned with its own index.
_ASKED: Final = {
    "verdict": "d.verdict = {}",
    "kind": "q.kind = {}",
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
    if words := words_of(search.text):
        found = f"to_tsvector('simple', q.title) @@ {given(words)}::tsquery"
        if tenants:
            found = f"({found} OR d.tenant_id = ANY({given(tenants)}::uuid[]))"
        conditions.append(found)
    if after is not None:
        conditions.append(f"d.id < {given(after)}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return await scope.rows(f"{_ROW}{where} ORDER BY d.id DESC LIMIT {given(limit)}", *args)
