"""Series: begun by the first approval, paused, resumed, looked at. Occurrences are made beside."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import to_builtins
from msgspec.structs import replace

from backend.audit.service import record
from backend.campaigns.local_times import shown_local
from backend.campaigns.queries import campaigns, contents, series
from backend.campaigns.schemas.content import read_draft
from backend.campaigns.schemas.forecast import PlannedSend
from backend.campaigns.schemas.schedules import OCCURRENCES_SHOWN
from backend.campaigns.schemas.series import SeriesDate, SeriesRow, SeriesView
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.states import SERIES_TRANSITIONS, SeriesEvent, SeriesState
from backend.db.pages import check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import StateConflict, invalid_field
from backend.kernel.faults import point
from backend.kernel.principal import Principal
from backend.kernel.views import Page

SERIES_OF_TENANT_MAX = 200
RETURNED = "returned"
"""Why a series paused: an occurrence became a draft again."""


async def begin_series(scope: Scope, session: SessionRow) -> dict[str, Any]:
    """A step of the move that schedules an approved session: what it changes of the session.
    Nothing where it does not repeat, or is an occurrence already.
    """
    schedule = read_draft(session.draft).schedule
    repeats = session.schedule_kind == "repeat" and session.series_id is None
    if not repeats or schedule is None or schedule.repeat is None or session.quote_id is None:
        return {}
    begun = await series.insert(
        scope,
        {
            "campaign_id": session.campaign_id,
            "first_local": schedule.local,
            "zone": schedule.zone,
            "first_at": schedule.at,
            "repeat": to_builtins(schedule.repeat),
            "max_lateness_minutes": session.max_lateness_minutes,
            "next_number": 2,
            **await _source(scope, session, session.quote_id),
        },
    )
    await record(scope, "series.begun", f"series:{begun.id}", session_id=str(session.id))
    return {"series_id": begun.id, "occurrence_number": 1}


async def adopt_submission(scope: Scope, session: SessionRow) -> None:
    """A step: what a person submits for one occurrence is what the following ones send."""
    if session.series_id is None or session.quote_id is None:
        return
    current = await series.read(scope, session.series_id, lock="FOR UPDATE")
    changes = await _source(scope, session, session.quote_id)
    if current.state is SeriesState.PAUSED and current.reason == RETURNED:
        # What made it pause is put right by this.
        changes |= {"reason": None, "excused_number": session.occurrence_number}
        await move_series(scope, current, SeriesEvent.RESUME, **changes)
    else:
        await change_series(scope, current, **changes)


async def _source(scope: Scope, session: SessionRow, quote_id: UUID) -> dict[str, Any]:
    draft = replace(read_draft(session.draft), schedule=None)
    quote = await contents.read_quote(scope, session.id, quote_id)
    return {
        "source_session_id": session.id,
        "source_version": session.content_version,
        "draft": to_builtins(draft),
        "quote_id": quote_id,
        "price_version": session.price_version,
        "ceiling_credits": session.ceiling_credits,
        "credits": quote.credits,
        "confirmed_by": session.submitted_by,
        "confirmed_at": session.submitted_at,
    }


async def read_series_row(scope: Scope, series_id: UUID, *, lock: str = "") -> SeriesRow:
    """Raises NotFound."""
    return await series.read(scope, series_id, lock=lock)


occurrence_sessions = series.sessions_of
undecided_sessions = series.undecided_sessions


async def is_series_paused(scope: Scope, series_id: UUID) -> bool:
    """And stays so until this transaction ends. One that ended took with it what waited then."""
    return (await series.read(scope, series_id, lock="FOR SHARE")).state is SeriesState.PAUSED


async def move_series(
    scope: Scope, current: SeriesRow, event: SeriesEvent, **changes: Any
) -> SeriesRow:
    """Move what the caller read, or raise StateConflict and change nothing."""
    to = SERIES_TRANSITIONS.get((current.state, event))
    if to is None:
        raise StateConflict(
            "not_in_state",
            f"a series that is {current.state} does not take {event}",
            series_id=str(current.id),
            state=current.state.value,
            event=event.value,
        )
    moved = await change_series(scope, current, to, **changes)
    await record(
        scope, f"series.{event.value}", f"series:{current.id}", reason=changes.get("reason")
    )
    return moved


async def change_series(
    scope: Scope, current: SeriesRow, to: SeriesState | None = None, **changes: Any
) -> SeriesRow:
    changed = await series.change(scope, current, to or current.state, changes)
    if changed is None:
        raise StateConflict(detail="the series changed meanwhile", series_id=str(current.id))
    point("campaigns.series_changed")
    return changed


async def pause_series(principal: Principal, series_id: UUID) -> SeriesView:
    """What is due while it is paused is cancelled at its time; nothing starts after the answer."""
    async with tenant_scope(principal) as scope:
        current = await series.read(scope, series_id, lock="FOR UPDATE")
        moved = await move_series(scope, current, SeriesEvent.PAUSE, reason="tenant")
        view = await series_view(scope, moved)
        await scope.answer(view, 200)
    return view


async def resume_series(principal: Principal, series_id: UUID) -> SeriesView:
    """From the next date that is still to come. What made it pause is not held against it again."""
    async with tenant_scope(principal) as scope:
        current = await series.read(scope, series_id, lock="FOR UPDATE")
        left = current.occurrences(after=current.next_number - 1)
        passed = sum(one.at <= scope.now for one in left)
        moved = await move_series(
            scope,
            current,
            SeriesEvent.RESUME,
            reason=None,
            next_number=current.next_number + passed,
            excused_number=current.next_number - 1,
        )
        view = await series_view(scope, moved)
        await scope.answer(view, 200)
    return view


async def check_before_next(scope: Scope, session: SessionRow, at: datetime) -> None:
    """Raises InvalidInput `after_next_occurrence`: occurrences keep their order."""
    if session.series_id is None or session.occurrence_number is None:
        return
    current = await series.read(scope, session.series_id)
    following = current.occurrences(after=session.occurrence_number)
    if following and at >= following[0].at:
        raise invalid_field(
            "/local",
            "after_next_occurrence",
            "the next one of this series would come first",
            next_at=following[0].at.isoformat(),
        )


async def planned_occurrences(scope: Scope, horizon: datetime) -> list[PlannedSend]:
    """A step: what active series will send that is no session yet."""
    active = await series.page(scope, None, SeriesState.ACTIVE.value, None, SERIES_OF_TENANT_MAX)
    planned = []
    for each in active:
        name = (await campaigns.read(scope, each.campaign_id))["name"]
        planned += [
            PlannedSend(
                due_at=one.at,
                credits=each.credits,
                session_id=None,
                series_id=each.id,
                campaign_name=name,
            )
            for one in each.occurrences(after=each.next_number - 1)
            if scope.now < one.at <= horizon and one.number not in each.skipped
        ]
    return planned


async def read_series(principal: Principal, series_id: UUID) -> SeriesView:
    async with tenant_scope(principal) as scope:
        return await series_view(scope, await series.read(scope, series_id))


async def list_series(
    principal: Principal,
    campaign_id: UUID | None,
    state: SeriesState | None,
    cursor: str | None,
    limit: int,
) -> Page[SeriesView]:
    """Newest first."""
    wanted = state.value if state else None
    async with tenant_scope(principal) as scope:
        rows = await series.page(scope, campaign_id, wanted, cursor_id(cursor), check_limit(limit))
        items = [await series_view(scope, row) for row in rows]
    shown = [{"id": row.id} for row in rows]
    return Page(items=items, next_cursor=next_cursor(shown, limit, "id"))


async def series_view(scope: Scope, row: SeriesRow) -> SeriesView:
    """A step."""
    every = row.occurrences()
    coming = [one for one in every if one.at > scope.now][:OCCURRENCES_SHOWN]
    if row.state is SeriesState.ENDED:
        coming = []
    standing = await series.sessions_of(scope, row.id, [one.number for one in coming])
    found = {one.number: standing.get(one.number) for one in coming}
    upcoming = [
        SeriesDate(
            number=one.number,
            local=shown_local(one.at, row.zone),
            at=one.at,
            is_skipped=one.number in row.skipped,
            session_id=session.id if session else None,
            session_state=session.state if session else None,
        )
        for one, session in zip(coming, found.values(), strict=True)
    ]
    return SeriesView(
        **{name: getattr(row, name) for name in _COPIED},
        campaign_name=(await campaigns.read(scope, row.campaign_id))["name"],
        total=len(every),
        upcoming=upcoming,
    )


_COPIED = (
    *("id", "campaign_id", "state", "reason", "first_local", "zone", "first_at", "repeat"),
    *("ceiling_credits", "credits", "confirmed_by", "confirmed_at", "created_at"),
)
