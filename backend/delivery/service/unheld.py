"""Rows of preparations that ended without a hold: the next one begins from nothing."""

from uuid import UUID

from backend.campaigns.schemas.evaluation import EVALUATION_ROWS_MAX
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.moves import read_session
from backend.campaigns.service.progress import drop_progress
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.queries import preparing as queries
from backend.delivery.queries.preparing import SessionKey
from backend.kernel.principal import system


def key_of(session: SessionRow) -> SessionKey:
    assert session.session_day is not None, "set by the lease"
    return SessionKey(session.session_day, session.id)


async def drop_rows(tenant_id: UUID, key: SessionKey) -> None:
    while True:
        async with tenant_scope(system("prepare", tenant_id)) as scope:
            if not await queries.drop_some_messages(scope, key):
                return


async def drop_unheld(tenant_id: UUID, session_id: UUID) -> None:
    """Rows of a preparation that ended without a hold; nothing where one is under way."""
    async with tenant_scope(system("prepare", tenant_id)) as scope:
        session = await read_session(scope, session_id)
    if session.state is SessionState.PREPARING or session.session_day is None:
        return
    if session.hold_id is not None:
        return
    key = key_of(session)
    await drop_rows(tenant_id, key)
    async with tenant_scope(system("prepare", tenant_id)) as scope:
        await drop_progress(scope, session_id)
        await queries.drop_batches_and_exclusions(scope, key)


async def drop_left_over() -> int:
    """Use case of the clock: sessions whose preparing worker died and that were cancelled then."""
    async with platform_scope(system("prepare"), "left preparations") as scope:
        left = await queries.left_prepared(scope, EVALUATION_ROWS_MAX)
    for row in left:
        await drop_unheld(row["tenant_id"], row["session_id"])
    return len(left)
