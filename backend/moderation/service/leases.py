"""Holding a case: for minutes, renewable, with a number that every act under it carries."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import account_name, tenants_of_account
from backend.kernel.errors import Conflict, Forbidden, NotFound
from backend.kernel.faults import point
from backend.kernel.principal import Principal, StaffRole, system
from backend.moderation.queries import cases, desk, leases as held, queue
from backend.moderation.schemas.cases import CaseRow, LeaseInput, LeaseView
from backend.moderation.service.desk_rules import rules_in_force
from backend.moderation.states import LEASE_MINUTES, CaseState, Lane, Rescreening

NEXT_CANDIDATES_MAX = 20
_PASSED_BY = {"case_held", "case_closed", "rescreening", "decision_pending"}
_Change = Callable[[Scope, UUID], Awaitable[CaseRow | None]]


async def claim_case(principal: Principal, tenant_id: UUID, case_id: UUID) -> LeaseView:
    """Raises Conflict `case_held` with its holder, `case_closed`, `rescreening`,
    `decision_pending`; Forbidden `own_tenant`, `lead_only`, `other_person_required`; NotFound.
    One's own lease is renewed and keeps its number.
    """
    name = await own_name(principal)
    return await _claim(principal, tenant_id, case_id, name)


async def claim_next_case(principal: Principal, lane: Lane | None = None) -> LeaseView:
    """Of one lane or of all that one may take: the case that must be begun first, of those one
    holds already, else of the free ones. After an undo both the undone case and the one that came
    next are held: neither waits unseen until its minutes are over. Raises NotFound `queue_empty`.

    The key is kept with nobody's tenant: which one it will be is not known when it is looked up.
    """
    async with platform_scope(principal, "claim the next case", takes_key=True) as scope:
        own = await tenants_of_account(scope, principal.account_id)
        name = await account_name(scope, principal.account_id)
        asked = (
            principal.account_id,
            sorted(own),
            [one.value for one in _lanes_of(principal) if lane in {None, one}],
            NEXT_CANDIDATES_MAX,
        )
        found = [*await queue.own_rows(scope, *asked), *await queue.free_rows(scope, *asked)]
    keyless = msgspec.structs.replace(principal, idempotency=None)
    for row in found:
        try:
            view = await _claim(keyless, row["tenant_id"], row["case_id"], name)
        except Conflict as conflict:
            # Somebody was faster: the next one.
            if conflict.code not in _PASSED_BY:
                raise
            continue
        except Forbidden:
            # It went to the leads, or to somebody else than us, in between.
            continue
        await _keep_claim(principal, view)
        return view
    raise NotFound("queue_empty", "nothing waits that you could take")


def _lanes_of(principal: Principal) -> list[Lane]:
    if StaffRole.LEAD in principal.staff_roles:
        return list(Lane)
    return [lane for lane in Lane if lane is not Lane.LEAD_ONLY]


async def _keep_claim(principal: Principal, view: LeaseView) -> None:
    """Killed before this, a retry claims another case; the first one's lease ends in minutes."""
    if principal.idempotency is not None:
        async with platform_scope(principal, "answer a claim", takes_key=True) as scope:
            await scope.answer(view, 200)


async def heartbeat_case(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: LeaseInput
) -> LeaseView:
    """Raises Conflict `lease_lost` once the time is over or somebody else holds the case."""

    async def renew(scope: Scope, holder: UUID) -> CaseRow | None:
        return await held.renew_lease(scope, case_id, holder, given.lease_fence, _until(scope))

    return await _under_lease(principal, tenant_id, case_id, "keep a case", renew)


async def release_case(
    principal: Principal, tenant_id: UUID, case_id: UUID, given: LeaseInput
) -> None:
    """Back to the queue, free for others at once and not offered to this one for a while.
    Released, expired or closed already is released.
    """
    async with tenant_scope(principal, tenant_id, reason=f"release case {case_id}") as scope:
        await cases.read(scope, case_id)
        me = account_of(principal)
        if await held.drop_lease(scope, case_id, me, given.lease_fence) is not None:
            await hide_from(scope, case_id, me)
        await scope.answer(None, 204)


