"""Rules as data: drafted, tried, tested over the past, switched on once, and named ever after."""

import asyncio

import asyncpg
import msgspec
import pytest

from backend.campaigns.schemas.evaluation import EvaluatedMessage
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope
from backend.delivery.service.steps import given as delivery_steps
from backend.kernel.errors import Conflict, InvalidInput, NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, StaffRole, system
from backend.moderation.rule_book import BUILT_IN_RULES
from backend.moderation.schemas.rules import (
    Fate,
    Rule,
    RuleSetCreate,
    RuleSetUpdate,
    RuleSetView,
    RuleTestCreate,
    RuleTestState,
    SwitchOn,
    TextTrial,
)
from backend.moderation.service import rule_editing, rule_testing
from backend.moderation.service.rule_testing import run_rule_test, start_rule_test
from backend.outbox.topics import Topic
from tests.moderation.factories import (
    case_ids,
    decided,
    make_moderator,
    screened,
    session_of,
    the_case,
)
from tests.moderation.test_rules import rule

pytestmark = pytest.mark.anyio

NINE = rule("words", "block", id="nine_rule", words=["doors open"])


@pytest.fixture
async def lead(database) -> Principal:
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute("UPDATE rule_sets SET state = 'replaced' WHERE state = 'in_force'")
    return await make_moderator("Lea", StaffRole.LEAD)


async def drafted(lead: Principal, *more: Rule) -> RuleSetView:
    given = RuleSetCreate(note="Words of this week", rules=[*BUILT_IN_RULES, *more])
    return await rule_editing.create_rule_set(lead, given)


async def run_test(lead: Principal, draft: RuleSetView, **bounds: int) -> None:
    asked = await start_rule_test(lead, draft.version, RuleTestCreate(**bounds))
    await run_rule_test(asked.id)
    done = await rule_testing.read_rule_test(lead, asked.id)
    assert (done.state, done.is_current) == (RuleTestState.DONE, True)


async def switched_on(lead: Principal, *more: Rule) -> int:
    draft = await drafted(lead, *more)
    await run_test(lead, draft, days=1, sessions_max=1)
    given = SwitchOn(row_version=draft.row_version)
    return (await rule_editing.switch_on_rule_set(lead, draft.version, given)).version


async def test_a_draft_is_tested_before_it_is_switched_on(shop, lead):
    draft = await drafted(lead, NINE)
    assert [(one.rule, one.what) for one in draft.changes] == [("nine_rule", "added")]
    with pytest.raises(Conflict, match="rule_set_not_tested"):
        await rule_editing.switch_on_rule_set(lead, draft.version, SwitchOn(row_version=1))
    await run_test(lead, draft)
    # What is edited after the test was not tested.
    louder = RuleSetUpdate(row_version=1, note="Louder", rules=[*BUILT_IN_RULES])
    edited = await rule_editing.update_rule_set(lead, draft.version, louder)
    assert (edited.row_version, edited.is_tested, edited.changes) == (2, False, [])
    with pytest.raises(Conflict, match="stale_version"):
        await rule_editing.update_rule_set(lead, draft.version, louder)
    with pytest.raises(Conflict, match="rule_set_not_tested"):
        await rule_editing.switch_on_rule_set(lead, draft.version, SwitchOn(row_version=2))
    await run_test(lead, edited)
    on = await rule_editing.switch_on_rule_set(lead, draft.version, SwitchOn(row_version=2))
    assert on.state == "in_force"
    assert (await rule_editing.read_rules_in_force(lead)).version == on.version
    for change in (
        rule_editing.update_rule_set(
            lead, on.version, msgspec.structs.replace(louder, row_version=on.row_version)
        ),
        rule_editing.discard_rule_set(lead, on.version),
        start_rule_test(lead, on.version, RuleTestCreate()),
    ):
        with pytest.raises(Conflict, match="rule_set_not_draft"):
            await change
    listed = await rule_editing.list_rule_sets(lead)
    assert [one.state for one in listed if one.version in {0, on.version}] == [
        "in_force",
        "replaced",
    ]


async def test_one_of_two_drafts_wins(lead):
    drafts = [await drafted(lead, NINE), await drafted(lead)]
    for draft in drafts:
        await run_test(lead, draft, days=1, sessions_max=1)
    answers = await asyncio.gather(
        *[
            rule_editing.switch_on_rule_set(lead, draft.version, SwitchOn(row_version=1))
            for draft in drafts
        ],
        return_exceptions=True,
    )
    lost = [one for one in answers if isinstance(one, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], Conflict)
    assert lost[0].code == "rule_set_outdated"
    async with platform_scope(system("test"), "test") as scope:
        assert await scope.value("SELECT count(*) FROM rule_sets WHERE state = 'in_force'") == 1


async def test_a_discarded_draft_is_over(lead):
    draft = await drafted(lead)
    await rule_editing.discard_rule_set(lead, draft.version)
    with pytest.raises(Conflict, match="rule_set_not_draft"):
        await start_rule_test(lead, draft.version, RuleTestCreate())
    with pytest.raises(NotFound):
        await rule_editing.read_rule_set(lead, 2**31)
    with pytest.raises(InvalidInput, match="rule_id_taken"):
        await drafted(lead, BUILT_IN_RULES[0])


