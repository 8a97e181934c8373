"""kill -9 in what a person asks for while nothing of theirs is moving: a price agreed to, the
failed tried again, a code for a number. It happened once, or it did not happen.
"""

from pathlib import Path
from uuid import UUID

import pytest

from backend.campaigns.schemas.inputs import Submission
from backend.campaigns.service.quotes import create_quote
from backend.campaigns.service.submissions import submit_session
from backend.db.scope import platform_scope
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.starting import start_approved, start_due
from backend.identity.schemas import NumberRequest
from backend.identity.service.verifications import request_verification
from backend.kernel.principal import system
from backend.moderation.service.screening import screen_session
from tests.delivery.factories import keep_working, sending
from tests.delivery.test_retrying_failed import FAILING, sent, submitted
from tests.factories import make_tenant, member_of
from tests.faults.deeds import Item
from tests.faults.oracle import broken_promises
from tests.faults.rounds import ITEMS, SECONDS_A_TEST_MAX, in_rounds
from tests.faults.test_deed_kills import Stage, each, of_tenant, stage, states
from tests.faults.test_life_kills import DUE_HOURS, MOVED, kill_and_go_on, once
from tests.moderation.factories import decided, later, make_moderator
from tests.schedules.factories import in_hours, pay

__all__ = ["stage"]
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(SECONDS_A_TEST_MAX)]
RETRY_LISTED = "retry.before_commit"
CODE_NOTED = "code.before_commit"
CREDITS = 1_000


async def over_their_ceiling(stage: Stage) -> list[Item]:
    """Confirmed at the very price of one person; then a second one joins."""
    await pay(stage.shop, CREDITS)
    mira = await make_moderator()
    made = []
    for number in range(ITEMS):
        draft = await stage.shop.draft(schedule=in_hours(DUE_HOURS))
        quote = await create_quote(stage.shop.owner, draft.id)
        agreed = Submission(quote_id=quote.id, ceiling_credits=quote.credits)
        await submit_session(stage.shop.owner, draft.id, agreed)
        await screen_session(stage.shop.tenant_id, draft.id)
        if not number:
            await decided(stage.shop, mira)
        await start_approved(stage.shop.tenant_id, draft.id)
        made.append(draft.id)
    await stage.shop.person(2)
    later(hours=DUE_HOURS, seconds=61)
    assert await start_due() == ITEMS
    await keep_working()
    for session_id in made:
        await prepare_session(stage.shop.tenant_id, session_id)
    assert await states(stage) == {"awaiting_confirmation": ITEMS}
    return await each(stage, made, ceiling_credits=str(CREDITS))


@in_rounds
async def test_killed_while_a_price_is_agreed_to(stage: Stage, tmp_path: Path, seeds: range):
    items = await over_their_ceiling(stage)
    await kill_and_go_on(stage, tmp_path, "agree_to_the_price", MOVED, seeds=seeds, items=items)
    await once(stage, "confirm")
    assert await states(stage) == {"preparing": ITEMS}
    agreed = await of_tenant(stage, "SELECT ceiling_credits FROM campaign_sessions")
    assert agreed == [CREDITS] * ITEMS
    assert await broken_promises() == []


async def partly_failed(stage: Stage, directory: Path) -> list[Item]:
    await pay(stage.shop, CREDITS)
    await stage.shop.person(FAILING)
    mira = await make_moderator()
    made = []
    async with sending(directory, "perfect,has_magic_numbers=true") as way:
        for number in range(ITEMS):
            draft = await stage.shop.draft()
            await submitted(stage.shop, draft.id)
            if not number:
                await decided(stage.shop, mira)
            fates = await sent(stage.shop, draft.id, way)
            assert sorted(fates.values()) == ["delivered", "undelivered"]
            made.append(draft.id)
    return await each(stage, made)


@in_rounds
async def test_killed_while_the_failed_are_listed_again(stage: Stage, tmp_path: Path, seeds: range):
    items = await partly_failed(stage, tmp_path)
    await kill_and_go_on(
        stage, tmp_path, "try_the_failed_again", RETRY_LISTED, seeds=seeds, items=items
    )
    assert await states(stage) == {"completed": ITEMS, "draft": ITEMS}
    retried = await of_tenant(
        stage, "SELECT retry_of FROM campaign_sessions WHERE retry_of IS NOT NULL"
    )
    assert sorted(map(str, retried)) == sorted(item["session_id"] for item in items)
    listed = await of_tenant(stage, "SELECT count(*) FROM retry_recipients GROUP BY session_id")
    assert listed == [1] * ITEMS
    assert await broken_promises() == []


async def codes_asked_for() -> list[Item]:
    """A company each: another code is another minute."""
    items = []
    for number in range(ITEMS):
        owner = member_of(await make_tenant(status="active"))
        asked = await request_verification(owner, NumberRequest(phone=f"+47912{number}0001"))
        items.append({"tenant_id": str(owner.tenant_id), "verification_id": str(asked.id)})
    return items


@in_rounds
async def test_killed_while_a_code_is_made(stage: Stage, tmp_path: Path, seeds: range):
    items = await codes_asked_for()
    await keep_working()
    await kill_and_go_on(stage, tmp_path, "send_a_code", CODE_NOTED, seeds=seeds, items=items)
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows("SELECT reference FROM system_messages")
    queued = sorted(row["reference"] for row in rows)
    assert queued == sorted(f"verification:{UUID(item['verification_id'])}" for item in items)
    assert await broken_promises() == []
