"""Deciding: once per case, under a current lease, on the version that was seen."""

import hashlib
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record
from backend.db.scope import Scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.kernel.errors import Conflict, invalid_field
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal
from backend.moderation.queries import cases, decisions, leases, votes
from backend.moderation.schemas.cases import CaseRow
from backend.moderation.schemas.decisions import Comment, DecisionInput
from backend.moderation.schemas.screening import Severity
from backend.moderation.schemas.votes import DecidedView, Shown, VoteRow
from backend.moderation.service.books import book_in_force, reason_required, require_reason
from backend.moderation.service.contents import TextParts, read_parts
from backend.moderation.service.desk_rules import rules_in_force
from backend.moderation.service.history import decision_view, vote_view
from backend.moderation.service.leases import (
    account_of,
    case_closed,
    decision_pending,
    lease_lost,
    refuse_not_for,
)
from backend.moderation.service.placement import four_eyes
from backend.moderation.service.rulings import (
    already_decided,
    check_subject,
    conclude,
    content_changed,
    lost,
    subject_state,
)
from backend.moderation.states import CaseKind, CaseState, Rescreening, Verdict, VoteState


async def decide_case(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: DecisionInput
) -> DecidedView:
    """A vote, which takes effect when the seconds to undo it are over; at once where the desk's
    rules give none.

    Raises InvalidInput `reason_required`, `reason_unknown`, `comment_outside_text`,
    `appeal_granted_or_upheld`; Forbidden `own_tenant`, `lead_only`, `other_person_required`;
    Conflict `already_decided`, `decision_pending`, `case_closed`, `content_changed`, `lease_lost`;
    for an approval `not_rescreened`, `content_blocked`, `subject_withdrawn`.
    """
    async with tenant_scope(principal, tenant_id, reason=f"decide case {case_id}") as scope:
        await _check_reason(scope, given)
        await refuse_own_tenant(scope)
        case = await cases.read(scope, case_id)
        await _check_may_decide(scope, case, given)
        comments = _comments(await read_parts(scope, case), given)
        await check_subject(scope, case, given.verdict)
        vote = await _vote(scope, case, given, comments)
        view = await _cast(scope, case, vote)
        point("moderation.voted")
        await scope.answer(view, 200)
    return view


async def _cast(scope: Scope, case: CaseRow, vote: VoteRow) -> DecidedView:
    at_once = vote.takes_effect_at <= scope.now
    if not at_once and await leases.put_vote(scope, vote) is None:
        raise await lost(scope, case.id)
    try:
        await votes.insert(scope, vote)
    except asyncpg.UniqueViolationError as error:
        raise decision_pending(case) from error
    if not at_once:
        shown = msgspec.to_builtins(vote.shown)
        facts = {"vote": str(vote.id), "verdict": vote.verdict.value, "shown": shown}
        await record(scope, "case.voted", f"case:{case.id}", **facts)
        state = await subject_state(scope, case)
        return DecidedView(vote=vote_view(vote), decision=None, subject_state=state)
    ruling = await conclude(scope, case, vote)
    made = await decisions.read(scope, vote.id) if ruling.is_decided else None
    return DecidedView(
        vote=vote_view(await votes.read(scope, vote.id)),
        decision=decision_view(made) if made else None,
        subject_state=ruling.subject_state,
    )


async def _vote(
    scope: Scope, case: CaseRow, given: DecisionInput, comments: list[Comment]
) -> VoteRow:
    rules = await rules_in_force(scope)
    book = await book_in_force(scope)
    begun = case.lease_taken_at or scope.now
    needed = await four_eyes(scope, case) if given.verdict is Verdict.APPROVE else []
    return VoteRow(
        tenant_id=scope.tenant_id,
        id=uuid7(),
        case_id=case.id,
        verdict=given.verdict,
        content_hash=given.content_hash,
        lease_fence=given.lease_fence,
        voter=account_of(scope.principal),
        voter_name=case.lease_holder_name or "",
        reason_code=given.reason_code,
        conduct_version=book.version if given.reason_code else None,
        message=given.message or None,
        note=given.note or None,
        comments=comments,
        shown=Shown(
            content_hash=case.content_hash,
            dry_run=_digest(case.dry_run),
            hits=_digest(case.hits),
            renderings=_digest(case.dry_run.renderings),
            desk_rules_version=rules.version,
            conduct_version=book.version,
            rules_version=case.rules_version,
        ),
        four_eyes=needed,
        lane=case.lane,
        review_seconds=max(0, int((scope.now - begun).total_seconds())),
        cast_at=scope.now,
        takes_effect_at=scope.now + timedelta(seconds=rules.rules.undo_seconds),
        state=VoteState.PENDING,
        void_why=None,
    )


def _digest(shown: object) -> str:
    return hashlib.sha256(msgspec.json.encode(shown, order="sorted")).hexdigest()


async def _check_reason(scope: Scope, given: DecisionInput) -> None:
    if given.reason_code is not None:
        await require_reason(scope, given.reason_code)
    elif given.verdict is Verdict.REFUSE:
        raise reason_required()
    elif given.verdict is Verdict.REQUEST_CHANGES and not (given.message or given.comments):
        raise invalid_field(
            "/message", "reason_required", "say what to change: a reason, a message or a comment"
        )


async def _check_may_decide(scope: Scope, case: CaseRow, given: DecisionInput) -> None:
    if case.state is CaseState.DECIDED:
        raise await already_decided(scope, case)
    if case.state is not CaseState.OPEN:
        raise case_closed(case)
    refuse_not_for(scope.principal, case)
    if case.vote_id is not None:
        raise decision_pending(case)
    if case.kind is CaseKind.APPEAL and given.verdict is Verdict.REQUEST_CHANGES:
        text = "an appeal is granted or upheld"
        raise invalid_field("/verdict", "appeal_granted_or_upheld", text)
    if given.verdict is Verdict.APPROVE:
        _check_may_be_approved(case)
    if given.content_hash != case.content_hash:
        raise content_changed(case, case.content_hash, case.content_version)
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
