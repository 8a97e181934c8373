"""Stops from above: who may pause, lift and kill what, switches, suspended tenants."""

from datetime import timedelta

import pytest

from backend.campaigns.service.moves import read_session
from backend.campaigns.states import PAUSED_DAYS_MAX
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.schemas import SwitchChange
from backend.delivery.service import stopping, switching
from backend.delivery.service.claiming import Halt, claim_window, take_lease
from backend.delivery.service.outcomes import Answered, record_outcomes
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.starting import lapse_deadlines
from backend.delivery.service.stopping import PAUSE_ENDING_TOLD, tell_pause_ending
from backend.identity.schemas import Suspension
from backend.identity.service.suspending import reactivate_tenant, suspend_tenant
from backend.kernel import clock
from backend.kernel.errors import Conflict, Forbidden, NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, StaffRole, system
from backend.ledger.service.balance import balance
from tests.delivery.factories import (
    ListedEvaluator,
    accepted,
    lease_of,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    use,
    window_of,
)
from tests.factories import member_of, staff

pytestmark = pytest.mark.anyio
LEAD = staff(StaffRole.LEAD)
OFF = SwitchChange(is_sending=False, reason="a wrong link is out")
ON = SwitchChange(is_sending=True, reason="mended")
WHY = Suspension(reason="complaints")


async def prepared(tenant_id=None, count=20):
    tenant_id = tenant_id or await make_paying_tenant(1_000)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(count)]))
    assert await prepare_session(tenant_id, session_id) == "sending"
    return tenant_id, session_id


@pytest.fixture
async def session(database):
    await make_gateway(1)
    return await prepared()


