"""What came of sessions: receipts, opt-outs and complaints, held against the limits of trust."""

from typing import Any
from uuid import UUID

import msgspec

from backend.audit.service import record
from backend.campaigns.service.moves import read_session
from backend.campaigns.service.progress import session_progress
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.suspending import suspend
from backend.identity.service.tenants import read_tenant_facts, tenant_names
from backend.kernel.errors import Conflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.moderation.queries import trust
from backend.moderation.schemas.trust import (
    ComplaintCreate,
    ComplaintView,
    OutcomeFacts,
    ProposalDecision,
    ProposalView,
    StrikeCause,
)
from backend.moderation.service.trust import give_strike, policy_in_force

PROPOSALS_SHOWN_MAX = 200


async def record_outcome_facts(scope: Scope, session_id: UUID, facts: OutcomeFacts) -> None:
    """A step, in the transaction that learnt it: a session past a limit strikes its tenant once
    for each cause, and takes its auto-validation. Raises NotFound.
    """
    kind = (await read_session(scope, session_id)).approval_kind
    row = await trust.add_outcome(
        scope,
        session_id,
        kind,
        facts.accepted,
        facts.delivered,
        facts.opt_outs,
        facts.complaints,
    )
    policy = (await policy_in_force(scope)).policy
    # While it still sends nobody has counted its end.
    accepted = row["accepted"] or (await session_progress(scope, session_id)).ever_accepted
    if accepted < policy.rate_messages_min:
        return
    for cause, said, per_mille_max in (
        (StrikeCause.OPT_OUTS, row["opt_outs"], policy.opt_outs_per_mille_max),
        (StrikeCause.COMPLAINTS, row["complaints"], policy.complaints_per_mille_max),
    ):
        if said * 1_000 > accepted * per_mille_max:
            text = f"{cause}: {said} of {accepted} accepted messages, over {per_mille_max} ‰"
            await give_strike(scope, cause, f"session:{session_id}", text, session_id=session_id)


async def record_complaint(
    principal: Principal, tenant_id: UUID, given: ComplaintCreate
) -> ComplaintView:
    """Told twice with one reference it is one. Raises NotFound for a session that is not theirs."""
    async with tenant_scope(principal, tenant_id, reason="record a complaint") as scope:
        await read_tenant_facts(scope)
        values: dict[str, Any] = msgspec.structs.asdict(given)
        if given.session_id is not None:
            await read_session(scope, given.session_id)
        if await trust.insert_complaint(scope, uuid7(), values):
            await record(scope, "complaint.recorded", f"tenant:{tenant_id}", count=given.count)
            if given.session_id is not None:
                facts = OutcomeFacts(complaints=given.count)
                await record_outcome_facts(scope, given.session_id, facts)
        row = await trust.complaint(scope, given.source.value, given.reference)
        view = msgspec.convert(dict(row), ComplaintView)
        await scope.answer(view, 201)
    return view


async def list_complaints(
    principal: Principal, tenant_id: UUID, cursor: str | None, limit: int
) -> Page[ComplaintView]:
    """What was said against a tenant, newest first. Raises NotFound."""
    check_limit(limit)
    async with tenant_scope(principal, tenant_id, reason="read complaints") as scope:
        await read_tenant_facts(scope)
        rows = await trust.complaints(scope, cursor_id(cursor), limit)
    items = [msgspec.convert(dict(row), ComplaintView) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def list_suspension_proposals(principal: Principal) -> list[ProposalView]:
    """Open ones, newest first."""
    async with platform_scope(principal, "suspension proposals") as scope:
        rows = await trust.proposals(scope, "open", PROPOSALS_SHOWN_MAX)
        names = await tenant_names(scope, [row["tenant_id"] for row in rows])
    return [_view({**row, "tenant_name": names[row["tenant_id"]]}) for row in rows]


def _view(row: dict[str, Any]) -> ProposalView:
    return msgspec.convert(row, ProposalView)


async def decide_suspension_proposal(
    principal: Principal, tenant_id: UUID, proposal_id: UUID, given: ProposalDecision
) -> ProposalView:
    """Raises NotFound, Conflict `already_decided`, and `not_active` for who sends nothing."""
    async with tenant_scope(principal, tenant_id, reason=given.reason) as scope:
        await refuse_own_tenant(scope)
        await trust.proposal(scope, proposal_id)
        state = "accepted" if given.suspend else "dismissed"
        if not await trust.decide_proposal(scope, proposal_id, state, given.reason):
            raise Conflict("already_decided", "this proposal was decided before")
        if given.suspend:
            await suspend(scope, given.reason)
        await record(scope, f"suspension.{state}", f"tenant:{tenant_id}", reason=given.reason)
        tenant = await read_tenant_facts(scope)
        row = dict(await trust.proposal(scope, proposal_id))
        view = _view({**row, "tenant_name": tenant.name})
        await scope.answer(view, 200)
    return view
