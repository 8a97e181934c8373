"""Trust is lost by itself, weighs for a while, and is given back by people."""

import pytest

from backend.campaigns.service.moves import read_session
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope
from backend.delivery.service.stopping import end_condemned
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, StaffRole, system
from backend.moderation.schemas.trust import (
    ComplaintCreate,
    ComplaintSource,
    OutcomeFacts,
    ProposalDecision,
    StrikeCause,
    StrikeCreate,
    StrikeLift,
    TrustLevel,
    TrustPolicy,
    TrustPolicyEdit,
)
from backend.moderation.service import outcomes, trust
from backend.moderation.service.desk import read_case
from backend.moderation.service.revoking import requeue_after_lost_privilege
from backend.moderation.service.strikes import strike_for_refusal
from backend.moderation.states import CaseKind
from backend.outbox.topics import Topic
from tests.moderation.factories import (
    case_ids,
    decided,
    later,
    make_moderator,
    screened,
    session_of,
    the_case,
)
from tests.moderation.test_screening import auto_validated

pytestmark = pytest.mark.anyio


@pytest.fixture
async def lead(database) -> Principal:
    made = await make_moderator("Lea", StaffRole.LEAD)
    await policy(made)
    return made


async def policy(lead: Principal, after_review_percent: int = 0) -> None:
    now = await trust.read_trust_policy(lead)
    given = TrustPolicyEdit(
        policy=TrustPolicy(after_review_percent=after_review_percent),
        based_on=now.version,
        note="of a test",
    )
    await trust.edit_trust_policy(lead, given)


async def learnt(shop, session_id, **facts: int) -> None:
    async with shop.scope() as scope:
        await outcomes.record_outcome_facts(scope, session_id, OutcomeFacts(**facts))


async def is_auto_validated(shop) -> bool:
    async with shop.scope() as scope:
        return (await read_tenant_facts(scope)).auto_validation is not None


async def announced(tenant_id, topic: Topic) -> int:
    async with platform_scope(system("test"), "test") as scope:
        found: int = await scope.value(
            "SELECT count(*) FROM outbox WHERE tenant_id = $1 AND topic = $2",
            tenant_id,
            topic.value,
        )
    return found


async def test_thresholds_are_data_and_nobody_overwrites_another(lead):
    now = await trust.read_trust_policy(lead)
    edit = TrustPolicyEdit(policy=TrustPolicy(), based_on=now.version, note="first of two")
    assert (await trust.edit_trust_policy(lead, edit)).version == now.version + 1
    with pytest.raises(Conflict, match="stale_version"):
        await trust.edit_trust_policy(lead, edit)


async def test_a_refusal_strikes_once_and_is_forgotten_in_time(shop, lead):
    session = await screened(shop)
    await decided(shop, lead, "refuse")
    assert await strike_for_refusal(shop.tenant_id, session.id)
    assert not await strike_for_refusal(shop.tenant_id, session.id)
    seen = await trust.read_trust(lead, shop.tenant_id)
    (strike,) = seen.strikes
    assert (strike.cause, strike.weight, seen.weight) == (StrikeCause.REFUSED, 10, 10)
    assert strike.case_id is not None
    later(days=91)
    seen = await trust.read_trust(lead, shop.tenant_id)
    assert (seen.weight, [one.is_standing for one in seen.strikes]) == (0, [False])
    with pytest.raises(Conflict, match="strike_over"):
        await trust.lift_strike(lead, shop.tenant_id, strike.id, StrikeLift(reason="too late"))


