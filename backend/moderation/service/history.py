"""Decisions as our own people and as the tenant read them."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.campaigns.service.moves import read_session
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.tenants import read_tenant_view
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.moderation.queries import decisions
from backend.moderation.schemas.decisions import DecisionRow, DecisionView, OutcomeView
from backend.moderation.schemas.votes import VoteRow, VoteView
from backend.moderation.service.books import read_reason
from backend.moderation.service.desk_rules import rules_in_force
from backend.moderation.states import CaseKind, Verdict

SESSION_DECISIONS_MAX = 50
_SHARED = (
    *("id", "kind", "title", "session_id", "content_version", "verdict", "reason_code"),
    *("template_version_id", "sender_id"),
    *("message", "comments", "decided_at", "revoked_at", "revoked_reason"),
    *("appeal_of", "overturned_by"),
)


def decision_view(row: DecisionRow) -> DecisionView:
    return DecisionView(**{name: getattr(row, name) for name in DecisionView.__struct_fields__})


def vote_view(row: VoteRow) -> VoteView:
    return VoteView(**{name: getattr(row, name) for name in VoteView.__struct_fields__})


async def outcome_views(scope: Scope, rows: list[DecisionRow]) -> list[OutcomeView]:
    """Without our note and without a name: the tenant deals with the desk, not with a person."""
    language = (await read_tenant_view(scope, scope.tenant_id)).language
    days = (await rules_in_force(scope)).rules.appeal_days_max
    found = []
    for row in rows:
        words = await read_reason(scope, row.conduct_version, row.reason_code, language)
        found.append(
            OutcomeView(
                **{name: getattr(row, name) for name in _SHARED},
                reason=words[0].tenant_text if words else None,
                suggested_fix=words[0].suggested_fix if words else None,
                clause=msgspec.structs.replace(words[1], translations={}) if words else None,
                may_appeal_until=await _appeal_end(scope, row, days),
            )
        )
    return found


async def _appeal_end(scope: Scope, row: DecisionRow, days: int) -> datetime | None:
    until = appeal_end(row, days)
    if until is None or until <= scope.now or await decisions.is_appealed(scope, row.id):
        return None
    return until


def appeal_end(row: DecisionRow, days: int) -> datetime | None:
    """None: not a refusal, or the answer to an appeal, which is the last word."""
    if row.verdict is not Verdict.REFUSE or row.kind in {CaseKind.APPEAL, CaseKind.AFTER_REVIEW}:
        return None
    return row.decided_at + timedelta(days=days)


async def list_decisions(
    principal: Principal,
    session_id: UUID | None,
    cursor: str | None,
    limit: int,
    subject_id: UUID | None = None,
) -> Page[OutcomeView]:
    """The tenant's own, newest first; `subject_id` is a template version or a sender. Raises
    NotFound for a session that is not theirs.
    """
    async with tenant_scope(principal) as scope:
        if session_id is not None:
            await read_session(scope, session_id)
        check_limit(limit)
        after = cursor_id(cursor)
        rows = await decisions.page(scope, session_id, after, limit, subject_id=subject_id)
        items = await outcome_views(scope, rows)
    last = [{"id": row.id} for row in rows]
    return Page(items=items, next_cursor=next_cursor(last, limit, "id"))


async def session_outcomes(scope: Scope, session_id: UUID) -> list[OutcomeView]:
    """A step, for the pages of one session: newest first."""
    rows = await decisions.page(scope, session_id, None, SESSION_DECISIONS_MAX)
    return await outcome_views(scope, rows)
