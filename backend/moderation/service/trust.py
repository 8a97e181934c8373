"""Strikes and what they do: steps that give and lift them, and the thresholds they are held to."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import read_tenant_facts, suspend_auto_validation
from backend.kernel.errors import Conflict
from backend.kernel.principal import Principal
from backend.moderation.queries import trust
from backend.moderation.schemas.trust import (
    RatesView,
    SessionOutcomeView,
    StrikeCause,
    StrikeCreate,
    StrikeLift,
    StrikeView,
    TrustLevel,
    TrustPolicy,
    TrustPolicyEdit,
    TrustPolicyView,
    TrustView,
)

RATE_DAYS = 90
RATE_SESSIONS_MAX = 500
STRIKES_SHOWN_MAX = 50
OUTCOMES_SHOWN_MAX = 30
BUILT_IN_VERSION = 0
_BUILT_IN = TrustPolicyView(
    version=BUILT_IN_VERSION,
    policy=TrustPolicy(),
    note="what the product ships with",
    made_by="system",
    made_at=None,
)


async def policy_in_force(scope: Scope) -> TrustPolicyView:
    row = await trust.newest_policy(scope)
    return msgspec.convert(dict(row), TrustPolicyView) if row else _BUILT_IN


async def read_trust_policy(principal: Principal) -> TrustPolicyView:
    async with platform_scope(principal, "trust policy") as scope:
        return await policy_in_force(scope)


async def edit_trust_policy(principal: Principal, given: TrustPolicyEdit) -> TrustPolicyView:
    """In force at once; strikes given before keep their weight. Raises Conflict `stale_version`."""
    async with platform_scope(principal, "edit trust policy", takes_key=True) as scope:
        now = (await policy_in_force(scope)).version
        stored = msgspec.to_builtins(given.policy)
        is_ours = given.based_on == now and await trust.insert_policy(
            scope, now + 1, stored, given.note
        )
        if not is_ours:
            raise Conflict("stale_version", "somebody changed it meanwhile", version=now)
        view = await policy_in_force(scope)
        await scope.answer(view, 200)
    return view


async def give_strike(
    scope: Scope,
    cause: StrikeCause,
    reference: str,
    reason: str,
    *,
    session_id: UUID | None = None,
    case_id: UUID | None = None,
    given: StrikeCreate | None = None,
) -> UUID | None:
    """A step: the strike, and what its weight does. None: this was struck for before."""
    view = await policy_in_force(scope)
    policy = view.policy
    weight = given.weight if given else getattr(policy.weights, cause)
    days = given.days if given else getattr(policy.days, cause)
    made = await trust.insert_strike(
        scope,
        {
            "cause": cause.value,
            "reference": reference,
            "weight": weight,
            "reason": reason[:500],
            "session_id": session_id,
            "case_id": case_id,
            "policy_version": view.version,
            "expires_at": scope.now + timedelta(days=days),
        },
    )
    if made is None:
        return None
    facts = {"cause": cause.value, "weight": weight, "reason": reason[:500]}
    await record(scope, "strike.given", f"tenant:{scope.tenant_id}", **facts)
    await _apply_effects(scope, policy, reason)
    return made


async def _apply_effects(scope: Scope, policy: TrustPolicy, reason: str) -> None:
    standing = await trust.standing_weight(scope)
    if standing >= policy.auto_validation_lost_from:
        await suspend_auto_validation(scope, f"strikes weigh {standing}: {reason}"[:500])
    if standing >= policy.suspension_proposed_from:
        text = f"strikes weigh {standing} of {policy.suspension_proposed_from}: {reason}"[:500]
        if await trust.propose(scope, standing, text):
            subject = f"tenant:{scope.tenant_id}"
            await record(scope, "suspension.proposed", subject, weight=standing)


async def strike_tenant(principal: Principal, tenant_id: UUID, given: StrikeCreate) -> TrustView:
    """By a lead, for what no rule sees; every call is another one."""
    async with tenant_scope(principal, tenant_id, reason=f"strike: {given.reason}"[:500]) as scope:
        reference = f"{scope.principal.actor}:{scope.now.isoformat()}"[:120]
        await give_strike(scope, StrikeCause.STAFF, reference, given.reason, given=given)
        view = await trust_of(scope)
        await scope.answer(view, 201)
    return view


async def lift_strike(
    principal: Principal, tenant_id: UUID, strike_id: UUID, given: StrikeLift
) -> TrustView:
    """It weighs nothing from now on; what it did is given back by whoever granted it. Raises
    NotFound, Conflict `strike_over`.
    """
    async with tenant_scope(principal, tenant_id, reason=f"lift strike: {given.reason}") as scope:
        await refuse_own_tenant(scope)
        await trust.strike(scope, strike_id)
        if not await _lift(scope, strike_id, given.reason):
            raise Conflict("strike_over", "it weighs nothing any more")
        view = await trust_of(scope)
        await scope.answer(view, 200)
    return view


async def _lift(scope: Scope, strike_id: UUID, reason: str) -> bool:
    lifted = await trust.lift(scope, strike_id, reason[:500])
    if lifted:
        await record(scope, "strike.lifted", f"tenant:{scope.tenant_id}", reason=reason[:500])
    return lifted


async def lift_strikes_of_case(scope: Scope, case_id: UUID, reason: str) -> int:
    """A step: a refusal that was overturned weighs nothing."""
    return sum(
        [await _lift(scope, one, reason) for one in await trust.strikes_of_case(scope, case_id)]
    )


async def standing_of(scope: Scope) -> tuple[int, bool]:
    """A step: what the tenant's strikes weigh, and whether that makes its cases a lead's."""
    weight = await trust.standing_weight(scope)
    if not weight:
        return 0, False
    return weight, weight >= (await policy_in_force(scope)).policy.lead_only_from


async def read_trust(principal: Principal, tenant_id: UUID) -> TrustView:
    async with tenant_scope(principal, tenant_id, reason="read trust") as scope:
        await read_tenant_facts(scope)
        return await trust_of(scope)


async def trust_of(scope: Scope) -> TrustView:
    """A step, for the case page and the tenant's file; what it reads is bounded."""
    view = await policy_in_force(scope)
    weight = await trust.standing_weight(scope)
    has_proposal = await trust.has_proposal(scope)
    tenant = await read_tenant_facts(scope)
    level = TrustLevel.USUAL
    if weight >= view.policy.suspension_proposed_from:
        level = TrustLevel.CONDEMNED
    elif weight >= view.policy.lead_only_from:
        level = TrustLevel.WATCHED
    elif tenant.auto_validation is not None:
        level = TrustLevel.TRUSTED
    strikes = await trust.strikes(scope, STRIKES_SHOWN_MAX)
    sessions = await trust.outcomes(scope, OUTCOMES_SHOWN_MAX)
    return TrustView(
        level=level,
        weight=weight,
        is_lead_only=weight >= view.policy.lead_only_from,
        has_proposal=has_proposal,
        policy_version=view.version,
        strikes=[msgspec.convert(dict(row), StrikeView) for row in strikes],
        rates=await _rates(scope),
        sessions=[msgspec.convert(dict(row), SessionOutcomeView) for row in sessions],
    )


async def _rates(scope: Scope) -> RatesView:
    since = scope.now - timedelta(days=RATE_DAYS)
    found: dict[str, Any] = dict(await trust.rates(scope, since, RATE_SESSIONS_MAX))
    accepted = found["accepted"]
    for name in ("opt_outs", "complaints"):
        rate = round(found[name] * 1_000 / accepted, 2) if accepted else None
        found[f"{name}_per_mille"] = rate
    return RatesView(days=RATE_DAYS, **found)
