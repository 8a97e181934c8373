"""Once more to those who did not get it: the same words, priced and confirmed again."""

import pytest

from backend.campaigns.schemas.inputs import DraftUpdate, Submission
from backend.campaigns.service.drafts import update_draft
from backend.campaigns.service.quotes import create_quote
from backend.campaigns.service.submissions import submit_session
from backend.db.scope import platform_scope
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.retrying_failed import retry_failed
from backend.delivery.service.sending import send_batch
from backend.delivery.service.settling import settle_session
from backend.delivery.service.starting import start_approved
from backend.kernel.errors import Conflict, StateConflict
from backend.kernel.principal import system
from backend.ledger.service.lots import top_up
from backend.moderation.service.screening import screen_session
from tests.campaigns.factories import make_shop, phone
from tests.delivery.factories import sending, until
from tests.moderation.factories import decided, make_moderator, session_of

pytestmark = pytest.mark.anyio
FAILING, EXPIRING = 2, 4  # the last digits of a number choose its fate for good


@pytest.fixture
async def shop(database):
    made = await make_shop()
    for number in (1, FAILING, EXPIRING, 21):
        await made.person(number)
    async with made.scope() as scope:
        await top_up(scope, 1_000, "test")
    return made


async def sent(shop, session_id, way):
    """From approved to completed."""
    await start_approved(shop.tenant_id, session_id)
    assert await prepare_session(shop.tenant_id, session_id) == "sending"
    for batch in await due_batches(10):
        await send_batch(way.carriers, *batch.key)

    async def done():
        await settle_session(shop.tenant_id, session_id)
        return (await session_of(shop, session_id)).state == "completed"

    await until(done)
    async with shop.scope() as scope:
        rows = await scope.rows(
            "SELECT phone, state FROM messages WHERE session_id = $1 ORDER BY phone", session_id
        )
    return {row["phone"]: row["state"] for row in rows}


async def submitted(shop, session_id):
    quote = await create_quote(shop.owner, session_id)
    given = Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits)
    await submit_session(shop.owner, session_id, given)
    await screen_session(shop.tenant_id, session_id)
    return quote


async def test_only_the_failed_are_tried_again_under_the_same_approval(shop, tmp_path):
    mira = await make_moderator()
    async with sending(tmp_path, "perfect,has_magic_numbers=true") as way:
        first = await shop.draft()
        await submitted(shop, first.id)
        with pytest.raises(StateConflict, match="not_ended"):
            await retry_failed(shop.owner, first.id)
        await decided(shop, mira)
        before = await sent(shop, first.id, way)
        failed = {number for number, state in before.items() if state != "delivered"}
        assert failed == {phone(FAILING), phone(EXPIRING)}

        retry = await retry_failed(shop.owner, first.id)
        assert (retry.retry_of, retry.retry_recipients) == (first.id, len(failed))
        assert retry.draft.body == first.draft.body
        with pytest.raises(Conflict, match="draft_exists"):
            await retry_failed(shop.owner, first.id)
        quote = await submitted(shop, retry.id)
        assert (quote.recipients, quote.credits) == (len(failed), len(failed))
        now = await session_of(shop, retry.id)
        assert (now.state, now.approval_kind) == ("approved", "inherited")
        again = await sent(shop, retry.id, way)
    assert set(again) == failed, "nobody who had it hears it twice"


async def test_a_changed_text_is_looked_at_by_a_person(shop, tmp_path):
    mira = await make_moderator()
    async with sending(tmp_path, "perfect,has_magic_numbers=true") as way:
        first = await shop.draft()
        await submitted(shop, first.id)
        await decided(shop, mira)
        await sent(shop, first.id, way)
        retry = await retry_failed(shop.owner, first.id)
        changed = DraftUpdate(draft_version=retry.draft_version, body="Hi [name], we tried to call")
        await update_draft(shop.owner, retry.id, changed)
        quote = await submitted(shop, retry.id)
        assert quote.recipients == retry.retry_recipients
        assert (await session_of(shop, retry.id)).state == "awaiting_validation"


async def test_where_all_went_well_or_nobody_knows_there_is_nobody_to_try(shop, tmp_path):
    mira = await make_moderator()
    async with sending(tmp_path, "perfect") as way:
        session = await shop.draft()
        await submitted(shop, session.id)
        await decided(shop, mira)
        await sent(shop, session.id, way)
        with pytest.raises(Conflict, match="nobody_failed"):
            await retry_failed(shop.owner, session.id)
    async with platform_scope(system("test"), "test") as scope:
        drafts = await scope.value("SELECT count(*) FROM campaign_sessions WHERE state = 'draft'")
    assert drafts == 0, "a refused retry leaves no draft behind"
