"""Messages held by hours: never early, timed anew when late, counted, and told why."""

import signal
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from backend.audience.schemas.people import GroupCreate, GroupUpdate, MembershipChange
from backend.audience.schemas.rules import AudienceInput
from backend.audience.schemas.sending import SendingRules, TimeSpan
from backend.audience.service import groups
from backend.audience.service.freezing import freeze
from backend.campaigns.queries import contents
from backend.campaigns.schemas.content import FrozenContent, content_hash
from backend.campaigns.schemas.evaluation import Exclusion, ExclusionReason
from backend.db.scope import tenant_scope
from backend.delivery.service import holding
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.claiming import Window, claim_window, take_lease
from backend.delivery.service.evidence import pieces_of
from backend.delivery.service.holding import read_waiting, retime_closed
from backend.delivery.service.pages import Window as SendWindow
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.recipients import list_exclusions
from backend.delivery.service.settling import settle_session
from backend.kernel import clock
from backend.kernel.principal import MemberRole, system
from backend.ledger.service.balance import balance
from tests.audience.factories import make_subscriber
from tests.delivery.factories import (
    ListedEvaluator,
    keep_working,
    make_paying_tenant,
    make_session,
    recipient,
    use,
)
from tests.factories import member_of
from tests.faults.deeds import run_deed
from tests.faults.rounds import KILLS_A_TEST

pytestmark = pytest.mark.anyio
HOURS_POINTS = ("hours.before_commit",)
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


