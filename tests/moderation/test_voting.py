"""Seconds to undo, and two people where it hurts."""

from typing import Any

import anyio
import pytest

from backend.campaigns.states import SessionState
from backend.db.scope import tenant_scope
from backend.delivery.service.stopping import cancel_session, kill_session
from backend.kernel.errors import ClearsendError, Conflict, Forbidden
from backend.kernel.principal import Principal, StaffRole, system
from backend.moderation.queries import votes
from backend.moderation.schemas.desk import DeskRules, DeskRulesEdit, FourEyes
from backend.moderation.schemas.votes import DecidedView, UndoInput
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.desk import queue_snapshot, read_case
from backend.moderation.service.desk_rules import change_desk_rules, read_desk_rules
from backend.moderation.service.leases import claim_case, claim_next_case
from backend.moderation.service.undoing import settle_vote, settle_votes, undo_decision
from backend.moderation.states import CaseState
from tests.campaigns.factories import make_shop
from tests.moderation.factories import (
    case_ids,
    later,
    make_moderator,
    rows_that_differ,
    ruling,
    screened,
    session_of,
)

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1_800)]
NEVER_TWO = FourEyes(recipients_min=None, score_min=None, new_country=False, rules_hit=[])


async def desk_says(**rules: Any) -> Principal:
    """The desk's rules from now on; the lead who wrote them."""
    lead = await make_moderator("Lea", StaffRole.LEAD)
    based_on = (await read_desk_rules(lead)).version
    given: dict[str, Any] = {"undo_seconds": 10, "four_eyes": NEVER_TWO} | rules
    made = DeskRules(**given)
    await change_desk_rules(lead, DeskRulesEdit(rules=made, based_on=based_on, note="a test"))
    return lead


async def voted(shop, moderator, verdict: str = "approve", **changes: Any) -> DecidedView:
    (case_id,) = await case_ids(shop.tenant_id)
    lease = await claim_case(moderator, shop.tenant_id, case_id)
    return await decide_case(moderator, shop.tenant_id, case_id, ruling(lease, verdict, **changes))


async def all_votes(shop, case_id) -> list[tuple[str, str | None]]:
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        found = await votes.of_case(scope, case_id)
    return [(one.state.value, one.void_why) for one in found]


async def test_a_decision_waits_and_the_clock_makes_it(shop):
    await desk_says()
    mira, jon = await make_moderator(), await make_moderator("Jon")
    session = await screened(shop)
    made = await voted(shop, mira)
    case_id = made.vote.case_id
    assert (made.decision, made.subject_state) == (None, "awaiting_validation")
    assert (made.vote.takes_effect_at - made.vote.cast_at).total_seconds() == 10
    (shown,) = (await queue_snapshot())["rows"]
    assert shown["takes_effect_at"] is not None
    assert shown["lease_holder_name"] == "Mira"
    for moderator in (mira, jon):
        with pytest.raises(Conflict) as refused:
            await claim_case(moderator, shop.tenant_id, case_id)
        assert refused.value.code == "decision_pending"
    assert await settle_votes() == 0
    later(seconds=11)
    # Nobody's browser is there, and two clocks find it at once.
    done: list[bool] = []

    async def clock() -> None:
        done.append(await settle_vote(shop.tenant_id, made.vote.id))

    async with anyio.create_task_group() as group:
        group.start_soon(clock)
        group.start_soon(clock)
    assert sorted(done) == [False, True]
    found = await session_of(shop, session.id)
    assert (found.state, found.approval_decision_id) == (SessionState.APPROVED, made.vote.id)
    case = await read_case(jon, shop.tenant_id, case_id)
    assert case.decision is not None
    assert (case.decision.id, case.decision.decided_by_name) == (made.vote.id, "Mira")
    assert await settle_votes() == 0
    assert not await rows_that_differ()


async def test_what_one_holds_comes_before_what_is_free(shop):
    """Undone, a case is held beside the one that came next: both are met again, and no third."""
    await desk_says()
    mira = await make_moderator()
    others = [await make_shop(), await make_shop()]
    for one in others:
        await one.people(1)
    for one in (shop, *others):
        await screened(one)
    first = await claim_next_case(mira)
    made = await decide_case(mira, first.tenant_id, first.case_id, ruling(first))
    second = await claim_next_case(mira)
    at = (first.tenant_id, first.case_id)
    await undo_decision(mira, *at, UndoInput(vote_id=made.vote.id))
    again = await claim_next_case(mira)
    assert (again.case_id, again.lease_fence) == (first.case_id, first.lease_fence)
    await decide_case(mira, *at, ruling(again))
    assert (await claim_next_case(mira)).case_id == second.case_id
    # Nobody is bound to what they let go.
    later(minutes=6)
    jon = await make_moderator("Jon")
    assert (await claim_next_case(jon)).case_id == second.case_id
    assert (await claim_next_case(mira)).case_id not in {first.case_id, second.case_id}


