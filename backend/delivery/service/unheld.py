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


async def drop_rows(tenant_id: UUID, key: SessionKey, generation: int) -> None:
    """Messages up to that generation: a later one may be written, or sent, at this moment."""
    while True:
        async with tenant_scope(system("prepare", tenant_id)) as scope:
            if not await queries.drop_some_messages(scope, key, generation):
                return


async def drop_unheld(tenant_id: UUID, session_id: UUID) -> None:
    """Rows of a preparation that ended without a hold; nothing where one is under way."""
    async with tenant_scope(system("prepare", tenant_id)) as scope:
        session = await read_session(scope, session_id)
    if not _is_left(session):
        return
    key = key_of(session)
    await drop_rows(tenant_id, key, session.generation)
    async with tenant_scope(system("prepare", tenant_id)) as scope:
        # Credits may have come meanwhile, and with them a preparation that drops for itself.
        now = await read_session(scope, session_id, is_locked=True)
        if _is_left(now) and now.generation == session.generation:
            await drop_progress(scope, session_id)
            await queries.drop_batches_and_exclusions(scope, key)


def _is_left(session: SessionRow) -> bool:
    is_under_way = session.state is SessionState.PREPARING
    return not is_under_way and session.session_day is not None and session.hold_id is None


async def drop_left_over() -> int:
    """Use case of the clock: sessions whose preparing worker died and that were cancelled then."""
    async with platform_scope(system("prepare"), "left preparations") as scope:
        left = await queries.left_prepared(scope, EVALUATION_ROWS_MAX)
    for row in left:
        await drop_unheld(row["tenant_id"], row["session_id"])
    return len(left)
