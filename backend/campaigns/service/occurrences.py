"""The clock of series: when one occurrence is decided, the next becomes a session.

Any number of clocks: the series' row is locked, its number moves on by compare-and-set, and an
occurrence is one row whatever happens (index `campaign_sessions_occurrence`).
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from msgspec import to_builtins
from msgspec.structs import replace

from backend.campaigns.local_times import write_local
from backend.campaigns.queries import contents, series
from backend.campaigns.recurrence import Occurrence
from backend.campaigns.schemas.content import read_draft
from backend.campaigns.schemas.schedules import Schedule
from backend.campaigns.schemas.series import SeriesRow
from backend.campaigns.service.contents import freeze_version
from backend.campaigns.service.moves import move_session, note_opened
from backend.campaigns.service.prices import QUOTED_PRICE_DAYS_MAX
from backend.campaigns.service.quotes import check_daily_cap
from backend.campaigns.service.schedules import due_columns
from backend.campaigns.service.series import RETURNED, change_series, move_series
from backend.campaigns.states import (
    MISSED_DAYS_MAX,
    SeriesEvent,
    SeriesState,
    SessionEvent,
    SessionState,
)
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import Conflict, Forbidden
from backend.kernel.faults import point
from backend.kernel.principal import system

SERIES_ROWS_MAX = 500
MISSED_ROWS_MAX = 50
"""Written in one transaction; what is left comes with the next."""
_log = structlog.get_logger("clearsend.campaigns")


async def advance_series() -> int:
    """Use case of the clock; the number of series that moved on."""
    moved = 0
    after: UUID | None = None
    while True:
        async with platform_scope(system("series"), "series to continue") as scope:
            rows = await series.ready(scope, after, SERIES_ROWS_MAX)
        for row in rows:
            try:
                moved += await continue_series(row["tenant_id"], row["id"])
            except Conflict:
                continue  # another clock, or a person, was first
            except Exception:  # noqa: BLE001 - logged with its series; it holds up no other
                _log.exception("series not continued", series_id=str(row["id"]))
        if len(rows) < SERIES_ROWS_MAX:
            return moved
        after = rows[-1]["id"]


async def continue_series(tenant_id: UUID, series_id: UUID) -> bool:
    """The next occurrence, the missed ones before it, a pause or the end; False: nothing is due."""
    async with tenant_scope(system("series", tenant_id)) as scope:
        current = await series.read(scope, series_id, lock="FOR UPDATE")
        if current.state is not SeriesState.ACTIVE:
            return False
        tripped = await series.tripped_by(scope, series_id, current.excused_number)
        if tripped is not None:
            reason = RETURNED if tripped == "draft" else tripped
            await move_series(scope, current, SeriesEvent.PAUSE, reason=reason)
            return True
        if await series.has_undecided(scope, series_id):
            return False
        refusal = await _cap(scope, current)
        if refusal is not None:
            await move_series(scope, current, SeriesEvent.PAUSE, reason=refusal)
            return True
        reached = await _open_next(scope, current)
        if reached is None:
            await move_series(scope, current, SeriesEvent.END, reason="finished")
        else:
            await change_series(scope, current, next_number=reached + 1)
        point("campaigns.occurrence")
        return True


async def _open_next(scope: Scope, current: SeriesRow) -> int | None:
    """The number reached; None where none is left."""
    lateness = timedelta(minutes=current.max_lateness_minutes)
    reached: int | None = None
    missed = 0
    for one in current.occurrences(after=current.next_number - 1):
        reached = one.number
        if one.number in current.skipped:
            continue
        if scope.now - one.at <= lateness:
            await _submit(scope, current, one)
            return reached
        await _note_missed(scope, current, one)
        missed += 1
        if missed == MISSED_ROWS_MAX:
            return reached
    if missed:
        return reached  # the end comes with the next look, behind what was missed
    return None


async def _cap(scope: Scope, current: SeriesRow) -> str | None:
    """The daily cap of who may send little, counted as for a person's submission."""
    if not (await read_tenant_facts(scope)).is_template_only:
        return None
    quote = await contents.read_quote(scope, current.source_session_id, current.quote_id)
    await contents.lock_daily_cap(scope)
    try:
        await check_daily_cap(scope, current.id, quote.recipients)
    except Forbidden as refused:
        return refused.code
    return None


def _columns(scope: Scope, current: SeriesRow, one: Occurrence) -> dict[str, Any]:
    """What every occurrence begins with. The price of the confirmed quote holds for 30 days."""
    schedule = Schedule(
        local=write_local(one.local),
        zone=current.zone,
        at=one.at,
        max_lateness_minutes=current.max_lateness_minutes,
    )
    draft = replace(read_draft(current.draft), schedule=schedule)
    is_fresh = one.at - current.confirmed_at <= timedelta(days=QUOTED_PRICE_DAYS_MAX)
    return {
        "draft": to_builtins(draft),
        "ceiling_credits": current.ceiling_credits,
        "price_version": current.price_version if is_fresh else None,
        "submitted_by": current.confirmed_by,
        "submitted_at": scope.now,
        **due_columns(schedule),
    }


async def _submit(scope: Scope, current: SeriesRow, one: Occurrence) -> None:
    """Through screening like every submission: there it inherits the approval, or waits."""
    columns = _columns(scope, current, one)
    made = await series.insert_occurrence(
        scope, current, one.number, SessionState.DRAFT, {"draft": columns.pop("draft")}
    )
    if made is None:
        return
    source = await contents.read_version(scope, current.source_session_id, current.source_version)
    quote_id = await series.copy_quote(scope, current.quote_id, made.id)
    moved = await move_session(
        scope,
        made,
        SessionEvent.SUBMIT,
        facts={"version": 1, "hash": source.hash, "series_id": str(current.id)},
        content_version=1,
        quote_id=quote_id,
        **columns,
    )
    await freeze_version(scope, moved, source.content)


async def _note_missed(scope: Scope, current: SeriesRow, one: Occurrence) -> None:
    """Its time passed while nothing of ours ran: visible, and never sent by itself."""
    made = await series.insert_occurrence(
        scope,
        current,
        one.number,
        SessionState.MISSED,
        {
            **_columns(scope, current, one),
            "content_version": 1,
            "failure": "platform_down",
            "deadline_at": scope.now + timedelta(days=MISSED_DAYS_MAX),
        },
    )
    if made is None:
        return
    source = await contents.read_version(scope, current.source_session_id, current.source_version)
    await freeze_version(scope, made, source.content)
    await note_opened(scope, made, SessionEvent.LAPSE, {"due_at": one.at.isoformat()})
