"""A session that waits for credits goes on when they are there, also without news of a top-up."""

import pytest

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import tenant_scope
from backend.delivery.service.covering import cover_swept
from backend.kernel.principal import system
from backend.ledger.service.holds import place_hold, release_rest
from tests.delivery.factories import make_paying_tenant, make_session

pytestmark = pytest.mark.anyio


async def test_a_release_makes_room_for_who_waits(database):
    tenant_id = await make_paying_tenant(100)
    small = await make_session(tenant_id)
    large = await make_session(tenant_id)
    async with tenant_scope(system("test", tenant_id)) as scope:
        hold = await place_hold(scope, "before", None, 90)
        for session_id, required in ((small, 60), (large, 70)):
            session = await read_session(scope, session_id)
            await move_session(
                scope, session, SessionEvent.FALL_SHORT, facts={"required": required}
            )

    async def states() -> list[SessionState]:
        async with tenant_scope(system("test", tenant_id)) as scope:
            return [(await read_session(scope, each)).state for each in (small, large)]

    assert await cover_swept() == 0
    assert await states() == [SessionState.AWAITING_CREDITS] * 2
    async with tenant_scope(system("test", tenant_id)) as scope:
        await release_rest(scope, hold.id, "before:released")
    # Both alone would fit; the one that waited longer takes the room of the other.
    assert await cover_swept() == 1
    assert await states() == [SessionState.PREPARING, SessionState.AWAITING_CREDITS]