async def test_strikes_by_weight_cost_the_privilege_then_the_lane_then_ask_for_the_end(shop, lead):
    await auto_validated(shop)
    given = StrikeCreate(weight=9, reason="a warning")
    seen = await trust.strike_tenant(lead, shop.tenant_id, given)
    assert seen.level is TrustLevel.TRUSTED
    seen = await trust.strike_tenant(lead, shop.tenant_id, given)
    assert (seen.weight, seen.level) == (18, TrustLevel.USUAL)
    assert not await is_auto_validated(shop)
    seen = await trust.strike_tenant(lead, shop.tenant_id, StrikeCreate(weight=20, reason="again"))
    assert (seen.level, seen.is_lead_only) == (TrustLevel.WATCHED, True)
    await screened(shop)
    case = await the_case(shop, lead)
    assert "tenant_strikes" in {hit.rule for hit in case.hits}
    assert case.lane == "lead_only"
    assert case.record.trust.level is TrustLevel.WATCHED
    big = StrikeCreate(weight=40, reason="enough")
    seen = await trust.strike_tenant(lead, shop.tenant_id, big)
    assert (seen.level, seen.has_proposal) == (TrustLevel.CONDEMNED, True)
    await trust.strike_tenant(lead, shop.tenant_id, big)
    mine = [
        one
        for one in await outcomes.list_suspension_proposals(lead)
        if one.tenant_id == shop.tenant_id
    ]
    (proposal,) = mine
    decision = ProposalDecision(suspend=True, reason="five strikes")
    done = await outcomes.decide_suspension_proposal(lead, shop.tenant_id, proposal.id, decision)
    assert done.state == "accepted"
    async with shop.scope() as scope:
        assert (await read_tenant_facts(scope)).status == "suspended"
    with pytest.raises(Conflict, match="already_decided"):
        await outcomes.decide_suspension_proposal(lead, shop.tenant_id, proposal.id, decision)
    with pytest.raises(NotFound):
        await outcomes.decide_suspension_proposal(lead, shop.tenant_id, uuid7(), decision)


async def test_a_lifted_strike_weighs_nothing(shop, lead):
    given = StrikeCreate(weight=30, reason="a mistake")
    seen = await trust.strike_tenant(lead, shop.tenant_id, given)
    lift = StrikeLift(reason="it was ours")
    after = await trust.lift_strike(lead, shop.tenant_id, seen.strikes[0].id, lift)
    assert (after.weight, after.level) == (0, TrustLevel.USUAL)
    assert after.strikes[0].lifted_reason == "it was ours"
    with pytest.raises(NotFound):
        await trust.lift_strike(lead, shop.tenant_id, uuid7(), lift)


async def test_rates_over_the_limit_cost_trust_once(shop, lead):
    await auto_validated(shop)
    session = await screened(shop)
    await learnt(shop, session.id, opt_outs=50)
    assert await is_auto_validated(shop)  # nobody knows yet out of how many
    await learnt(shop, session.id, accepted=1_000, delivered=990)
    assert await is_auto_validated(shop)  # 50 ‰ is the limit, not over it
    await learnt(shop, session.id, opt_outs=1)
    assert not await is_auto_validated(shop)
    await learnt(shop, session.id, opt_outs=1)
    seen = await trust.read_trust(lead, shop.tenant_id)
    assert [one.cause for one in seen.strikes] == [StrikeCause.OPT_OUTS]
    (told,) = seen.sessions
    assert (told.accepted, told.delivered, told.opt_outs) == (1_000, 990, 52)
    assert seen.rates.opt_outs_per_mille == 52.0
    # Told late, an older total takes nothing back.
    await learnt(shop, session.id, accepted=10)
    assert (await trust.read_trust(lead, shop.tenant_id)).sessions[0].accepted == 1_000


async def test_few_messages_prove_nothing(shop, lead):
    session = await screened(shop)
    await learnt(shop, session.id, accepted=199, opt_outs=199)
    assert not (await trust.read_trust(lead, shop.tenant_id)).strikes


