"""Waiting for credits ends when the balance covers it, told of the top-up or not."""

import pytest

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import tenant_scope
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.starting import cover_sessions
from backend.ledger.service.disputes import freeze_top_up, reverse_top_up
from backend.ledger.service.holds import capture, place_hold
from backend.ledger.service.lines import set_credit_line
from backend.ledger.service.lots import grant, top_up
from tests.delivery.factories import (
    ListedEvaluator,
    make_gateway,
    make_session,
    recipient,
    use,
)
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio


async def test_the_sweep_covers_what_the_balance_now_covers(database):
    tenant_id = await make_tenant()
    me = member_of(tenant_id)
    session_id = await make_session(tenant_id)
    async with tenant_scope(me) as scope:
        session = await read_session(scope, session_id)
        await move_session(scope, session, SessionEvent.FALL_SHORT, facts={"required": 100})
    async with tenant_scope(me) as scope:
        await top_up(scope, 99, "one-short")
    assert await cover_sessions() == 0
    async with tenant_scope(me) as scope:
        await top_up(scope, 1, "enough")
    assert await cover_sessions() == 1
    assert await cover_sessions() == 0
    async with tenant_scope(me) as scope:
        assert (await read_session(scope, session_id)).state is SessionState.PREPARING


async def test_another_tenants_top_up_covers_nothing_here(database):
    first, second = await make_tenant(), await make_tenant()
    session_id = await make_session(first, state="awaiting_credits")
    assert await cover_sessions(second) == 0
    async with tenant_scope(member_of(first)) as scope:
        assert (await read_session(scope, session_id)).state is SessionState.AWAITING_CREDITS


async def make_indebted_tenant():
    """Used 10 credits whose payment was lost, and was given 100 since."""
    tenant_id = await make_tenant()
    async with tenant_scope(member_of(tenant_id)) as scope:
        await top_up(scope, 10, "paid")
        held = await place_hold(scope, "hold", None, 10)
        await capture(scope, held.id, 10, "used")
        await freeze_top_up(scope, "paid", "opened")
        await reverse_top_up(scope, "paid", "lost")
        await grant(scope, 100, "gift")
    return tenant_id


async def test_a_session_of_who_owes_us_waits_until_it_is_paid_or_covered(database):
    await make_gateway(1)
    for settle in (
        lambda scope: top_up(scope, 10, "what was owed"),
        lambda scope: set_credit_line(scope, 6, "line", "they will pay"),
    ):
        tenant_id = await make_indebted_tenant()
        use(ListedEvaluator([recipient(number) for number in range(6)]))
        session_id = await make_session(tenant_id)
        assert await prepare_session(tenant_id, session_id) is SessionState.AWAITING_CREDITS
        assert await cover_sessions(tenant_id) == 0  # 100 are available, and 10 are owed
        async with tenant_scope(member_of(tenant_id)) as scope:
            facts = await scope.value(
                "SELECT facts FROM session_events WHERE session_id = $1 AND event = 'fall_short'",
                session_id,
            )
            assert facts == {"required": 6, "available": 100, "missing": 10, "owed": 10}
            await settle(scope)
        assert await cover_sessions(tenant_id) == 1
        assert await prepare_session(tenant_id, session_id) is SessionState.SENDING
