"""People who let a waiting session go on: a confirmed new price, a missed one sent now."""

from datetime import timedelta
from uuid import UUID

from backend.campaigns.schemas.content import content_hash
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.contents import read_content_version
from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import APPROVAL_DAYS_MAX, SessionEvent, SessionState
from backend.db.scope import Scope, tenant_scope
from backend.delivery.schemas import PriceConfirmation, Standing
from backend.kernel.errors import Conflict
from backend.kernel.principal import Principal


async def confirm_price(
    principal: Principal, session_id: UUID, data: PriceConfirmation
) -> Standing:
    """At dispatch the price was over the ceiling; the person agrees to a new one.

    Raises Conflict `ceiling_too_low` when it is below the one confirmed before. Prepared from
    nothing, so what it costs now is compared with the new ceiling again.
    """
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if session.ceiling_credits is not None and data.ceiling_credits <= session.ceiling_credits:
            raise Conflict(
                "ceiling_too_low",
                "the new ceiling must be above the one that was passed",
                ceiling_credits=session.ceiling_credits,
            )
        moved = await move_session(
            scope,
            session,
            SessionEvent.CONFIRM,
            facts={"ceiling_credits": data.ceiling_credits},
            ceiling_credits=data.ceiling_credits,
        )
        answer = Standing(id=session_id, state=moved.state)
        await scope.answer(answer, 200)
        return answer


async def send_missed_now(principal: Principal, session_id: UUID) -> Standing:
    """With a valid approval it is prepared; without one it goes through screening again."""
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        is_valid = session.state is SessionState.MISSED and await _is_approved(scope, session)
        event = SessionEvent.SEND_NOW if is_valid else SessionEvent.SUBMIT_AGAIN
        moved = await move_session(scope, session, event, tries=0)
        answer = Standing(id=session_id, state=moved.state)
        await scope.answer(answer, 200)
        return answer


async def _is_approved(scope: Scope, session: SessionRow) -> bool:
    """This version approved, not revoked, its hash still equal, at most 90 days ago."""
    if session.approved_hash is None or session.revoked_at is not None:
        return False
    if session.approved_version != session.content_version or session.approved_at is None:
        return False
    if session.approved_at < scope.now - timedelta(days=APPROVAL_DAYS_MAX):
        return False
    version = await read_content_version(scope, session.id, session.content_version)
    return content_hash(version.content) == session.approved_hash
