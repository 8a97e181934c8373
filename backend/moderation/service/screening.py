"""Screening: every recipient rendered as a dry run, judged, and the session moved on.

Runs twice to the same end: the session is leased by compare-and-set, the dry run only reads, and
the outcome is one transaction that the state allows once.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.moves import change_session, move_session, read_session
from backend.campaigns.states import APPROVAL_DAYS_MAX, TRIES_MAX, SessionEvent, SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.gateways.schemas import StandingGateway
from backend.gateways.service import standing_gateways
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, StateConflict, Unavailable
from backend.kernel.faults import point
from backend.kernel.principal import Principal, system
from backend.moderation.queries import decisions, screenings
from backend.moderation.schemas.decisions import DecisionRow
from backend.moderation.service.after_reviews import sample_for_review
from backend.moderation.service.cases import SUBMITTED, open_session_case
from backend.moderation.service.dry_runs import (
    DryRunWork,
    lease_session,
    run_dry,
    screening_of,
)
from backend.moderation.service.forgetting import without_erased
from backend.moderation.service.judging import (
    is_auto_validated,
    is_inside,
    problems_of,
)
from backend.moderation.states import Verdict

PROBLEMS_MAX = 50


async def screen_session(tenant_id: UUID, session_id: UUID) -> None:
    """Consumer of `session.submitted`. Raises Conflict `screening_leased` while another works on
    it, and whatever went wrong in a try that was not the last: the announcement comes again.
    """
    principal = system("screening", tenant_id)
    session = await _lease(principal, session_id)
    if session is None:
        return
    try:
        await _screen(principal, session)
    except (StateConflict, Unavailable):
        # Cancelled, killed, or taken over after the lease ran out: nothing of ours was written.
        await _raise_if_still_due(principal, session_id)
    except Exception:
        if not await _give_up(principal, session_id):
            raise


async def _lease(principal: Principal, session_id: UUID) -> SessionRow | None:
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if session.state is not SessionState.SCREENING:
            return None
        if session.lease_until is not None and session.lease_until > scope.now:
            raise Conflict("screening_leased", until=session.lease_until.isoformat())
        if session.tries >= TRIES_MAX:
            await _fail(scope, session)
            return None
        return await lease_session(scope, session)


async def _screen(principal: Principal, session: SessionRow) -> None:
    work = await run_dry(principal, session)
    async with platform_scope(principal, "standing gateways") as scope:
        gateways = await standing_gateways(scope)
    async with tenant_scope(principal) as scope:
        await _conclude(scope, work, gateways)
        point("moderation.screened")


async def _conclude(scope: Scope, work: DryRunWork, gateways: Sequence[StandingGateway]) -> None:
    found = await without_erased(scope, screening_of(scope, work))
    dry_run, hits, ceiling = found.dry_run, found.hits, work.session.ceiling_credits
    problems = problems_of(dry_run, hits, ceiling, gateways, withdrawn=work.withdrawn)
    problems = problems[:PROBLEMS_MAX]
    approval = await _approval_in_force(scope, work.hash)
    # Read again: a dry run takes minutes, and the privilege may be gone since it began.
    privilege = (await read_tenant_facts(scope)).auto_validation
    event = SessionEvent.NEED_VALIDATION
    if problems:
        event = SessionEvent.RETURN_PROBLEMS
    elif approval and approval.bounds and is_inside(approval.bounds, dry_run, hits):
        event = SessionEvent.INHERIT_APPROVAL
    elif is_auto_validated(privilege, dry_run, hits):
        event = SessionEvent.AUTO_APPROVE
    found = msgspec.structs.replace(found, outcome=event.value)
    await screenings.save(scope, found)
    changes: dict[str, Any] = {"lease_until": None, "tries": 0, "failure": None}
    if problems:
        changes["problems"] = msgspec.to_builtins(problems)
    elif event is SessionEvent.INHERIT_APPROVAL and approval is not None:
        changes |= approval_columns(work.session, "inherited", found.hash, scope)
        # The approval is the decision's: its bounds, and its age.
        changes |= {
            "approval_decision_id": approval.id,
            "bounds": approval.bounds,
            "approved_at": approval.decided_at,
        }
    elif event is SessionEvent.AUTO_APPROVE:
        changes |= approval_columns(work.session, "auto", found.hash, scope)
        changes |= {"bounds": found.bounds}
    facts = {"recipients": dry_run.recipients, "credits": dry_run.credits, "hash": found.hash}
    moved = await move_session(scope, work.session, event, facts=facts, **changes)
    if event is SessionEvent.AUTO_APPROVE:
        await sample_for_review(scope, moved, found)
    if event is SessionEvent.NEED_VALIDATION:
        await open_session_case(scope, moved, found, SUBMITTED)


def approval_columns(
    session: SessionRow, kind: str, content_hash: str, scope: Scope
) -> dict[str, Any]:
    """What every approval writes; `first_approved_at` is set once and stays."""
    return {
        "approval_kind": kind,
        "approval_decision_id": None,
        "approved_version": session.content_version,
        "approved_hash": content_hash,
        "approved_at": scope.now,
        "first_approved_at": session.first_approved_at or scope.now,
        "revoked_at": None,
    }


async def _approval_in_force(scope: Scope, content_hash: str) -> DecisionRow | None:
    """The newest ruling on this content counts: a later refusal ends an older approval."""
    since = scope.now - timedelta(days=APPROVAL_DAYS_MAX)
    newest = await decisions.newest_of_hash(scope, content_hash, since)
    if newest is None or newest.verdict is not Verdict.APPROVE or newest.revoked_at is not None:
        return None
    return newest


async def _raise_if_still_due(principal: Principal, session_id: UUID) -> None:
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
    if session.state is SessionState.SCREENING:
        raise Conflict("screening_leased", "the lease was lost; another try follows")


async def _give_up(principal: Principal, session_id: UUID) -> bool:
    """After our own fault: the lease goes back, the last try ends the session."""
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if session.state is not SessionState.SCREENING:
            return True
        if session.tries >= TRIES_MAX:
            await _fail(scope, session)
            return True
        await change_session(scope, session, lease_until=None)
        return False


async def _fail(scope: Scope, session: SessionRow) -> None:
    await move_session(
        scope,
        session,
        SessionEvent.FAIL,
        facts={"tries": session.tries},
        failure="screening_failed",
        lease_until=None,
        completed_at=scope.now,
    )
