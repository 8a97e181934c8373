"""People who let a waiting session go on: a price confirmed, a missed one sent, a time moved."""

from datetime import timedelta
from uuid import UUID

from msgspec import to_builtins
from msgspec.structs import replace

from backend.campaigns.schemas.content import content_hash, read_draft
from backend.campaigns.schemas.schedules import ScheduleTime
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.contents import read_content_version
from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.service.schedules import due_columns, settle_schedule
from backend.campaigns.service.series import check_before_next
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
    """With a valid approval it is prepared; without one it goes through screening again. Its old
    due time goes: kept, it would be missed again at the next step.
    """
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        is_valid = session.state is SessionState.MISSED and await _is_approved(scope, session)
        if session.schedule_kind == "repeat" and session.series_id is None:
            raise Conflict(
                "reschedule_instead", "a series begins at a time: choose a new first one"
            )
        event = SessionEvent.SEND_NOW if is_valid else SessionEvent.SUBMIT_AGAIN
        was = session.due_at.isoformat() if session.due_at else None
        moved = await move_session(
            scope,
            session,
            event,
            facts={"was_due_at": was},
            tries=0,
            failure=None,
            **due_columns(None),
        )
        answer = Standing(id=session_id, state=moved.state)
        await scope.answer(answer, 200)
        return answer


async def reschedule_session(
    principal: Principal, session_id: UUID, data: ScheduleTime
) -> Standing:
    """A scheduled session keeps its approval; a missed one too where it is still valid, else it is
    screened again with the new time. Raises what `settle_schedule` raises, StateConflict.
    """
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        event = SessionEvent.MOVE_TIME
        if session.state is SessionState.MISSED:
            is_valid = await _is_approved(scope, session)
            event = SessionEvent.SCHEDULE if is_valid else SessionEvent.SUBMIT_AGAIN
        draft = read_draft(session.draft)
        schedule = settle_schedule(data, scope.now)
        if session.state is SessionState.SCHEDULED:
            await check_before_next(scope, session, schedule.at)
        if draft.schedule is not None:
            schedule = replace(schedule, repeat=draft.schedule.repeat)
        moved = await move_session(
            scope,
            session,
            event,
            facts={"due_at": schedule.at.isoformat(), "zone": schedule.zone},
            tries=0,
            failure=None,
            draft=to_builtins(replace(draft, schedule=schedule)),
            draft_version=session.draft_version + 1,
            **due_columns(schedule),
        )
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
