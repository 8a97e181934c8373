"""The queue: lanes, order, release and skip, escalation, second opinions, presence, the wait."""

import contextlib
from datetime import timedelta

import anyio
import msgspec
import pytest

from backend.campaigns.service.drafts import discard_draft
from backend.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.kernel.principal import StaffRole
from backend.moderation.schemas.cases import LeaseInput
from backend.moderation.schemas.desk import (
    DeskRulesEdit,
    HandBack,
    LaneRule,
    NoteInput,
    OpinionInput,
    QuestionInput,
)
from backend.moderation.service.desk import list_cases, queue_snapshot, read_case
from backend.moderation.service.desk_rules import (
    change_desk_rules,
    list_desk_rules,
    read_desk_rules,
)
from backend.moderation.service.figures import DECISIONS_MIN, measure_lanes, read_wait
from backend.moderation.service.handing import (
    escalate_case,
    forget_looks,
    show_presence,
    skip_case,
)
from backend.moderation.service.leases import claim_case, claim_next_case, release_case
from backend.moderation.service.notes import (
    add_case_note,
    ask_opinion,
    give_opinion,
    list_case_questions,
)
from backend.moderation.states import CaseState, Lane
from tests.campaigns.factories import make_shop
from tests.moderation.factories import (
    case_ids,
    decided,
    later,
    make_moderator,
    rows_that_differ,
    screened,
)
from tests.moderation.test_voting import desk_says

pytestmark = pytest.mark.anyio


async def test_two_moderators_never_get_the_same(shop):
    shops = [shop]
    for _ in range(5):
        one = await make_shop()
        await one.people(1)
        shops.append(one)
    for one in shops:
        await screened(one)
    moderators = [await make_moderator(f"M{n}") for n in range(8)]
    got = []

    async def take(moderator) -> None:
        with contextlib.suppress(NotFound):
            got.append((await claim_next_case(moderator)).case_id)

    async with anyio.create_task_group() as group:
        for moderator in moderators:
            group.start_soon(take, moderator)
    assert len(got) == len(set(got)) == 6


async def test_released_is_hidden_from_me_and_free_for_others(shop):
    mira, jon = await make_moderator(), await make_moderator("Jon")
    await screened(shop)
    lease = await claim_next_case(mira)
    given = LeaseInput(lease_fence=lease.lease_fence)
    await release_case(mira, shop.tenant_id, lease.case_id, given)
    with pytest.raises(NotFound, match="queue_empty"):
        await claim_next_case(mira)
    taken = await claim_next_case(jon)
    assert (taken.case_id, taken.lease_fence) == (lease.case_id, lease.lease_fence + 1)
    await release_case(jon, shop.tenant_id, lease.case_id, LeaseInput(lease_fence=2))
    later(minutes=31)
    assert (await claim_next_case(mira)).case_id == lease.case_id
    later(hours=3)
    assert await forget_looks() == 2


async def test_the_third_skip_goes_to_the_leads(shop):
    lead = await make_moderator("Lea", StaffRole.LEAD)
    await screened(shop)
    for name in ("Mira", "Jon", "Kim"):
        moderator = await make_moderator(name)
        lease = await claim_next_case(moderator)
        back = HandBack(lease_fence=lease.lease_fence, reason="not my language")
        moved = await skip_case(moderator, shop.tenant_id, lease.case_id, back)
    assert (moved.lane, moved.skips, moved.lane_why) == (Lane.LEAD_ONLY, 3, "skipped 3 times")
    other = await make_moderator("Ann")
    with pytest.raises(NotFound, match="queue_empty"):
        await claim_next_case(other)
    with pytest.raises(Forbidden, match="lead_only"):
        await claim_case(other, shop.tenant_id, lease.case_id)
    assert (await claim_next_case(lead)).case_id == lease.case_id
    case = await read_case(lead, shop.tenant_id, lease.case_id)
    assert [(one.kind, one.author_name) for one in case.notes] == [
        ("skip", "Mira"),
        ("skip", "Jon"),
        ("skip", "Kim"),
    ]
    assert not await rows_that_differ()


async def test_escalating_says_why(shop):
    mira, lead = await make_moderator(), await make_moderator("Lea", StaffRole.LEAD)
    await screened(shop)
    lease = await claim_next_case(mira)
    back = HandBack(lease_fence=lease.lease_fence, reason="could be a bank")
    stale = HandBack(lease_fence=lease.lease_fence + 1, reason="could be a bank")
    with pytest.raises(Conflict, match="lease_lost"):
        await escalate_case(mira, shop.tenant_id, lease.case_id, stale)
    moved = await escalate_case(mira, shop.tenant_id, lease.case_id, back)
    assert (moved.lane, moved.lane_why) == (Lane.LEAD_ONLY, "escalated by Mira")
    with pytest.raises(Conflict, match="already_escalated"):
        await escalate_case(lead, shop.tenant_id, lease.case_id, back)
    page = await list_cases(lead, CaseState.OPEN, None, None, 10, lane=Lane.LEAD_ONLY, mine=False)
    assert [one.case_id for one in page.items] == [lease.case_id]


