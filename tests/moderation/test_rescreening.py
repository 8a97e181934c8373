"""A session that comes back shows who would get what now, and an approval of that holds."""

import asyncio
from datetime import timedelta

import pytest

from backend.audience.schemas.people import AttributeCreate
from backend.audience.service import groups
from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import TRIES_MAX, SessionEvent, SessionState
from backend.db.scope import platform_scope
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.starting import start_approved
from backend.delivery.service.stopping import cancel_session
from backend.gateways.service import note_working, standing_gateways
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.principal import system
from backend.ledger.service.lots import top_up
from backend.moderation.queries import cases
from backend.moderation.schemas.decisions import RevocationInput
from backend.moderation.schemas.desk import DeskRules, LaneRule
from backend.moderation.schemas.hosts import HostBlock
from backend.moderation.service.cases import withdraw_case
from backend.moderation.service.desk import read_case
from backend.moderation.service.leases import claim_case, claim_next_case
from backend.moderation.service.rescreening import LOST_CASE, keep_cases, rescreen_session
from backend.moderation.service.revoking import revoke_case
from backend.moderation.service.rule_sets import block_host
from backend.moderation.service.waiting import lapse_unvalidated
from backend.moderation.states import Lane
from backend.templates.service import approvals
from tests.moderation.factories import (
    case_ids,
    decided,
    later,
    make_moderator,
    rows_that_differ,
    screened,
    session_of,
    the_case,
)
from tests.moderation.test_voting import desk_says

pytestmark = pytest.mark.anyio
LINKED = "Hi [name], see [link]"
WHY = RevocationInput(reason="the site behind the link changed")


@pytest.fixture(autouse=True)
async def dispatch(shop):
    """Credits, and a gateway that works."""
    async with platform_scope(system("test"), "test") as scope:
        ids = [gateway.id for gateway in await standing_gateways(scope)]
    await note_working(ids)
    async with shop.scope() as scope:
        await top_up(scope, 10_000, "test")


async def dispatched(shop, session):
    await start_approved(shop.tenant_id, session.id)
    return await prepare_session(shop.tenant_id, session.id)


async def grown(shop, mira):
    """Approved for three with one host; then five more with another."""
    await groups.create_attribute(shop.owner, AttributeCreate(label="link"))
    for n in (1, 2, 3):
        await shop.person(100 + n, attributes={"link": "nordlys.example.com"})
    session = await screened(shop, body=LINKED)
    made = await decided(shop, mira)
    for n in range(5):
        await shop.person(200 + n, attributes={"link": "polar.example.com"})
    return session, made


async def test_a_bound_passed_comes_back_once(shop):
    mira = await make_moderator()
    session, made = await grown(shop, mira)
    assert await dispatched(shop, session) == "awaiting_validation"
    pending = await the_case(shop, mira)
    assert pending.rescreening == "pending"
    assert pending.cause == (
        "at dispatch: unapproved_content (found 5, seen ['host:polar.example.com'])"
    )
    with pytest.raises(Conflict, match="rescreening"):
        await claim_case(mira, shop.tenant_id, pending.id)
    with pytest.raises(NotFound, match="queue_empty"):
        await claim_next_case(mira)
    await rescreen_session(shop.tenant_id, session.id)
    await rescreen_session(shop.tenant_id, session.id)
    case = await the_case(shop, mira)
    assert (case.id, case.rescreening, case.dry_run.recipients) == (pending.id, "done", 8)
    changes = {str(change.what): change for change in case.changes}
    assert changes["hosts"].added == ["polar.example.com"]
    recipients = changes["recipients"]
    assert (recipients.before, recipients.after, recipients.allowed) == (3, 8, 103)
    assert not await rows_that_differ()
    await decided(shop, mira)
    found = await session_of(shop, session.id)
    assert found.bounds is not None
    assert found.bounds.hosts == ["nordlys.example.com", "polar.example.com"]
    assert found.first_approved_at == made.decision.decided_at
    # Eight cost more than the ceiling of three: the tenant's to confirm, no loop.
    assert await dispatched(shop, session) == "awaiting_confirmation"
    async with shop.scope() as scope:
        now = await read_session(scope, session.id)
        await move_session(scope, now, SessionEvent.CONFIRM, ceiling_credits=100)
    assert await prepare_session(shop.tenant_id, session.id) == "sending"
    assert (await session_of(shop, session.id)).planned == 8


async def test_a_case_waits_where_its_fresh_dry_run_puts_it(shop):
    """Approved as a small one, back as a large one: the lane and the copy in the queue say so."""
    mira = await make_moderator()
    large = LaneRule(lane=Lane.LARGE, name="from eight", recipients_min=8)
    await desk_says(undo_seconds=0, lanes=[large])
    session, _ = await grown(shop, mira)
    await dispatched(shop, session)
    pending = await the_case(shop, mira)
    assert pending.lane is Lane.STANDARD
    later(minutes=5)
    await rescreen_session(shop.tenant_id, session.id)
    async with shop.scope() as scope:
        case = await cases.read(scope, pending.id)
        queued = await scope.one(
            "SELECT lane, lane_why, priority_at FROM queue_rows WHERE case_id = $1", case.id
        )
    assert (case.lane, case.lane_why) == (Lane.LARGE, "from eight")
    assert tuple(queued.values()) == (case.lane.value, case.lane_why, case.priority_at)
    # A look at a large one takes longer, so it begins earlier; it is as old as it was.
    usual = DeskRules().usual_review_seconds
    assert case.opened_at == pending.opened_at
    target = timedelta(minutes=DeskRules().targets_minutes.campaign_session)
    assert case.priority_at == case.opened_at + target - timedelta(seconds=usual.large)


