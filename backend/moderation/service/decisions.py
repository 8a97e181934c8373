"""Deciding: once per case, under a current lease, on the version that was seen."""

from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.schemas.content import content_hash
from backend.campaigns.service.contents import find_withdrawn, read_content_version
from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.tenants import suspend_auto_validation
from backend.kernel.errors import Conflict, StateConflict, invalid_field
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal
from backend.moderation.conduct import reason_required, require_reason
from backend.moderation.queries import cases, decisions
from backend.moderation.schemas.cases import CaseRow
from backend.moderation.schemas.decisions import Comment, DecidedView, DecisionInput
from backend.moderation.schemas.screening import Severity
from backend.moderation.service.after_reviews import apply_after_review
from backend.moderation.service.cases import close_case
from backend.moderation.service.contents import TextParts, read_parts
from backend.moderation.service.history import decision_view
from backend.moderation.service.leases import (
    account_of,
    case_closed,
    lease_lost,
    refuse_own_tenant,
)
from backend.moderation.service.screening import approval_columns
from backend.moderation.states import CaseEvent, CaseKind, CaseState, Rescreening, Verdict
from backend.templates.service import approvals
from backend.templates.states import ApprovalEvent, Subject

SUBJECT_REASON_CHARACTERS_MAX = 1_000

_SESSION_EVENTS = {
    Verdict.APPROVE: SessionEvent.APPROVE,
    Verdict.REQUEST_CHANGES: SessionEvent.REQUEST_CHANGES,
    Verdict.REFUSE: SessionEvent.REFUSE,
}
_SUBJECT_EVENTS = {
    Verdict.APPROVE: ApprovalEvent.APPROVE,
    Verdict.REQUEST_CHANGES: ApprovalEvent.TAKE_BACK,
    Verdict.REFUSE: ApprovalEvent.REFUSE,
}


async def decide_case(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: DecisionInput
) -> DecidedView:
    """Raises InvalidInput `reason_required`, `reason_unknown`, `comment_outside_text`; Forbidden
    `own_tenant`; Conflict `already_decided`, `case_closed`, `content_changed`, `lease_lost`; for an
    approval `not_rescreened`, `content_blocked`, `subject_withdrawn`.
    """
    _check_reason(given)
    async with tenant_scope(principal, tenant_id, reason=f"decide case {case_id}") as scope:
        await refuse_own_tenant(scope)
        case = await cases.read(scope, case_id)
        await _check_may_decide(scope, case, given)
        comments = _comments(await read_parts(scope, case), given)
        decision_id = uuid7()
        # The subject's row first, then the case: a tenant's cancel locks them in this order too.
        state = await _apply(scope, case, given, comments, decision_id)
        point("moderation.subject_moved")
        if await close_case(scope, case, CaseEvent.DECIDE, fence=given.lease_fence) is None:
            raise await _lost(scope, case.id)
        name = case.lease_holder_name or ""
        await decisions.insert(
            scope, decision_id, case, given, comments, account_of(principal), name
        )
        if given.verdict is Verdict.REFUSE and case.kind is CaseKind.CAMPAIGN_SESSION:
            await suspend_auto_validation(scope, f"refused: {given.reason_code}")
        decision = await decisions.read(scope, decision_id)
        view = DecidedView(decision=decision_view(decision), subject_state=state)
        await scope.answer(view, 200)
    return view


def _check_reason(given: DecisionInput) -> None:
    if given.reason_code is not None:
        require_reason(given.reason_code)
    elif given.verdict is Verdict.REFUSE:
        raise reason_required()
    elif given.verdict is Verdict.REQUEST_CHANGES and not (given.message or given.comments):
        raise invalid_field(
            "/message", "reason_required", "say what to change: a reason, a message or a comment"
        )


async def _check_may_decide(scope: Scope, case: CaseRow, given: DecisionInput) -> None:
    if case.state is CaseState.DECIDED:
        raise await _already_decided(scope, case)
    if case.state is not CaseState.OPEN:
        raise case_closed(case)
    if given.verdict is Verdict.APPROVE:
        _check_may_be_approved(case)
    if given.content_hash != case.content_hash:
        raise _content_changed(case, case.content_hash, case.content_version)
    is_holder = case.holder_at(scope.now) == account_of(scope.principal)
    if not is_holder or given.lease_fence != case.lease_fence:
        raise lease_lost(scope, case)


def _check_may_be_approved(case: CaseRow) -> None:
    """Dispatch would leave out, or send back, what nobody rendered or what a rule blocks."""
    if case.rescreening is Rescreening.FAILED:
        raise Conflict("not_rescreened", "it could not be rendered again: it cannot be approved")
    if case.kind is CaseKind.CAMPAIGN_SESSION:
        blocked = sorted({hit.rule for hit in case.hits if hit.severity is Severity.BLOCK})
        if blocked:
            raise Conflict("content_blocked", "a rule that blocks is hit", rules=blocked)


