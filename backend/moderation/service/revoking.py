"""Taking approvals back: by a moderator, a lost privilege, age. What waits is queued again."""

from datetime import timedelta
from uuid import UUID

from backend.audit.service import record
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.approvals import aged_approvals, sessions_resting_on
from backend.campaigns.service.moves import change_session, move_session, read_session
from backend.campaigns.states import APPROVAL_DAYS_MAX, SessionEvent, SessionState, target
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.kernel.errors import Conflict, NotFound, StateConflict
from backend.kernel.principal import Principal, system
from backend.moderation.queries import cases, decisions
from backend.moderation.schemas.decisions import RevocationInput, RevokedView
from backend.moderation.service.cases import reopen_case, withdraw_subject_case
from backend.moderation.service.history import decision_view
from backend.moderation.service.rulings import subject_of
from backend.moderation.states import CaseKind, Verdict
from backend.templates.service import approvals
from backend.templates.states import ApprovalEvent

AGED_ROWS_MAX = 100
_REVOCABLE = [state for state in SessionState if target(state, SessionEvent.REVOKE)]
_RUNNING = [SessionState.SENDING, SessionState.PAUSED]


async def revoke_case(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: RevocationInput
) -> RevokedView:
    """The approval of a decided case. Every session that rests on it and has not begun sending,
    inherited ones too, waits for a new decision. Raises Conflict `not_approved`,
    `already_revoked`; Forbidden `own_tenant`; NotFound.
    """
    async with tenant_scope(principal, tenant_id, reason=f"revoke case {case_id}") as scope:
        await refuse_own_tenant(scope)
        case = await cases.read(scope, case_id)
        made = await decisions.of_case(scope, case_id)
        is_approval = made is not None and made.verdict is Verdict.APPROVE
        if made is None or not is_approval or case.kind is CaseKind.AFTER_REVIEW:
            raise Conflict("not_approved", "there is no approval to revoke", state=case.state.value)
        # The decision first: a screening that inherits it holds the row, so it either sees the
        # revocation or its session is found below.
        if not await decisions.revoke(scope, made.id, given.reason):
            raise Conflict("already_revoked", "this approval was revoked before")
        revoked: list[UUID] = []
        running = 0
        if case.kind is CaseKind.CAMPAIGN_SESSION:
            for session in await sessions_resting_on(scope, _REVOCABLE, decision_id=made.id):
                await _revoke_session(scope, session, given.reason)
                revoked.append(session.id)
            found = await sessions_resting_on(scope, _RUNNING, decision_id=made.id)
            running = len(found)
        else:
            subject, subject_id = subject_of(case)
            event = ApprovalEvent.WITHDRAW
            await approvals.move(scope, subject, subject_id, event, reason=given.reason)
        await record(scope, "decision.revoked", f"decision:{made.id}", reason=given.reason)
        view = RevokedView(
            decision=decision_view(await decisions.read(scope, made.id)),
            sessions_revoked=revoked,
            sessions_running=running,
        )
        await scope.answer(view, 200)
    return view


async def _revoke_session(scope: Scope, session: SessionRow, reason: str) -> None:
    facts = {"reason": reason}
    moved = await move_session(
        scope,
        session,
        SessionEvent.REVOKE,
        facts=facts,
        revoked_at=scope.now,
        lease_until=None,
        tries=0,
    )
    await reopen_case(scope, moved, f"approval revoked: {reason}")


async def requeue_after_lost_privilege(
    tenant_id: UUID,
    reason: str,
    *,
    template_version_id: UUID | None = None,
    sender_id: UUID | None = None,
) -> int:
    """Consumer of `auto_validation.lost` (neither id: what nobody looked at), of
    `template.withdrawn` and `sender.withdrawn`; the number of sessions back in the queue.

    Twice is once: a revoked session rests on no approval any more.
    """
    kind = None if template_version_id or sender_id else "auto"
    principal = system("requeue", tenant_id)
    async with tenant_scope(principal) as scope:
        if template_version_id or sender_id:
            await withdraw_subject_case(
                scope, template_version_id=template_version_id, sender_id=sender_id
            )
        found = await sessions_resting_on(
            scope,
            _REVOCABLE,
            approval_kind=kind,
            template_version_id=template_version_id,
            sender_id=sender_id,
        )
        ids = [session.id for session in found]
    return sum([await _requeue(principal, session_id, reason) for session_id in ids])


async def requeue_aged_approvals() -> int:
    """For the clock: scheduled sessions whose approval is older than APPROVAL_DAYS_MAX days."""
    async with platform_scope(system("requeue"), "aged approvals") as scope:
        before = scope.now - timedelta(days=APPROVAL_DAYS_MAX)
        rows = await aged_approvals(scope, before, AGED_ROWS_MAX)
    reason = f"approved more than {APPROVAL_DAYS_MAX} days ago"
    return sum(
        [await _requeue(system("requeue", row["tenant_id"]), row["id"], reason) for row in rows]
    )


async def _requeue(principal: Principal, session_id: UUID, reason: str) -> bool:
    """One session, one transaction. A missed one is not due any more: its approval just ends."""
    try:
        async with tenant_scope(principal) as scope:
            session = await read_session(scope, session_id)
            if session.state not in _REVOCABLE or session.revoked_at is not None:
                return False
            if session.state is SessionState.MISSED:
                await change_session(scope, session, revoked_at=scope.now)
                return False
            await _revoke_session(scope, session, reason)
    except (StateConflict, NotFound):
        # It moved on meanwhile; dispatch rechecks what it rests on.
        return False
    return True