async def now(tenant_id, session_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        found = await read_session(scope, session_id)
    return found.state.value, found.pause_owner


async def held(tenant_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        return (await balance(scope)).held


async def looks():
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows("SELECT actor, tenant_id, reason FROM access_audit")
    return [(row["actor"], row["tenant_id"], row["reason"]) for row in rows]


async def test_a_pause_is_lifted_by_its_owner_or_above(session):
    tenant_id, session_id = session
    sender = member_of(tenant_id, MemberRole.SENDER)
    await stopping.pause_session(sender, session_id)
    await stopping.pause_session(LEAD, session_id, tenant_id, reason="looking into it")
    assert await now(*session) == ("paused", "staff")
    with pytest.raises(Forbidden, match="paused_by_other"):
        await stopping.resume_session(sender, session_id)
    again = await stopping.pause_session(sender, session_id)
    assert again.state == "paused"
    assert await now(*session) == ("paused", "staff"), "nobody lowers it"
    await stopping.resume_session(LEAD, session_id, tenant_id, reason="it is fine")
    assert await now(*session) == ("sending", None)
    assert (LEAD.actor, tenant_id, "looking into it") in await looks()
    with pytest.raises(Conflict, match="not_paused"):
        await stopping.resume_session(sender, session_id)


@pytest.mark.parametrize("which", ["platform", "tenant"])
async def test_a_switch_pauses_what_sends_and_lifts_only_that(session, which):
    tenant_id, session_id = session
    lease = await lease_of(tenant_id, session_id)
    _, mine = await prepared(tenant_id)
    sender = member_of(tenant_id, MemberRole.SENDER)
    await stopping.pause_session(sender, mine)

    async def turn(change):
        if which == "platform":
            return await switching.switch_platform(LEAD, change)
        return await switching.switch_tenant(LEAD, tenant_id, change)

    view = await turn(OFF)
    assert (view.is_on, view.reason, view.changed_by) == (True, OFF.reason, LEAD.actor)
    assert isinstance(await claim_window(lease, 0, 10), Halt)
    assert await now(*session) == ("paused", "platform")
    assert await now(tenant_id, mine) == ("paused", "tenant")
    for who, args in ((sender, ()), (LEAD, (tenant_id,))):
        with pytest.raises(Forbidden, match="paused_by_other"):
            await stopping.resume_session(who, session_id, *args, reason="go")
    with pytest.raises(Conflict, match="sending_switched_off"):
        await stopping.resume_session(sender, mine)
    await turn(ON)
    assert await now(*session) == ("sending", None)
    assert await now(tenant_id, mine) == ("paused", "tenant"), "what a person paused stays paused"
    await switching.enforce_switches()
    assert any(OFF.reason in reason for _, _, reason in await looks())


async def test_one_tenants_switch_leaves_the_others_alone(session):
    other = await prepared()
    await switching.switch_tenant(LEAD, session[0], OFF)
    assert (await now(*session))[0] == "paused"
    assert (await now(*other))[0] == "sending"
    desk = await switching.read_sending_desk(LEAD)
    assert not desk.platform.is_on
    assert [switch.tenant_id for switch in desk.tenants] == [session[0]]
    shown = {one.id: one.pause_owner for one in desk.sessions}
    assert shown == {session[1]: "platform", other[1]: None}
    with pytest.raises(NotFound):
        await switching.switch_tenant(LEAD, uuid7(), OFF)


async def test_a_suspended_tenant_pauses_settles_and_goes_on(session):
    tenant_id, session_id = session
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease, 0, 5)
    await suspend_tenant(LEAD, tenant_id, WHY)
    await switching.enforce_switches()
    assert await now(*session) == ("paused", "suspension")
    # What was with the carrier is settled.
    (recorded,) = await record_outcomes([Answered(lease, window, accepted(lease, window))])
    assert recorded.is_ours
    assert await held(tenant_id) == 15
    with pytest.raises(Conflict, match="tenant_suspended"):
        await stopping.resume_session(
            system("platform", tenant_id), session_id, tenant_id, reason="go"
        )
    with pytest.raises(Conflict, match="not_active"):
        await suspend_tenant(LEAD, tenant_id, WHY)
    view = await reactivate_tenant(LEAD, tenant_id, WHY)
    assert (view.status, view.suspended_reason) == ("active", None)
    await switching.enforce_switches()
    assert await now(*session) == ("sending", None)
    with pytest.raises(Conflict, match="not_suspended"):
        await reactivate_tenant(LEAD, tenant_id, WHY)


async def test_a_switch_over_a_suspension_lifts_nothing_before_both_are_gone(session):
    tenant_id, _ = session
    await switching.switch_tenant(LEAD, tenant_id, OFF)
    await suspend_tenant(LEAD, tenant_id, WHY)
    await switching.switch_tenant(LEAD, tenant_id, ON)
    assert (await now(*session))[0] == "paused"
    await reactivate_tenant(LEAD, tenant_id, WHY)
    await switching.enforce_switches()
    assert await now(*session) == ("sending", None)


async def test_everything_of_a_tenant_is_killed_and_adds_up(session):
    tenant_id, session_id = session
    waiting = await make_session(tenant_id, state="approved")
    done = await make_session(tenant_id, state="completed")
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease, 0, 5)
    await record_outcomes([Answered(lease, window, accepted(lease, window))])
    answer = await switching.kill_sessions_of_tenant(LEAD, tenant_id, reason="fraud")
    assert (answer.sessions, answer.killed, answer.cancelled) == (2, 2, 15)
    assert (await now(tenant_id, waiting))[0] == "cancelled"
    assert (await now(tenant_id, done))[0] == "completed"
    assert (await now(*session))[0] == "settling"
    assert await held(tenant_id) == 0
    again = await switching.kill_sessions_of_tenant(LEAD, tenant_id, reason="fraud")
    assert (again.sessions, again.killed) == (0, 0)


async def test_a_pause_ends_by_itself_and_says_so_a_day_before(session):
    tenant_id, session_id = session
    await stopping.pause_session(member_of(tenant_id, MemberRole.SENDER), session_id)
    async with tenant_scope(system("test", tenant_id)) as scope:
        ends_at = (await read_session(scope, session_id)).deadline_at
        assert ends_at is not None
    async with platform_scope(system("test"), "test") as scope:
        told_at = await scope.value(
            "SELECT not_before FROM outbox WHERE topic = 'session.pause_ending'"
        )
    assert told_at == ends_at - PAUSE_ENDING_TOLD
    assert await tell_pause_ending(tenant_id, session_id, ends_at)
    assert not await tell_pause_ending(tenant_id, session_id, ends_at), "twice is once"
    assert not await tell_pause_ending(tenant_id, session_id, ends_at + timedelta(hours=1))
    clock.set_offset(timedelta(days=PAUSED_DAYS_MAX, seconds=1))
    await lapse_deadlines()
    assert (await now(*session))[0] == "settling"
    assert await held(tenant_id) == 0
    assert await take_lease(tenant_id, session_id, 1) is None