async def test_an_address_for_mail_is_no_host(shop):
    mira = await make_moderator()
    session = await screened(shop, body="Hi [name], write to post@nordlys.example.com")
    await decided(shop, mira)
    assert await dispatched(shop, session) == "sending"


async def test_a_revoked_session_is_rendered_again(shop):
    mira = await make_moderator()
    await screened(shop)
    made = await decided(shop, mira)
    await shop.person(50)
    await revoke_case(mira, shop.tenant_id, made.decision.case_id, WHY)
    assert await keep_cases() == 1
    assert await keep_cases() == 0
    case = await the_case(shop, mira)
    assert (case.rescreening, case.dry_run.recipients) == ("done", 4)


async def test_a_block_since_the_approval_is_not_approved_again(shop):
    mira = await make_moderator()
    session, _ = await grown(shop, mira)
    await block_host(system("test"), HostBlock(host="polar.example.com", reason="phishing"))
    assert await dispatched(shop, session) == "awaiting_validation"
    with pytest.raises(Conflict, match="content_blocked"):
        await decided(shop, mira)
    assert (await decided(shop, mira, "request_changes")).subject_state == "draft"


async def test_a_sender_withdrawn_after_the_approval_does_not_leave(shop):
    mira = await make_moderator()
    session = await screened(shop)
    await decided(shop, mira)
    async with shop.scope() as scope:
        await approvals.withdraw_sender(scope, shop.sender_id, "not ours")
    assert await dispatched(shop, session) == "awaiting_validation"
    assert (await session_of(shop, session.id)).revoked_at is not None
    assert (await the_case(shop, mira)).cause == "at dispatch: sender_withdrawn"
    with pytest.raises(Conflict, match="subject_withdrawn"):
        await decided(shop, mira)


async def test_no_session_waits_without_a_case(shop):
    """Whatever lost it: the sweep opens one, and its dry run follows."""
    mira = await make_moderator()
    session = await screened(shop)
    async with shop.scope() as scope:
        await withdraw_case(scope, session.id, "withdrawn")
    assert not await case_ids(shop.tenant_id)
    await asyncio.gather(keep_cases(), keep_cases())
    case = await the_case(shop, mira)
    assert case.cause == LOST_CASE
    await decided(shop, mira)
    assert (await session_of(shop, session.id)).state is SessionState.APPROVED


async def test_taken_back_while_rendered_again(shop):
    mira = await make_moderator()
    session, _ = await grown(shop, mira)
    await dispatched(shop, session)
    await cancel_session(shop.owner, session.id)
    await rescreen_session(shop.tenant_id, session.id)
    assert await keep_cases() == 0
    assert not await case_ids(shop.tenant_id)
    assert (await session_of(shop, session.id)).state is SessionState.DRAFT


async def test_a_dead_worker_is_followed_by_another(shop):
    mira = await make_moderator()
    session, _ = await grown(shop, mira)
    await dispatched(shop, session)
    async with shop.scope() as scope:
        await scope.execute(
            "UPDATE campaign_sessions SET lease_until = $2, tries = 1, state_version ="
            " state_version + 1 WHERE id = $1",
            session.id,
            scope.now.replace(year=scope.now.year + 1),
        )
    with pytest.raises(Conflict, match="screening_leased"):
        await rescreen_session(shop.tenant_id, session.id)
    assert await keep_cases() == 0
    later(days=366)
    assert await keep_cases() == 1
    assert (await the_case(shop, mira)).rescreening == "done"


async def test_what_cannot_be_rendered_cannot_be_approved(shop):
    mira = await make_moderator()
    session, _ = await grown(shop, mira)
    await dispatched(shop, session)
    async with shop.scope() as scope:
        await scope.execute(
            "UPDATE campaign_sessions SET tries = $2 WHERE id = $1", session.id, TRIES_MAX
        )
    await keep_cases()
    case = await the_case(shop, mira)
    assert case.rescreening == "failed"
    with pytest.raises(Conflict, match="not_rescreened"):
        await decided(shop, mira)
    assert (await decided(shop, mira, "refuse")).subject_state == "refused"


async def test_a_shown_case_stays_as_it_was_shown(shop):
    """By trigger: only a case that waits for its dry run takes one."""
    await screened(shop)
    with pytest.raises(Exception, match="what a case showed"):
        async with shop.scope() as scope:
            await scope.execute("UPDATE cases SET score = 0")


async def test_what_nobody_decided_in_time_is_missed(shop):
    mira = await make_moderator()
    session = await screened(shop)
    async with shop.scope() as scope:
        await scope.execute(
            "UPDATE campaign_sessions SET due_at = $2, schedule_kind = 'once' WHERE id = $1",
            session.id,
            scope.now,
        )
    later(minutes=59)
    assert await lapse_unvalidated() == 0
    later(minutes=2)
    assert await lapse_unvalidated() == 1
    assert await lapse_unvalidated() == 0
    found = await session_of(shop, session.id)
    assert (found.state, found.failure) == (SessionState.MISSED, "validation_too_late")
    (closed,) = await case_ids(shop.tenant_id, "lapsed")
    assert (await read_case(mira, shop.tenant_id, closed)).state == "lapsed"
