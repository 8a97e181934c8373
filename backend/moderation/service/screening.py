"""Screening: every recipient rendered as a dry run, judged, and the session moved on.

Runs twice to the same end: the session is leased by compare-and-set, the dry run only reads, and
the outcome is one transaction that the state allows once.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.schemas.content import content_hash
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.contents import read_content_version
from backend.campaigns.service.evaluation import Evaluation, evaluate_page, open_evaluation
from backend.campaigns.service.moves import change_session, move_session, read_session
from backend.campaigns.states import APPROVAL_DAYS_MAX, TRIES_MAX, SessionEvent, SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.gateways.service import standing_gateways
from backend.identity.schemas import TenantFacts
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, StateConflict, Unavailable
from backend.kernel.faults import point
from backend.kernel.principal import Principal, system
from backend.moderation.dry_run import DryRunSums
from backend.moderation.queries import decisions, screenings
from backend.moderation.queries.screenings import Screening
from backend.moderation.rules import score
from backend.moderation.schemas.decisions import DecisionRow
from backend.moderation.service.cases import SUBMITTED, open_session_case
from backend.moderation.service.judging import (
    bounds_of,
    is_auto_validated,
    is_inside,
    problems_of,
)
from backend.moderation.service.rule_sets import read_rules
from backend.moderation.states import Verdict

SCREENING_LEASE_SECONDS = 60
RENEW_AFTER_SECONDS = 20
PROBLEMS_MAX = 50


class _Work(msgspec.Struct, kw_only=True):
    """One leased screening: what was read once, and the sums that grow."""

    session: SessionRow
    hash: str
    tenant: TenantFacts
    evaluation: Evaluation
    sums: DryRunSums
    largest_approved: int | None


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
        return await change_session(
            scope,
            session,
            lease_until=scope.now + timedelta(seconds=SCREENING_LEASE_SECONDS),
            fence=session.fence + 1,
            tries=session.tries + 1,
        )


async def _screen(principal: Principal, session: SessionRow) -> None:
    async with tenant_scope(principal) as scope:
        work = await _open(scope, session)
    after: UUID | None = None
    while True:
        async with tenant_scope(principal) as scope:
            page = await evaluate_page(scope, work.evaluation, after)
            await _keep_lease(scope, work)
        work.sums.add(page)
        point("moderation.page_screened")
        if page.next_after is None:
            break
        after = page.next_after
    async with platform_scope(principal, "standing gateways") as scope:
        has_gateway = bool(await standing_gateways(scope))
    async with tenant_scope(principal) as scope:
        await _conclude(scope, work, has_gateway=has_gateway)
        point("moderation.screened")


async def _open(scope: Scope, session: SessionRow) -> _Work:
    version = await read_content_version(scope, session.id, session.content_version)
    tenant = await read_tenant_facts(scope)
    evaluation = await open_evaluation(
        scope,
        version.content,
        tenant=tenant,
        price_version=session.price_version,
        properties=version.properties,
    )
    plain = evaluation.wording(None, None)
    assert not isinstance(plain, str), "the content itself compiled when the evaluation opened"
    blank = plain.message.render({}, {})
    rules = await read_rules(scope, version.content, tenant.auto_validation)
    history = await decisions.record(scope)
    return _Work(
        session=session,
        # From the stored content, not from the stored hash: what a moderator sees is what leaves.
        hash=content_hash(version.content),
        tenant=tenant,
        evaluation=evaluation,
        sums=DryRunSums(version.content, rules, blank=blank if isinstance(blank, str) else None),
        largest_approved=history["largest_approved_recipients"],
    )


async def _keep_lease(scope: Scope, work: _Work) -> None:
    """Raises StateConflict when the session was taken back meanwhile."""
    until = work.session.lease_until
    spare = timedelta(seconds=SCREENING_LEASE_SECONDS - RENEW_AFTER_SECONDS)
    if until is not None and until - scope.now < spare:
        renewed = scope.now + timedelta(seconds=SCREENING_LEASE_SECONDS)
        work.session = await change_session(scope, work.session, lease_until=renewed)


async def _conclude(scope: Scope, work: _Work, *, has_gateway: bool) -> None:
    dry_run = work.sums.result()
    hits = work.sums.hits(largest_approved=work.largest_approved)
    ceiling = work.session.ceiling_credits
    problems = problems_of(dry_run, hits, ceiling, has_gateway=has_gateway)[:PROBLEMS_MAX]
    approval = await _approval_in_force(scope, work.hash)
    event = SessionEvent.NEED_VALIDATION
    if problems:
        event = SessionEvent.RETURN_PROBLEMS
    elif approval and approval.bounds and is_inside(approval.bounds, dry_run, hits):
        event = SessionEvent.INHERIT_APPROVAL
    elif is_auto_validated(work.tenant.auto_validation, dry_run, hits):
        event = SessionEvent.AUTO_APPROVE
    found = Screening(
        session_id=work.session.id,
        content_version=work.session.content_version,
        hash=work.hash,
        dry_run=dry_run,
        hits=hits,
        bounds=bounds_of(dry_run, hits),
        score=score([hit.severity for hit in hits]),
        outcome=event.value,
        screened_at=scope.now,
    )
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
