"""What a vote does when it takes effect: the subject moves, the case closes, a decision stands.

Locks are taken in one order everywhere: the subject's row, the case, the vote. A cancel of the
tenant and a kill take them in this order too, so one of them wins and none waits in a circle.
"""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record
from backend.campaigns.schemas.content import content_hash
from backend.campaigns.service.contents import find_withdrawn, read_content_version
from backend.campaigns.service.drafts import open_copy
from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import Scope
from backend.identity.service.tenants import (
    is_member,
    read_tenant_view,
    suspend_auto_validation,
)
from backend.kernel.errors import Conflict, StateConflict
from backend.kernel.faults import point
from backend.moderation.queries import cases, decisions, leases, votes
from backend.moderation.schemas.cases import CaseRow
from backend.moderation.schemas.votes import VoteRow
from backend.moderation.service.after_reviews import apply_after_review
from backend.moderation.service.books import read_reason
from backend.moderation.service.cases import close_case
from backend.moderation.service.leases import case_closed, lease_lost
from backend.moderation.service.placement import four_eyes
from backend.moderation.service.screening import approval_columns
from backend.moderation.service.trust import lift_strikes_of_case
from backend.moderation.states import CaseEvent, CaseKind, CaseState, Verdict, VoteState
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


class Ruling(msgspec.Struct, frozen=True):
    is_decided: bool
    """False: it was the first of two votes."""
    subject_state: str


async def conclude(scope: Scope, case: CaseRow, vote: VoteRow) -> Ruling:
    """The vote, taken as it was cast, now takes effect. Raises Conflict with what came first, and
    nothing has changed then.
    """
    first = None
    if vote.verdict is Verdict.APPROVE:
        if case.first_vote_id is not None:
            first = await votes.read(scope, case.first_vote_id)
            # A member by now has a stake: that vote is none, and this one is the first.
            if await is_member(scope, first.voter):
                await votes.void_counted(scope, first.id, "own_tenant")
                return await _count_first(scope, case, vote)
        # Asked again: a threshold may have been lowered since the vote was cast.
        elif vote.four_eyes or await four_eyes(scope, case):
            return await _count_first(scope, case, vote)
    state = await _apply(scope, case, vote)
    point("moderation.subject_moved")
    if await close_case(scope, case, CaseEvent.DECIDE, vote=vote) is None:
        raise await lost(scope, case.id)
    await decisions.insert(scope, case, vote, first)
    if case.appeal_of is not None and vote.verdict is Verdict.APPROVE:
        await decisions.overturn(scope, case.appeal_of, vote.id)
        refused = await decisions.read(scope, case.appeal_of)
        await lift_strikes_of_case(scope, refused.case_id, "the refusal was overturned")
    if vote.verdict is Verdict.REFUSE and case.kind is CaseKind.CAMPAIGN_SESSION:
        await suspend_auto_validation(scope, f"refused: {vote.reason_code}")
    if not await votes.settle(scope, vote.id, VoteState.DECIDED):
        raise await lost(scope, case.id)
    await record(
        scope,
        "case.decided",
        f"case:{case.id}",
        verdict=vote.verdict.value,
        vote=str(vote.id),
        voter=str(vote.voter),
        first_voter=str(first.voter) if first else None,
        **_audited(vote),
    )
    return Ruling(is_decided=True, subject_state=state)


async def _count_first(scope: Scope, case: CaseRow, vote: VoteRow) -> Ruling:
    """The first of two: the case goes to everybody else."""
    state = await subject_state(scope, case)
    if await leases.free_of_vote(scope, vote, is_counted=True) is None:
        raise await lost(scope, case.id)
    if not await votes.settle(scope, vote.id, VoteState.COUNTED):
        raise await lost(scope, case.id)
    await record(
        scope,
        "case.first_vote",
        f"case:{case.id}",
        vote=str(vote.id),
        voter=str(vote.voter),
        four_eyes=vote.four_eyes,
        **_audited(vote),
    )
    return Ruling(is_decided=False, subject_state=state)


def _audited(vote: VoteRow) -> dict[str, Any]:
    """What was shown when the vote was cast: digests and versions."""
    return {"shown": msgspec.to_builtins(vote.shown), "lease_fence": vote.lease_fence}


async def lost(scope: Scope, case_id: UUID) -> Conflict:
    """Why a vote that looked possible was not: somebody committed first."""
    now = await cases.read(scope, case_id)
    if now.state is CaseState.DECIDED:
        return await already_decided(scope, now)
    if now.state is not CaseState.OPEN:
        return case_closed(now)
    return lease_lost(scope, now)


async def already_decided(scope: Scope, case: CaseRow) -> Conflict:
    made = await decisions.of_case(scope, case.id)
    return Conflict(
        "already_decided",
        "this case is decided",
        verdict=made.verdict.value if made else None,
        decided_by_name=made.decided_by_name if made else None,
        decided_at=made.decided_at.isoformat() if made else None,
    )