async def test_an_undone_decision_gives_the_lease_back(shop):
    await desk_says()
    mira, jon = await make_moderator(), await make_moderator("Jon")
    session = await screened(shop)
    made = await voted(shop, mira, "refuse")
    case_id = made.vote.case_id
    with pytest.raises(Forbidden, match="not_your_vote"):
        await undo_decision(jon, shop.tenant_id, case_id, UndoInput(vote_id=made.vote.id))
    lease = await undo_decision(mira, shop.tenant_id, case_id, UndoInput(vote_id=made.vote.id))
    later(seconds=11)
    assert await settle_votes() == 0
    assert (await session_of(shop, session.id)).state is SessionState.AWAITING_VALIDATION
    again = await decide_case(mira, shop.tenant_id, case_id, ruling(lease))
    later(seconds=11)
    assert await settle_votes() == 1
    assert await all_votes(shop, case_id) == [("undone", None), ("decided", None)]
    with pytest.raises(Conflict) as late:
        await undo_decision(mira, shop.tenant_id, case_id, UndoInput(vote_id=again.vote.id))
    assert (late.value.code, late.value.facts["vote_state"]) == ("undo_too_late", "decided")


async def test_a_cancel_or_a_kill_in_between_wins(shop):
    await desk_says()
    mira = await make_moderator()
    for stop, state, case_state in (
        (lambda one: cancel_session(shop.owner, one), SessionState.DRAFT, "withdrawn"),
        (
            lambda one: kill_session(mira, shop.tenant_id, one, reason="fraud"),
            SessionState.CANCELLED,
            "killed",
        ),
    ):
        session = await screened(shop)
        made = await voted(shop, mira)
        await stop(session.id)
        later(seconds=11)
        assert await settle_votes() == 0
        assert await settle_vote(shop.tenant_id, made.vote.id) is False
        assert (await session_of(shop, session.id)).state is state
        case = await read_case(mira, shop.tenant_id, made.vote.case_id)
        assert (case.state, case.decision) == (CaseState(case_state), None)
        assert await all_votes(shop, case.id) == [("void", f"case {case_state}")]


async def test_what_changed_by_sql_after_the_vote_is_not_approved(shop, database):
    """Promise 4, below every check of ours: the row itself is another one."""
    await desk_says()
    mira = await make_moderator()
    session = await screened(shop)
    made = await voted(shop, mira)
    connection = await database.connect()
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "UPDATE content_versions SET content = jsonb_set(content, '{body}', '\"Pay here\"')"
        )
    finally:
        await connection.close()
    later(seconds=11)
    assert await settle_votes() == 0
    assert await all_votes(shop, made.vote.case_id) == [("void", "content_changed")]
    assert (await session_of(shop, session.id)).state is SessionState.AWAITING_VALIDATION
    assert await case_ids(shop.tenant_id) == [made.vote.case_id]


async def test_two_people_where_it_hurts(shop):
    lead = await desk_says(undo_seconds=0, four_eyes=FourEyes(recipients_min=2))
    mira, jon = await make_moderator(), await make_moderator("Jon")
    session = await screened(shop)
    (case_id,) = await case_ids(shop.tenant_id)
    assert (await read_case(mira, shop.tenant_id, case_id)).four_eyes == ["recipients"]
    first = await voted(shop, mira)
    assert (first.decision, first.vote.state) == (None, "counted")
    assert (await session_of(shop, session.id)).state is SessionState.AWAITING_VALIDATION
    with pytest.raises(Forbidden) as barred:
        await claim_case(mira, shop.tenant_id, case_id)
    assert (barred.value.code, barred.value.facts["why"]) == ("other_person_required", "first_vote")
    with pytest.raises(ClearsendError, match="queue_empty"):
        await claim_next_case(mira)
    lease = await claim_next_case(jon)
    assert lease.case_id == case_id
    seen = await read_case(jon, shop.tenant_id, case_id)
    assert [(one.voter_name, one.verdict) for one in seen.votes] == [("Mira", "approve")]
    made = await decide_case(jon, shop.tenant_id, case_id, ruling(lease))
    assert made.decision is not None
    assert (made.decision.decided_by_name, made.decision.first_voter_name) == ("Jon", "Mira")
    assert (await session_of(shop, session.id)).state is SessionState.APPROVED
    # A refusal needs one person: the appeal is its remedy.
    await screened(shop, body="Another [name], STOP ends it.")
    refused = await voted(shop, lead, "refuse")
    assert refused.subject_state == "refused"


async def joins(shop, moderator: Principal) -> None:
    async with shop.scope() as scope:
        await scope.execute(
            "INSERT INTO members (tenant_id, account_id, role) VALUES ($1, $2, 'viewer')",
            shop.tenant_id,
            moderator.account_id,
        )


async def test_a_vote_of_who_became_a_member_is_none(shop):
    """In the seconds before it takes effect, and of the first of two people at any time."""
    await desk_says(four_eyes=FourEyes(recipients_min=2))
    mira, jon, kim = [await make_moderator(name) for name in ("Mira", "Jon", "Kim")]
    session = await screened(shop)
    first = await voted(shop, mira)
    case_id = first.vote.case_id
    later(seconds=11)
    assert await settle_votes() == 1
    await joins(shop, mira)
    await voted(shop, jon)
    later(seconds=11)
    assert await settle_votes() == 1
    assert await all_votes(shop, case_id) == [("void", "own_tenant"), ("counted", None)]
    assert (await session_of(shop, session.id)).state is SessionState.AWAITING_VALIDATION
    await voted(shop, kim)
    await joins(shop, kim)
    later(seconds=11)
    assert await settle_votes() == 0
    assert (await all_votes(shop, case_id))[-1] == ("void", "own_tenant")
    lea = await make_moderator("Lea")
    await voted(shop, lea)
    later(seconds=11)
    assert await settle_votes() == 1
    made = (await read_case(lea, shop.tenant_id, case_id)).decision
    assert made is not None
    assert (made.decided_by_name, made.first_voter_name) == ("Lea", "Jon")
    assert not await rows_that_differ()