async def test_a_text_is_tried_against_a_draft(lead):
    draft = await drafted(lead, NINE)
    trial = TextTrial(text="Dооrs open at bit.ly/x", sender="PAYPA1")
    said = await rule_editing.try_rule_set(lead, draft.version, trial)
    hit = next(hit for hit in said.hits if hit.rule == "nine_rule")
    assert hit.matched == "Dооrs open"
    assert {"url_shortener_not_allowed", "sender_lookalike"} <= {one.rule for one in said.hits}
    assert said.score == 100
    assert "nine_rule" not in {
        hit.rule for hit in (await rule_editing.try_rule_set(lead, 0, trial)).hits
    }


async def test_rules_in_force_are_asked_and_named(shop, lead):
    version = await switched_on(lead, NINE)
    session = await screened(shop, body="Hi [name], doors open at nine")
    assert session.state is SessionState.DRAFT
    (problem,) = session.problems
    assert (problem["code"], problem["matched"]) == ("nine_rule", "doors open")
    session = await screened(shop, body="Hi [name], come at nine")
    case = await the_case(shop, lead)
    assert case.bounds is not None
    assert (case.rules_version, case.bounds.rules_version) == (version, version)
    assert "nine_rule" in case.clean_rules
    await decided(shop, lead)
    approved = await session_of(shop, session.id)
    assert approved.bounds is not None
    assert approved.bounds.rules_version == version


async def test_what_leaves_is_asked_by_the_rules_in_force_then(shop, lead):
    """Approved under the rules of that day; a rule that blocks since then stops it all the same."""
    session = await screened(shop, body="Hi [name], doors open at nine")
    await decided(shop, lead)
    approved = await session_of(shop, session.id)
    message = EvaluatedMessage(
        subscriber_id=uuid7(),
        phone="+4791234567",
        country="NO",
        body="Hi, doors open at nine",
        encoding="gsm7",
        segments=1,
        credits=1,
    )
    for expected in (False, True):
        async with shop.scope() as scope:
            check = await delivery_steps().open_check(scope, approved)
        assert bool(check([message])) is expected
        if not expected:
            await switched_on(lead, NINE)


async def test_a_test_says_which_decisions_would_flip(shop, lead):
    """Seeded past, known flips: N14."""
    for body, verdict in (
        ("Hi [name], doors open at nine", "approve"),
        ("Hi [name], come to the casino", "refuse"),
        ("Hi [name], see you", "approve"),
    ):
        await screened(shop, body=body)
        await decided(shop, lead, verdict)
    gambling = next(one for one in BUILT_IN_RULES if one.id == "class_gambling")
    rest = [one for one in BUILT_IN_RULES if one.kind != "new_host" and one is not gambling]
    rules = [*rest, NINE, msgspec.structs.replace(gambling, is_on=False)]
    draft = await rule_editing.create_rule_set(lead, RuleSetCreate(note="Flips", rules=rules))
    asked = await start_rule_test(lead, draft.version, RuleTestCreate())
    assert asked.state is RuleTestState.QUEUED
    async with platform_scope(system("test"), "test") as scope:
        told = await scope.value(
            "SELECT count(*) FROM outbox WHERE topic = $1 AND payload ->> 'test_id' = $2",
            Topic.RULES_TEST_REQUESTED.value,
            str(asked.id),
        )
    assert told == 1
    for _ in range(2):  # twice is once
        await run_rule_test(asked.id)
    done = await rule_testing.read_rule_test(lead, asked.id)
    assert done.result is not None
    ours = [flip for flip in done.result.flips if flip.tenant_id == shop.tenant_id]
    assert [len(flip.rules) for flip in ours] == [1, 1]
    fates = {one.rules[0]: (one.before, one.after, one.decided) for one in ours}
    assert fates == {
        "nine_rule": (Fate.CLEAN, Fate.BLOCKED, "approve"),
        "class_gambling": (Fate.FLAGGED, Fate.CLEAN, "refuse"),
    }
    assert done.result.overruled["approve>blocked"] >= 1
    assert done.result.overruled["refuse>clean"] >= 1
    assert done.result.people_after == done.result.people_before - 1
    assert (await rule_testing.list_rule_tests(lead, draft.version))[0].id == asked.id


async def test_a_test_another_works_on_is_left_to_them(lead):
    draft = await drafted(lead)
    asked = await start_rule_test(lead, draft.version, RuleTestCreate())
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute(
            "UPDATE rule_tests SET state = 'running', lease_until = $2 WHERE id = $1",
            asked.id,
            scope.now.replace(year=scope.now.year + 1),
        )
    with pytest.raises(Conflict, match="test_leased"):
        await run_rule_test(asked.id)


async def test_rules_that_were_switched_on_never_change(database, lead):
    version = await switched_on(lead)
    with pytest.raises(asyncpg.CheckViolationError, match="stand as they are"):
        async with platform_scope(system("test"), "test") as scope:
            await scope.execute("UPDATE rule_sets SET rules = '[]' WHERE version = $1", version)


async def test_nobody_is_put_before_a_person_for_a_rule_that_is_off(shop, lead):
    off = [msgspec.structs.replace(one, is_on=False) for one in BUILT_IN_RULES]
    given = RuleSetCreate(note="Nothing at all", rules=off)
    draft = await rule_editing.create_rule_set(lead, given)
    await run_test(lead, draft, days=1, sessions_max=1)
    await rule_editing.switch_on_rule_set(lead, draft.version, SwitchOn(row_version=1))
    await screened(shop, body="PAYPA1: bit.ly/x")
    (case_id,) = await case_ids(shop.tenant_id)
    assert case_id
    assert not (await the_case(shop, lead)).hits