async def moment(tenant_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        return scope.now


async def sendable(tenant_id, session_id):
    await keep_working()
    found = await due_batches(100)
    return {one.key.batch_no for one in found if one.key.session_id == session_id}


async def test_held_messages_wait_in_batches_of_their_window(gateway):
    tenant_id = await make_paying_tenant(1000)
    me = member_of(tenant_id)
    now = await moment(tenant_id)
    soon, late = now + timedelta(hours=2), now + timedelta(hours=9)
    people = [recipient(n) for n in range(90)]
    held = [
        replace(one, not_before=None if n % 3 == 0 else soon if n % 3 == 1 else late)
        for n, one in enumerate(people)
    ]
    use(ListedEvaluator(held, page_rows=40))
    session_id = await make_session(tenant_id)
    assert await prepare_session(tenant_id, session_id) == "sending"
    waiting = await read_waiting(me, session_id)
    assert (waiting.messages, waiting.next_at, waiting.last_at) == (60, soon, late)
    assert [(one.opens_at, one.messages) for one in waiting.hours] == [(soon, 30), (late, 30)]
    assert waiting.messages + 30 == 90
    first = await sendable(tenant_id, session_id)
    assert len(first) == 3, "one a page"
    for number in range(1, 10):
        lease = await take_lease(tenant_id, session_id, number)
        assert (lease is not None) == (number in first)
        if lease is not None:
            window = await claim_window(lease, 0, 200)
            assert isinstance(window, Window)
            assert len(window.messages) in {13, 14, 10, 4, 3}
    assert not await settle_session(tenant_id, session_id), "it is not drained while some wait"
    clock.set_offset(timedelta(hours=2, minutes=1))
    assert len(await sendable(tenant_id, session_id)) == 3
    assert (await read_waiting(me, session_id)).messages == 30
    clock.set_offset(timedelta(hours=9, minutes=1))
    assert (await read_waiting(me, session_id)).next_at is None


def test_a_batch_is_taken_up_a_batchs_time_before_its_window_closes():
    opens = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert SendWindow(None, None).last_moment is None
    assert SendWindow(opens, opens + timedelta(hours=1)).last_moment == opens + timedelta(
        minutes=59
    )
    assert SendWindow(opens, opens + timedelta(minutes=1)).last_moment == opens + timedelta(
        minutes=1
    )


def clocks(at):
    return f"{at.hour:02}:{at.minute:02}"


@pytest.fixture
async def closing(gateway):
    """A session of three people in UTC whose send window closes in two hours, with its content."""
    tenant_id = await make_paying_tenant(1000)
    me = member_of(tenant_id)
    people = [
        await make_subscriber(me, f"+479123456{n}", name=f"P{n}", time_zone="UTC") for n in range(3)
    ]
    now = await moment(tenant_id)
    window = TimeSpan(
        days=EVERY_DAY,
        starts=clocks(now - timedelta(hours=1)),
        ends=clocks(now + timedelta(hours=2)),
    )
    group = await groups.create_group(
        me, GroupCreate(name="Open", sending=SendingRules(send_windows=[window]))
    )
    ids = [one.id for one in people]
    await groups.add_to_group(me, group.id, MembershipChange(subscriber_ids=ids))
    given = AudienceInput(group_ids=[group.id])
    async with tenant_scope(me) as scope:
        rule = await freeze(scope, given)
    content = FrozenContent(body="Hello", sender="Nordlys", audience=msgspec.to_builtins(rule))
    session_id = await make_session(tenant_id, approved_hash=content_hash(content))
    async with tenant_scope(me) as scope:
        await contents.insert_version(scope, session_id, 1, content_hash(content), content)
    closes = now.replace(second=0, microsecond=0) + timedelta(hours=2)
    listed = [
        replace(recipient(n), subscriber_id=one.id, phone=one.phone, not_after=closes)
        for n, one in enumerate(people)
    ]
    use(ListedEvaluator(listed, content_hash=content_hash(content)))
    assert await prepare_session(tenant_id, session_id) == "sending"
    return tenant_id, session_id, people, group


async def test_closed_batches_that_must_stay_hide_no_others(closing, monkeypatch):
    """One of a session that does not send stands first in every page."""
    monkeypatch.setattr(holding, "CLOSED_BATCHES_MAX", 1)
    tenant_id, _, _, _ = closing
    stuck = UUID(int=1)
    await make_session(tenant_id, id=stuck)
    async with tenant_scope(system("test", tenant_id)) as scope:
        await scope.execute(
            "INSERT INTO batches (tenant_id, session_id, batch_no, session_day, generation,"
            " gateway_id, sender, state, first_n, last_n, size, segments, credits, not_before,"
            " not_after) SELECT tenant_id, $1, batch_no, session_day, 1, gateway_id, sender,"
            " 'queued', first_n, last_n, size, segments, credits, not_before, not_after"
            " FROM batches",
            stuck,
        )
    clock.set_offset(timedelta(hours=2))
    assert await retime_closed() == 1
    assert await retime_closed() == 0


async def test_a_closed_batch_is_dissolved_and_waits_for_the_next_window(closing):
    tenant_id, session_id, _, _ = closing
    me = member_of(tenant_id)
    assert await sendable(tenant_id, session_id) == {1}
    assert await retime_closed() == 0
    clock.set_offset(timedelta(hours=2))
    assert await sendable(tenant_id, session_id) == set()
    assert await take_lease(tenant_id, session_id, 1) is None
    assert await retime_closed() == 1
    assert await retime_closed() == 0, "twice is once"
    waiting = await read_waiting(me, session_id)
    now = await moment(tenant_id)
    assert waiting.messages == 3
    assert now < waiting.next_at < now + timedelta(hours=22)
    assert not await settle_session(tenant_id, session_id)
    clock.set_offset(timedelta(hours=23, minutes=30))
    (number,) = await sendable(tenant_id, session_id)
    lease = await take_lease(tenant_id, session_id, number)
    assert lease is not None
    window = await claim_window(lease, 0, 200)
    assert isinstance(window, Window)
    assert len(window.messages) == 3


@pytest.mark.parametrize("point", HOURS_POINTS)
async def test_killed_while_it_dissolves_is_all_or_nothing(database, closing, point):
    tenant_id, session_id, _, _ = closing
    me = member_of(tenant_id)
    clock.set_offset(timedelta(hours=2))
    plan = {
        "deed": "retime",
        "items": [{}],
        "database_url": database.login_url,
        "offset_seconds": clock.offset().total_seconds(),
    }
    for _ in range(KILLS_A_TEST):
        assert await run_deed(plan, f"kill:{point}:1") == -signal.SIGKILL
        assert (await read_waiting(me, session_id)).messages == 0
    assert await retime_closed() == 1
    assert (await read_waiting(me, session_id)).messages == 3


async def test_what_finds_no_window_within_a_day_is_left_out_and_paid_back(closing):
    tenant_id, session_id, people, group = closing
    me = member_of(tenant_id)
    (window,) = group.sending.send_windows
    weekday = ((await moment(tenant_id)) + timedelta(days=4)).isoweekday()
    once = SendingRules(send_windows=[replace(window, days=[weekday])])
    await groups.update_group(me, group.id, GroupUpdate(version=group.version, sending=once))
    clock.set_offset(timedelta(hours=2))
    assert await retime_closed() == 1
    shown = (await list_exclusions(me, session_id)).items
    assert [row.reason for row in shown] == [ExclusionReason.QUIET_HOURS_EXPIRED] * 3
    assert {row.subscriber_id for row in shown} == {one.id for one in people}
    assert {one.kind for row in shown for one in row.because} == {"group"}
    async with tenant_scope(me) as scope:
        assert (await balance(scope)).held == 0
    assert await settle_session(tenant_id, session_id)


async def test_caps_count_what_other_sessions_have_under_way(gateway):
    tenant_id = await make_paying_tenant(1000)
    me = member_of(tenant_id)
    capped = [replace(recipient(n), cap_left=1, cap_evidence="cap:1:7:settings") for n in range(5)]
    use(ListedEvaluator(capped[:3]))
    first = await make_session(tenant_id)
    assert await prepare_session(tenant_id, first) == "sending"
    use(ListedEvaluator(capped))
    second = await make_session(tenant_id)
    assert await prepare_session(tenant_id, second) == "sending"
    shown = (await list_exclusions(me, second)).items
    assert [row.reason for row in shown] == [ExclusionReason.FREQUENCY_CAP] * 3
    for row in shown:
        kinds = {one.kind: one for one in row.because}
        assert kinds["cap"].value == "1:7"
        assert kinds["session"].id == str(first)
        assert "settings" in kinds


async def test_left_out_is_told_in_things_that_can_be_opened(gateway):
    tenant_id = await make_paying_tenant(100)
    me, viewer = member_of(tenant_id), member_of(tenant_id, MemberRole.VIEWER)
    group = await groups.create_group(me, GroupCreate(name="Strict"))
    person = await make_subscriber(me, "+4791234567")
    await groups.add_to_group(me, group.id, MembershipChange(subscriber_ids=[person.id]))
    stored = [
        (ExclusionReason.NO_CONSENT, f"subscriber:{person.id},group:{group.id}"),
        (ExclusionReason.DESELECTED, f"target_group:{UUID(int=7)}"),
        (ExclusionReason.QUIET_HOURS_EXPIRED, f"hours:group:{group.id},legal:US"),
        (ExclusionReason.BLOCKED_COUNTRY, "country:SE:settings"),
        (ExclusionReason.DUPLICATE, "phone:+4791234567"),
    ]
    left_out = [
        Exclusion(subscriber_id=None, phone="+4791234567", reason=reason, evidence=evidence)
        for reason, evidence in stored
    ]
    use(ListedEvaluator([recipient(1)], left_out))
    session_id = await make_session(tenant_id)
    await prepare_session(tenant_id, session_id)
    shown = (await list_exclusions(me, session_id)).items
    told = [[(one.kind, one.label or one.value) for one in row.because] for row in shown]
    assert told == [
        [("subscriber", None), ("group", "Strict")],
        [("target_group", None)],
        [("group", "Strict"), ("legal", "US")],
        [("country", "SE"), ("settings", None)],
        [("phone", "+4791234567")],
    ]
    masked = (await list_exclusions(viewer, session_id)).items
    assert not [row for row in masked if "1234567" in str(row)]


@pytest.mark.parametrize("evidence", ["", "cap", "cap:x", "group:1", "hours:", ",,", "host:a:b"])
def test_any_evidence_can_be_read(evidence):
    for piece in pieces_of(evidence):
        assert piece.kind
