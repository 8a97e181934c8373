"""Decisions as our own people and as the tenant read them."""

from uuid import UUID

from backend.campaigns.service.moves import read_session
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, tenant_scope
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.moderation.conduct import IN_FORCE, read_reason
from backend.moderation.queries import decisions
from backend.moderation.schemas.decisions import (
    CodeOfConduct,
    DecisionRow,
    DecisionView,
    OutcomeView,
)

SESSION_DECISIONS_MAX = 50
_SHARED = (
    *("id", "kind", "title", "session_id", "content_version", "verdict", "reason_code"),
    *("message", "comments", "decided_at", "revoked_at", "revoked_reason"),
)


def decision_view(row: DecisionRow) -> DecisionView:
    return DecisionView(**{name: getattr(row, name) for name in DecisionView.__struct_fields__})


def outcome_view(row: DecisionRow) -> OutcomeView:
    """Without our note and without a name: the tenant deals with the desk, not with a person."""
    words = read_reason(row.conduct_version, row.reason_code)
    return OutcomeView(
        **{name: getattr(row, name) for name in _SHARED},
        reason=words[0].tenant_text if words else None,
        suggested_fix=words[0].suggested_fix if words else None,
        clause=words[1] if words else None,
    )


async def list_decisions(
    principal: Principal, session_id: UUID | None, cursor: str | None, limit: int
) -> Page[OutcomeView]:
    """The tenant's own, newest first. Raises NotFound for a session that is not theirs."""
    async with tenant_scope(principal) as scope:
        if session_id is not None:
            await read_session(scope, session_id)
        rows = await decisions.page(scope, session_id, cursor_id(cursor), check_limit(limit))
    last = [{"id": row.id} for row in rows]
    return Page(
        items=[outcome_view(row) for row in rows], next_cursor=next_cursor(last, limit, "id")
    )


async def session_outcomes(scope: Scope, session_id: UUID) -> list[OutcomeView]:
    """A step, for the pages of one session: newest first."""
    rows = await decisions.page(scope, session_id, None, SESSION_DECISIONS_MAX)
    return [outcome_view(row) for row in rows]


async def read_code_of_conduct() -> CodeOfConduct:
    return IN_FORCE
