"""Who is erased is forgotten at the desk too: in open cases, closed ones, appeals, and what
screening quoted to the tenant. Whatever else a case showed stays with it.
"""

import asyncpg
import pytest

from backend.audience.service import people
from backend.campaigns.service.forgetting import forget_samples
from backend.campaigns.states import SessionState
from backend.kernel.principal import StaffRole
from backend.moderation.queries import screenings
from backend.moderation.schemas.votes import AppealInput
from backend.moderation.service.appeals import appeal_decision
from backend.moderation.service.desk import read_case
from backend.moderation.service.forgetting import forget_person, without_erased
from tests.delivery.test_forgetting import tables_with
from tests.moderation.factories import case_ids, decided, make_moderator, screened, session_of
from tests.moderation.test_rule_sets import NINE, drafted, run_test

pytestmark = pytest.mark.anyio
SECRET = "Lovelace"
LINK = f"Ada {SECRET}, see https://ada.example.org/{SECRET} "
BODY = "Hi [name], doors open at nine."


@pytest.fixture
async def ada(shop):
    """Longest and first of the alphabet's: several samples are hers, and the host of her link."""
    return await shop.person(7, name=LINK)


async def erased(shop, subscriber_id) -> int:
    """With what campaigns keep of a quote; in how many screenings they stood."""
    await people.erase_subscriber(shop.owner, subscriber_id)
    async with shop.scope() as scope:
        now = scope.now
    await forget_samples(shop.tenant_id, now)
    return await forget_person(shop.tenant_id, subscriber_id)


async def test_who_is_erased_is_forgotten_in_every_case(shop, ada, database):
    mira = await make_moderator()
    refused = await screened(shop)
    made = await decided(shop, mira, "refuse")
    appeal = AppealInput(text="It is our own customer's name.")
    await appeal_decision(shop.owner, made.decision.id, appeal)
    waiting = await screened(shop, body=f"{BODY} Second.")
    assert {"cases", "screenings"} <= await tables_with(database, SECRET)
    before = await read_case(mira, shop.tenant_id, made.vote.case_id)
    assert await erased(shop, ada) == 2
    assert await forget_person(shop.tenant_id, ada) == 0, "twice is once"
    assert not await tables_with(database, SECRET)
    told = {"audit_log", "outbox", "subscribers"}
    assert await tables_with(database, str(ada)) <= told
    after = await read_case(mira, shop.tenant_id, made.vote.case_id)
    assert (after.dry_run.recipients, after.score) == (4, before.score)
    assert [hit.rule for hit in after.hits] == [hit.rule for hit in before.hits]
    assert [one.why for one in after.dry_run.renderings] == [
        one.why for one in before.dry_run.renderings
    ]
    texts = {one.why: one.text for one in after.dry_run.renderings}
    assert texts["longest"] == ""
    assert "Person 1" in texts["first"], "somebody else's stays"
    assert after.votes[0].id == made.vote.id
    # The open one is still decided, on what it says without her.
    opened = await case_ids(shop.tenant_id)
    assert len(opened) == 2
    assert (await session_of(shop, waiting.id)).state is SessionState.AWAITING_VALIDATION
    assert (await session_of(shop, refused.id)).state is SessionState.REFUSED


async def test_a_quoted_problem_is_forgotten(shop, database):
    ada = await shop.person(8, name=f"http://bit.ly/{SECRET}")
    returned = await screened(shop)
    assert returned.state is SessionState.DRAFT
    assert "campaign_sessions" in await tables_with(database, SECRET)
    assert await erased(shop, ada) == 1
    assert not await tables_with(database, SECRET)
    problems = (await session_of(shop, returned.id)).problems
    assert [one["code"] for one in problems] == [one["code"] for one in returned.problems]


async def test_who_is_erased_while_everybody_is_rendered_is_not_written_down(shop, ada):
    session = await screened(shop)
    async with shop.scope() as scope:
        found = await screenings.find(scope, session.id, 1)
        assert found is not None
        assert ada in screenings.sampled(found)
        assert await without_erased(scope, found) == found
    await people.erase_subscriber(shop.owner, ada)
    async with shop.scope() as scope:
        kept = await without_erased(scope, found)
    assert ada not in screenings.sampled(kept)
    assert SECRET not in str(kept)


async def test_a_text_that_is_everybodys_names_nobody(shop):
    session = await screened(shop, body="Doors open at nine.")
    async with shop.scope() as scope:
        found = await screenings.find(scope, session.id, 1)
    assert found is not None
    assert screenings.sampled(found) == set()


@pytest.mark.parametrize(
    "change",
    [
        "dry_run = jsonb_set(dry_run, '{renderings,0,text}', '\"Another one\"')",
        "dry_run = jsonb_set(dry_run, '{renderings,0,text}', '\"\"')",
        "dry_run = jsonb_set(dry_run, '{recipients}', '1')",
        "dry_run = dry_run #- '{renderings,0}'",
        "hits = '[]'",
        "score = 0",
    ],
)
async def test_nothing_else_of_what_was_shown_can_change(shop, ada, change):
    await screened(shop)
    with pytest.raises(asyncpg.CheckViolationError, match="stays with the case"):
        async with shop.scope() as scope:
            await scope.execute(f"UPDATE cases SET {change}")


async def test_a_test_of_rules_quotes_nobody(shop, ada, database):
    """Results outlive the people: they show what the tenant wrote."""
    lead = await make_moderator("Lea", StaffRole.LEAD)
    await screened(shop)
    await run_test(lead, await drafted(lead, NINE))
    found = await tables_with(database, "doors open at nine")
    assert "rule_tests" in found
    assert "rule_tests" not in await tables_with(database, SECRET)
