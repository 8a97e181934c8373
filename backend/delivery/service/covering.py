"""Credits that came without news: a release made room, or `credits.added` was lost."""

from uuid import UUID

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.service.watching import sessions_short_of_credits
from backend.campaigns.states import SessionEvent, SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.errors import StateConflict
from backend.kernel.principal import system
from backend.ledger.service.balance import balance


async def cover_swept() -> int:
    """Use case of the clock. A session whose hold would fit now prepares again; one that would not
    is left alone, or every sweep would render its whole audience for nothing.
    """
    async with platform_scope(system("cover"), "waiting for credits") as scope:
        waiting = await sessions_short_of_credits(scope)
        tenants = {tenant_id for tenant_id, _, _ in waiting}
        room = {tenant_id: (await balance(scope, tenant_id)).available for tenant_id in tenants}
    covered = 0
    for tenant_id, session_id, required in waiting:
        if required <= room[tenant_id] and await _cover(tenant_id, session_id):
            room[tenant_id] -= required
            covered += 1
    return covered


async def _cover(tenant_id: UUID, session_id: UUID) -> bool:
    try:
        async with tenant_scope(system("cover", tenant_id)) as scope:
            session = await read_session(scope, session_id)
            if session.state is not SessionState.AWAITING_CREDITS:
                return False
            await move_session(scope, session, SessionEvent.COVER)
    except StateConflict:
        return False  # another clock, or the news itself, was first
    return True