async def test_complaints_are_counted_once_by_their_reference(shop, lead):
    await auto_validated(shop)
    session = await screened(shop)
    await learnt(shop, session.id, accepted=1_000)
    given = ComplaintCreate(
        session_id=session.id, source=ComplaintSource.CARRIER, reference="spam 1", count=4
    )
    first = await outcomes.record_complaint(lead, shop.tenant_id, given)
    assert await outcomes.record_complaint(lead, shop.tenant_id, given) == first
    seen = await trust.read_trust(lead, shop.tenant_id)
    assert seen.sessions[0].complaints == 4
    assert [one.cause for one in seen.strikes] == [StrikeCause.COMPLAINTS]
    assert not await is_auto_validated(shop)
    stranger = ComplaintCreate(
        session_id=uuid7(), source=ComplaintSource.OTHER, reference="x", count=1
    )
    with pytest.raises(NotFound):
        await outcomes.record_complaint(lead, shop.tenant_id, stranger)


async def test_recorded_complaints_are_read_newest_first(shop, lead):
    told = [
        await outcomes.record_complaint(
            lead,
            shop.tenant_id,
            ComplaintCreate(source=ComplaintSource.RECIPIENT, reference=f"mail {number}"),
        )
        for number in range(3)
    ]
    first = await outcomes.list_complaints(lead, shop.tenant_id, None, 2)
    rest = await outcomes.list_complaints(lead, shop.tenant_id, first.next_cursor, 2)
    assert [*first.items, *rest.items] == [*reversed(told)]
    assert rest.next_cursor is None
    with pytest.raises(NotFound):
        await outcomes.list_complaints(lead, uuid7(), None, 2)


async def reviewed(shop, lead, verdict: str) -> SessionState:
    """A session that left without a look, sampled, and ruled on afterwards."""
    await policy(lead, after_review_percent=100)
    await auto_validated(shop)
    session = await screened(shop)
    assert session.state is SessionState.APPROVED
    (case_id,) = await case_ids(shop.tenant_id)
    case = await read_case(lead, shop.tenant_id, case_id)
    assert case.session is not None
    assert (case.kind, case.session.approval_kind) == (CaseKind.AFTER_REVIEW, "auto")
    assert case.four_eyes == []
    await decided(shop, lead, verdict)
    assert not await case_ids(shop.tenant_id)
    return (await session_of(shop, session.id)).state


async def test_a_good_after_review_changes_nothing(shop, lead):
    assert await reviewed(shop, lead, "approve") is SessionState.APPROVED
    assert await is_auto_validated(shop)
    assert not (await trust.read_trust(lead, shop.tenant_id)).strikes


async def test_a_bad_after_review_costs_trust_and_ends_what_still_sends(shop, lead):
    assert await reviewed(shop, lead, "refuse") is SessionState.APPROVED
    assert not await is_auto_validated(shop)
    (strike,) = (await trust.read_trust(lead, shop.tenant_id)).strikes
    assert (strike.cause, strike.weight) == (StrikeCause.AFTER_REVIEW, 25)
    assert await announced(shop.tenant_id, Topic.SESSION_CONDEMNED) == 1
    assert strike.session_id is not None
    assert await end_condemned(shop.tenant_id, strike.session_id, "after-review")
    assert not await end_condemned(shop.tenant_id, strike.session_id, "after-review")
    async with shop.scope() as scope:
        ended = await read_session(scope, strike.session_id)
    assert ended.state is SessionState.CANCELLED


async def test_no_sample_no_case(shop, lead):
    await auto_validated(shop)
    session = await screened(shop)
    assert session.state is SessionState.APPROVED
    assert not await case_ids(shop.tenant_id)


async def test_an_after_review_is_not_the_session_s_case(shop, lead):
    """A session that comes back to validation beside it has a case of its own."""
    await policy(lead, after_review_percent=100)
    await auto_validated(shop)
    session = await screened(shop)
    assert await requeue_after_lost_privilege(shop.tenant_id, "lost") == 1
    assert (await session_of(shop, session.id)).state is SessionState.AWAITING_VALIDATION
    assert len(await case_ids(shop.tenant_id)) == 2