def _content_changed(case: CaseRow, current: str, version: int | None) -> Conflict:
    return Conflict(
        "content_changed",
        "this is not the content you saw: load the case again",
        content_hash=current,
        content_version=version,
        case_version=case.content_version,
    )


async def _already_decided(scope: Scope, case: CaseRow) -> Conflict:
    made = await decisions.of_case(scope, case.id)
    return Conflict(
        "already_decided",
        "this case is decided",
        verdict=made.verdict.value if made else None,
        decided_by_name=made.decided_by_name if made else None,
        decided_at=made.decided_at.isoformat() if made else None,
    )


def _comments(parts: TextParts, given: DecisionInput) -> list[Comment]:
    found = []
    for at, one in enumerate(given.comments):
        text: str = getattr(parts, one.part)
        if not one.start < one.end <= len(text):
            raise invalid_field(
                f"/comments/{at}", "comment_outside_text", f"the {one.part} ends at {len(text)}"
            )
        found.append(
            Comment(
                part=one.part,
                start=one.start,
                end=one.end,
                text=text[one.start : one.end],
                comment=one.comment,
            )
        )
    return found


async def _lost(scope: Scope, case_id: UUID) -> Conflict:
    """Why a decision that looked possible was not: somebody committed first."""
    now = await cases.read(scope, case_id)
    if now.state is CaseState.DECIDED:
        return await _already_decided(scope, now)
    if now.state is not CaseState.OPEN:
        return case_closed(now)
    return lease_lost(scope, now)


async def _apply(
    scope: Scope,
    case: CaseRow,
    given: DecisionInput,
    comments: list[Comment],
    decision_id: UUID,
) -> str:
    """What the verdict does to its subject; the subject's state after it."""
    try:
        if case.kind is CaseKind.CAMPAIGN_SESSION:
            return await _apply_to_session(scope, case, given, comments, decision_id)
        if case.kind is CaseKind.AFTER_REVIEW:
            return await apply_after_review(scope, case, given)
        return await _apply_to_subject(scope, case, given, decision_id)
    except StateConflict as conflict:
        raise await _lost(scope, case.id) from conflict


async def _apply_to_session(
    scope: Scope,
    case: CaseRow,
    given: DecisionInput,
    comments: list[Comment],
    decision_id: UUID,
) -> str:
    if case.session_id is None or case.content_version is None:
        raise RuntimeError("a session's case without its session")
    session = await read_session(scope, case.session_id)
    version = await read_content_version(scope, case.session_id, session.content_version)
    # From the stored content itself: a hash beside it proves nothing.
    current = content_hash(version.content)
    if session.state is SessionState.AWAITING_VALIDATION and current != case.content_hash:
        raise _content_changed(case, current, session.content_version)
    if given.verdict is Verdict.APPROVE:
        withdrawn = await find_withdrawn(scope, version.content)
        if withdrawn is not None:
            text = f"the {withdrawn} is not approved any more: ask for another one"
            raise Conflict("subject_withdrawn", text, subject=withdrawn)
    changes: dict[str, Any] = {"comments": msgspec.to_builtins(comments)}
    if given.verdict is Verdict.APPROVE:
        changes |= approval_columns(session, "human", case.content_hash, scope)
        changes |= {"approval_decision_id": decision_id, "bounds": case.bounds}
    if given.verdict is Verdict.REFUSE:
        changes["completed_at"] = scope.now
    facts = {"case_id": str(case.id), "decision_id": str(decision_id)}
    if given.reason_code:
        facts["reason_code"] = given.reason_code
    event = _SESSION_EVENTS[given.verdict]
    return (await move_session(scope, session, event, facts=facts, **changes)).state.value


async def _apply_to_subject(
    scope: Scope, case: CaseRow, given: DecisionInput, decision_id: UUID
) -> str:
    """A change that was asked for gives a version or a sender back to its tenant."""
    subject, subject_id = subject_of(case)
    event = _SUBJECT_EVENTS[given.verdict]
    reason = _reason_text(given) if given.verdict is not Verdict.APPROVE else None
    decided = None if event is ApprovalEvent.TAKE_BACK else decision_id
    moved = await approvals.move(
        scope, subject, subject_id, event, decision_id=decided, reason=reason
    )
    return moved.value


def subject_of(case: CaseRow) -> tuple[Subject, UUID]:
    if case.template_version_id is not None:
        return Subject.TEMPLATE_VERSION, case.template_version_id
    if case.sender_id is not None:
        return Subject.SENDER, case.sender_id
    raise RuntimeError("a case without a subject")


def _reason_text(given: DecisionInput) -> str:
    words = [require_reason(given.reason_code).tenant_text] if given.reason_code else []
    return " ".join([*words, given.message]).strip()[:SUBJECT_REASON_CHARACTERS_MAX]
