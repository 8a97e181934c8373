"""People who take occurrences out of a series, or end it: what waits is cancelled with its case."""

from uuid import UUID

from backend.campaigns.schemas.series import OccurrenceSkip, SeriesView
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.moves import move_session
from backend.campaigns.service.series import (
    change_series,
    move_series,
    occurrence_sessions,
    read_series_row,
    series_view,
    undecided_sessions,
)
from backend.campaigns.states import SeriesEvent, SeriesState, SessionEvent, SessionState
from backend.db.scope import Scope, tenant_scope
from backend.delivery.service.steps import given
from backend.delivery.service.stopping import IN_VALIDATION
from backend.kernel.errors import StateConflict, invalid_field
from backend.kernel.principal import Principal


async def skip_occurrence(
    principal: Principal, series_id: UUID, data: OccurrenceSkip
) -> SeriesView:
    """One that is still to come; the others go on. Twice is once.

    Raises InvalidInput `occurrence_unknown`, StateConflict `series_ended`, `occurrence_started`.
    """
    async with tenant_scope(principal) as scope:
        current = await read_series_row(scope, series_id, lock="FOR UPDATE")
        if current.state is SeriesState.ENDED:
            raise StateConflict("series_ended", "this series has ended", series_id=str(series_id))
        if all(one.number != data.number for one in current.occurrences()):
            raise invalid_field("/number", "occurrence_unknown", "the series has no such date")
        session = (await occurrence_sessions(scope, series_id, [data.number])).get(data.number)
        if session is not None:
            await _take_out(scope, session)
        if data.number not in current.skipped:
            skipped = sorted({*current.skipped, data.number})
            current = await change_series(scope, current, skipped=skipped)
        view = await series_view(scope, current)
        await scope.answer(view, 200)
    return view


async def end_series(principal: Principal, series_id: UUID) -> SeriesView:
    """For good: what is not being sent yet is cancelled. Raises StateConflict."""
    async with tenant_scope(principal) as scope:
        current = await read_series_row(scope, series_id, lock="FOR UPDATE")
        moved = await move_series(scope, current, SeriesEvent.END, reason="tenant")
        for session in await undecided_sessions(scope, series_id):
            await _take_out(scope, session)
        view = await series_view(scope, moved)
        await scope.answer(view, 200)
    return view


async def _take_out(scope: Scope, session: SessionRow) -> None:
    """To its end: in validation over the draft it becomes, and its case is closed."""
    if session.state is SessionState.CANCELLED:
        return
    if session.state in IN_VALIDATION:
        session = await move_session(scope, session, SessionEvent.CANCEL)
        await given().withdraw_case(scope, session.id, "withdrawn")
    event = SessionEvent.CANCEL
    if session.state is SessionState.DRAFT:
        event = SessionEvent.DISCARD
    elif session.state not in {SessionState.APPROVED, SessionState.SCHEDULED, SessionState.MISSED}:
        raise StateConflict(
            "occurrence_started",
            f"this occurrence is {session.state} already",
            session_id=str(session.id),
            state=session.state.value,
        )
    await move_session(scope, session, event, completed_at=scope.now)