def content_changed(case: CaseRow, current: str, version: int | None) -> Conflict:
    return Conflict(
        "content_changed",
        "this is not the content you saw: load the case again",
        content_hash=current,
        content_version=version,
        case_version=case.content_version,
    )


async def check_subject(scope: Scope, case: CaseRow, verdict: Verdict) -> None:
    """What can change while a case waits. Raises Conflict `content_changed`, `subject_withdrawn`.

    From the stored content itself: a hash beside it proves nothing.
    """
    if case.session_id is None or case.kind is CaseKind.AFTER_REVIEW:
        return
    session = await read_session(scope, case.session_id)
    version = await read_content_version(scope, case.session_id, session.content_version)
    current = content_hash(version.content)
    is_there = session.state in {SessionState.AWAITING_VALIDATION, SessionState.REFUSED}
    if is_there and current != case.content_hash:
        raise content_changed(case, current, session.content_version)
    if verdict is Verdict.APPROVE:
        withdrawn = await find_withdrawn(scope, version.content)
        if withdrawn is not None:
            text = f"the {withdrawn} is not approved any more: ask for another one"
            raise Conflict("subject_withdrawn", text, subject=withdrawn)


async def subject_state(scope: Scope, case: CaseRow) -> str:
    if case.session_id is not None:
        return (await read_session(scope, case.session_id)).state.value
    return (await approvals.read_state(scope, *subject_of(case))).value


async def _apply(scope: Scope, case: CaseRow, vote: VoteRow) -> str:
    """What the verdict does to its subject; the subject's state after it."""
    await check_subject(scope, case, vote.verdict)
    try:
        if case.kind is CaseKind.APPEAL:
            return await _apply_to_appealed(scope, case, vote)
        if case.kind is CaseKind.AFTER_REVIEW:
            return await apply_after_review(scope, case, vote)
        if case.kind is CaseKind.CAMPAIGN_SESSION:
            return await _apply_to_session(scope, case, vote)
        return await _apply_to_subject(scope, case, vote, _SUBJECT_EVENTS[vote.verdict])
    except StateConflict as conflict:
        raise await lost(scope, case.id) from conflict


async def _apply_to_session(scope: Scope, case: CaseRow, vote: VoteRow) -> str:
    if case.session_id is None:
        raise RuntimeError("a session's case without its session")
    session = await read_session(scope, case.session_id)
    changes: dict[str, Any] = {"comments": msgspec.to_builtins(vote.comments)}
    if vote.verdict is Verdict.APPROVE:
        changes |= approval_columns(session, "human", case.content_hash, scope)
        changes |= {"approval_decision_id": vote.id, "bounds": case.bounds}
    if vote.verdict is Verdict.REFUSE:
        changes["completed_at"] = scope.now
    facts = {"case_id": str(case.id), "decision_id": str(vote.id)}
    if vote.reason_code:
        facts["reason_code"] = vote.reason_code
    event = _SESSION_EVENTS[vote.verdict]
    return (await move_session(scope, session, event, facts=facts, **changes)).state.value


async def _apply_to_subject(
    scope: Scope, case: CaseRow, vote: VoteRow, event: ApprovalEvent
) -> str:
    """A change that was asked for gives a version or a sender back to its tenant."""
    subject, subject_id = subject_of(case)
    is_approval = vote.verdict is Verdict.APPROVE
    reason = None if is_approval else await _reason_text(scope, vote)
    decided = None if event is ApprovalEvent.TAKE_BACK else vote.id
    moved = await approvals.move(
        scope, subject, subject_id, event, decision_id=decided, reason=reason
    )
    return moved.value


async def _apply_to_appealed(scope: Scope, case: CaseRow, vote: VoteRow) -> str:
    """Granted: a version or a sender is approved after all; a refused session stays the end it is,
    its text lies in a fresh draft, and this approval of the same hash covers it.
    """
    if vote.verdict is not Verdict.APPROVE:
        return await subject_state(scope, case)
    if case.session_id is None:
        try:
            return await _apply_to_subject(scope, case, vote, ApprovalEvent.OVERTURN)
        except asyncpg.UniqueViolationError as error:
            raise Conflict("asked_again", "the same sender was asked for again") from error
    session = await read_session(scope, case.session_id)
    await open_copy(scope, session)
    return session.state.value


def subject_of(case: CaseRow) -> tuple[Subject, UUID]:
    if case.template_version_id is not None:
        return Subject.TEMPLATE_VERSION, case.template_version_id
    if case.sender_id is not None:
        return Subject.SENDER, case.sender_id
    raise RuntimeError("a case without a subject")


async def _reason_text(scope: Scope, vote: VoteRow) -> str:
    language = (await read_tenant_view(scope, scope.tenant_id)).language
    words = await read_reason(scope, vote.conduct_version, vote.reason_code, language)
    said = [words[0].tenant_text] if words else []
    return " ".join([*said, vote.message or ""]).strip()[:SUBJECT_REASON_CHARACTERS_MAX]