async def hide_from(scope: Scope, case_id: UUID, account_id: UUID) -> None:
    """A step: not offered to this account for the minutes the desk's rules say."""
    minutes = (await rules_in_force(scope)).rules.hidden_minutes
    await desk.hide(scope, case_id, account_id, scope.now + timedelta(minutes=minutes))


async def own_name(principal: Principal) -> str:
    async with platform_scope(system("desk"), "name of the moderator") as scope:
        return await account_name(scope, principal.account_id)


def account_of(principal: Principal) -> UUID:
    if principal.account_id is None:
        raise Forbidden("role_missing", "cases are held by people")
    return principal.account_id


def _until(scope: Scope) -> datetime:
    return scope.now + timedelta(minutes=LEASE_MINUTES)


async def _claim(principal: Principal, tenant_id: UUID, case_id: UUID, name: str) -> LeaseView:
    async with tenant_scope(principal, tenant_id, reason=f"claim case {case_id}") as scope:
        await refuse_own_tenant(scope)
        refuse_not_for(principal, await cases.read(scope, case_id))
        taken = await held.take_lease(scope, case_id, account_of(principal), name, _until(scope))
        if taken is None:
            raise _why_not_taken(scope, await cases.read(scope, case_id))
        view = lease_view(taken)
        point("moderation.claimed")
        await scope.answer(view, 200)
    return view


async def _under_lease(
    principal: Principal, tenant_id: UUID, case_id: UUID, why: str, change: _Change
) -> LeaseView:
    async with tenant_scope(principal, tenant_id, reason=f"{why} {case_id}") as scope:
        await cases.read(scope, case_id)
        changed = await change(scope, account_of(principal))
        if changed is None:
            raise lease_lost(scope, await cases.read(scope, case_id))
        view = lease_view(changed)
        await scope.answer(view, 200)
    return view


def refuse_not_for(principal: Principal, case: CaseRow) -> None:
    """Raises Forbidden `lead_only`; `other_person_required` for whoever voted first, or refused
    what is appealed.
    """
    if case.lane is Lane.LEAD_ONLY and StaffRole.LEAD not in principal.staff_roles:
        raise Forbidden("lead_only", "this case is for a lead", lane_why=case.lane_why)
    if principal.account_id in case.barred:
        why = "appeal" if case.appeal_of is not None else "first_vote"
        raise Forbidden("other_person_required", "somebody else decides this one", why=why)


def _why_not_taken(scope: Scope, case: CaseRow) -> Conflict:
    if case.state is not CaseState.OPEN:
        return case_closed(case)
    if case.rescreening is Rescreening.PENDING:
        return Conflict("rescreening", "everybody is being rendered again: in a moment")
    if case.vote_id is not None:
        return decision_pending(case)
    return Conflict("case_held", f"{case.lease_holder_name} holds this case", **_held(scope, case))


def case_closed(case: CaseRow) -> Conflict:
    return Conflict(
        "case_closed",
        f"this case is {case.state}",
        state=case.state.value,
        closed_at=case.closed_at.isoformat() if case.closed_at else None,
    )


def decision_pending(case: CaseRow) -> Conflict:
    return Conflict(
        "decision_pending",
        f"{case.lease_holder_name} decided it; it takes effect in seconds",
        holder_name=case.lease_holder_name,
        takes_effect_at=case.takes_effect_at.isoformat() if case.takes_effect_at else None,
    )


def lease_lost(scope: Scope, case: CaseRow) -> Conflict:
    """Says who has it now; a closed case says how it was closed."""
    if case.state is not CaseState.OPEN:
        return case_closed(case)
    if case.vote_id is not None:
        return decision_pending(case)
    return Conflict("lease_lost", "you no longer hold this case", **_held(scope, case))


def _held(scope: Scope, case: CaseRow) -> dict[str, Any]:
    is_held = case.holder_at(scope.now) is not None
    return {
        "holder_name": case.lease_holder_name if is_held else None,
        "until": case.lease_until.isoformat() if is_held and case.lease_until else None,
        "lease_fence": case.lease_fence,
    }


def lease_view(case: CaseRow) -> LeaseView:
    if case.lease_until is None:
        raise RuntimeError("a lease without an end")
    return LeaseView(
        tenant_id=case.tenant_id,
        case_id=case.id,
        lease_fence=case.lease_fence,
        lease_until=case.lease_until,
        content_hash=case.content_hash,
    )
