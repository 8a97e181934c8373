"""Seconds to undo, two people where it hurts, and who wins when several act at once."""

import contextlib
import os
import random
from functools import partial
from typing import Any

import anyio
import pytest

from backend.campaigns.schemas.inputs import DraftUpdate
from backend.campaigns.schemas.views import SessionView
from backend.campaigns.service.drafts import update_draft
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.stopping import cancel_session, kill_session
from backend.kernel.errors import ClearsendError, Conflict, Forbidden, StateConflict
from backend.kernel.principal import Principal, StaffRole, system
from backend.moderation.queries import votes
from backend.moderation.schemas.desk import DeskRules, DeskRulesEdit, FourEyes
from backend.moderation.schemas.votes import DecidedView, UndoInput
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.desk import queue_snapshot, read_case
from backend.moderation.service.desk_rules import change_desk_rules, read_desk_rules
from backend.moderation.service.leases import claim_case, claim_next_case
from backend.moderation.service.screening import screen_session
from backend.moderation.service.undoing import settle_vote, settle_votes, undo_decision
from backend.moderation.states import CaseState
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
ROUNDS = int(os.environ.get("CLEARSEND_VOTING_ROUNDS", "50"))
"""`make soak` races a thousand times."""
LATER_MS_MAX = 25
_dice = random.Random(11)
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


async def race(*acts: Any, ahead: int | None = None) -> list[str]:
    """Their outcomes: `won`, or the code of the refusal. Whoever asks the database least is first
    every time, unless the others start a little later than the one that is `ahead`.
    """
    outcomes: list[str] = []

    async def one(act: Any) -> None:
        if ahead is not None and act is not acts[ahead % len(acts)]:
            await anyio.sleep(_dice.uniform(0, LATER_MS_MAX) / 1_000)
        try:
            await act()
        except Conflict as refused:
            outcomes.append(refused.code)
        else:
            outcomes.append("won")

    async with anyio.create_task_group() as group:
        for act in acts:
            group.start_soon(one, act)
    return outcomes


async def edit(shop, session: SessionView) -> None:
    """An edit that a moderator's eyes would miss: it waits for the draft, or it is refused."""
    with contextlib.suppress(StateConflict):
        given = DraftUpdate(draft_version=session.draft_version, body="Pay here. STOP ends it.")
        await update_draft(shop.owner, session.id, given)
    raise Conflict("edited_or_refused")


async def test_approve_refuse_cancel_and_clocks_at_once(shop):
    """One winner, the others told; what stands afterwards is what the winner did."""
    await desk_says(undo_seconds=0)
    mira, jon = await make_moderator(), await make_moderator("Jon")
    tally: dict[str, int] = {}
    for number in range(ROUNDS):
        # A text of its own: what was approved once is not asked again.
        session: SessionView = await shop.submitted(body=f"Offer {number}, [name]. STOP ends it.")
        await screen_session(shop.tenant_id, session.id)
        (case_id,) = await case_ids(shop.tenant_id)
        lease = await claim_case(mira, shop.tenant_id, case_id)
        at = (shop.tenant_id, case_id)
        outcomes = await race(
            partial(decide_case, mira, *at, ruling(lease)),
            partial(decide_case, mira, *at, ruling(lease, "refuse")),
            partial(cancel_session, shop.owner, session.id),
            partial(decide_case, jon, *at, ruling(lease)),
            partial(edit, shop, session),
            ahead=number,
        )
        state = (await session_of(shop, session.id)).state
        # A cancel of what was just approved is a second, later act that cancels it.
        assert 1 <= outcomes.count("won") <= 2, outcomes
        case = await read_case(mira, *at)
        made = case.decision.verdict.value if case.decision else None
        assert (state, made) in {
            (SessionState.APPROVED, "approve"),
            (SessionState.CANCELLED, "approve"),
            (SessionState.REFUSED, "refuse"),
            (SessionState.DRAFT, None),
        }
        assert outcomes.count("won") == (2 if state is SessionState.CANCELLED else 1)
        tally[state.value] = tally.get(state.value, 0) + 1
        if state in {SessionState.APPROVED, SessionState.DRAFT}:
            await cancel_session(shop.owner, session.id)
    assert not await rows_that_differ()
    # A race that one side always wins proves nothing about the others.
    assert {"approved", "refused", "draft"} <= tally.keys(), tally
    print("won:", tally)


async def test_undo_cancel_and_two_clocks_at_once(shop):
    await desk_says()
    mira = await make_moderator()
    tally: dict[str, int] = {}
    for number in range(ROUNDS):
        session = await screened(shop, body=f"Offer {number}, [name]. STOP ends it.")
        made = await voted(shop, mira)
        at = (shop.tenant_id, made.vote.case_id)
        # Who undoes now may be in time, and may not.
        later(seconds=10 - _dice.uniform(0, LATER_MS_MAX) / 1_000)
        outcomes = await race(
            partial(settle_vote, shop.tenant_id, made.vote.id),
            partial(undo_decision, mira, *at, UndoInput(vote_id=made.vote.id)),
            partial(cancel_session, shop.owner, session.id),
            partial(settle_vote, shop.tenant_id, made.vote.id),
            ahead=number,
        )
        ((state, _),) = await all_votes(shop, made.vote.case_id)
        tally[state] = tally.get(state, 0) + 1
        found = (await session_of(shop, session.id)).state
        assert (state, found) in {
            ("decided", SessionState.APPROVED),
            ("decided", SessionState.CANCELLED),
            ("void", SessionState.DRAFT),
            ("undone", SessionState.DRAFT),
        }, outcomes
        if found in {SessionState.APPROVED, SessionState.DRAFT}:
            await cancel_session(shop.owner, session.id)
    async with platform_scope(system("test"), "test") as scope:
        assert await scope.value("SELECT count(*) FROM votes WHERE state = 'pending'") == 0
    assert not await rows_that_differ()
    assert {"decided", "void", "undone"} == tally.keys(), tally
    print("became of the votes:", tally)