async def test_a_second_opinion_is_read_by_both(shop):
    mira, jon, kim = [await make_moderator(name) for name in ("Mira", "Jon", "Kim")]
    await screened(shop)
    lease = await claim_next_case(mira)
    at = (shop.tenant_id, lease.case_id)
    given = QuestionInput(
        lease_fence=lease.lease_fence, question="Their own site?", asked=jon.account_id
    )
    asked = await ask_opinion(mira, *at, given)
    (waiting,) = await list_case_questions(jon)
    assert (waiting.note.id, waiting.note.author_name) == (asked.id, "Mira")
    assert await list_case_questions(kim) == []
    answer = OpinionInput(text="Yes, since 2019.", leaning="approve")
    with pytest.raises(Forbidden, match="not_asked"):
        await give_opinion(kim, *at, asked.id, answer)
    with pytest.raises(Forbidden, match="own_opinion"):
        await give_opinion(mira, *at, asked.id, answer)
    (row,) = (await queue_snapshot())["rows"]
    assert row["questions"] == 1
    await give_opinion(jon, *at, asked.id, answer)
    with pytest.raises(Conflict, match="already_answered"):
        await give_opinion(jon, *at, asked.id, answer)
    await add_case_note(kim, *at, NoteInput(text="I know them."))
    case = await read_case(mira, *at)
    assert [one.text for one in case.notes] == [
        "Their own site?",
        "Yes, since 2019.",
        "I know them.",
    ]
    assert (case.questions, case.is_mine) == (0, True)


async def test_a_question_shows_nobodys_number_outside(shop):
    mira = await make_moderator("Mira")
    outside = await make_moderator("Out", StaffRole.EXTERNAL)
    await screened(shop)
    lease = await claim_next_case(mira)
    asked = QuestionInput(lease_fence=lease.lease_fence, question="I rang +47 912 34 567: theirs?")
    await ask_opinion(mira, shop.tenant_id, lease.case_id, asked)
    clerk_too = msgspec.structs.replace(
        outside, staff_roles=frozenset({StaffRole.EXTERNAL, StaffRole.FINANCE})
    )
    for who in (outside, clerk_too):
        (waiting,) = await list_case_questions(who)
        assert waiting.note.text == "I rang +47 ••• •• •67: theirs?"
        seen = await read_case(who, shop.tenant_id, lease.case_id)
        assert [one.text for one in seen.notes] == [waiting.note.text]


async def test_who_looks_is_seen_and_forgotten(shop):
    mira, jon = await make_moderator(), await make_moderator("Jon")
    await screened(shop)
    (case_id,) = await case_ids(shop.tenant_id)
    await show_presence(mira, shop.tenant_id, case_id)
    assert (await show_presence(jon, shop.tenant_id, case_id)).names == ["Mira"]
    assert (await queue_snapshot())["rows"][0]["viewers"] == ["Jon", "Mira"]
    later(seconds=31)
    assert (await queue_snapshot())["rows"][0]["viewers"] == []


async def test_lanes_are_rules_that_leads_write(shop):
    lead = await desk_says(
        undo_seconds=0, lanes=[LaneRule(lane=Lane.LARGE, name="three", recipients_min=3)]
    )
    await screened(shop)
    small = await make_shop()
    await small.people(1)
    await screened(small)
    page = await list_cases(lead, CaseState.OPEN, None, None, 10, mine=False)
    assert {one.tenant_id: (one.lane, one.lane_why) for one in page.items} == {
        shop.tenant_id: ("large", "three"),
        small.tenant_id: ("standard", ""),
    }
    assert (await claim_next_case(lead, Lane.LARGE)).tenant_id == shop.tenant_id
    now = await read_desk_rules(lead)
    stale = DeskRulesEdit(rules=now.rules, based_on=now.version - 1, note="too late")
    with pytest.raises(Conflict) as changed:
        await change_desk_rules(lead, stale)
    assert (changed.value.code, changed.value.facts["version"]) == ("rules_changed", now.version)
    assert [one.version for one in await list_desk_rules(lead)] == [3, 2, 1]


async def test_a_wait_is_told_only_with_data(shop):
    mira = await make_moderator()
    session = await screened(shop)
    await measure_lanes()
    wait = await read_wait(shop.owner, session.id)
    assert (wait.is_waiting, wait.position, wait.p50_seconds) == (True, 1, None)
    assert wait.measured_decisions == 0
    for number in range(DECISIONS_MIN):
        if number:
            session = await screened(shop)
        later(minutes=number + 1)
        await decided(shop, mira, "request_changes")
        await discard_draft(shop.owner, session.id)
    await measure_lanes()
    session = await screened(shop)
    wait = await read_wait(shop.owner, session.id)
    assert wait.measured_decisions == DECISIONS_MIN
    assert wait.p50_seconds == pytest.approx(timedelta(minutes=10.5).total_seconds(), abs=20)
    assert wait.p90_seconds == pytest.approx(timedelta(minutes=18.1).total_seconds(), abs=20)
    with pytest.raises(NotFound):
        await read_wait((await make_shop()).owner, session.id)


async def test_an_unknown_reason_is_refused_by_the_book_in_force(shop):
    mira = await make_moderator()
    await screened(shop)
    with pytest.raises(InvalidInput, match="reason_unknown"):
        await decided(shop, mira, "refuse", reason_code="not_in_any_book")
