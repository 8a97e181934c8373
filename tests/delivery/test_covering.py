"""Waiting for credits ends when the balance covers it, told of the top-up or not."""

import pytest

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import tenant_scope
from backend.delivery.service.starting import cover_sessions
from backend.ledger.service.lots import top_up
from tests.delivery.factories import make_session
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
