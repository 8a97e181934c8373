"""Given times settled into instants, and the dates a repeat will have."""

from datetime import datetime, timedelta
from typing import Any

from backend.campaigns.local_times import read_local, settle, shown_local, write_local
from backend.campaigns.recurrence import (
    YEARS_MAX,
    Frequency,
    Occurrence,
    Repeat,
    clamped,
    occurrences,
)
from backend.campaigns.schemas.schedules import (
    AHEAD_DAYS_MAX,
    OCCURRENCES_SHOWN,
    OccurrenceView,
    Schedule,
    ScheduleInput,
    SchedulePreview,
    ScheduleTime,
)
from backend.db.scope import tenant_scope
from backend.kernel.errors import FieldError, InvalidInput, invalid_field
from backend.kernel.principal import Principal


async def preview_schedule(principal: Principal, given: ScheduleInput) -> SchedulePreview:
    """What a person confirms. Raises what `settle_schedule` raises."""
    async with tenant_scope(principal) as scope:
        schedule = settle_schedule(given, scope.now)
    dates = occurrences_of(schedule)
    shown = [occurrence_view(one, schedule.zone) for one in dates]
    return SchedulePreview(
        local=schedule.local,
        zone=schedule.zone,
        at=schedule.at,
        occurrences=shown[:OCCURRENCES_SHOWN],
        total=len(shown),
        last=shown[-1],
    )


def settle_schedule(given: ScheduleTime, now: datetime, pointer: str = "") -> Schedule:
    """Raises InvalidInput `date_invalid`, `timezone_unknown`, `date_nonexistent`,
    `date_ambiguous` (with `choices`), `date_past`, `date_too_far`, `until_before_first`.
    """
    try:
        local = read_local(given.local)
        at = settle(local, given.zone, given.dst)
        _check_range(at, now)
        repeat = given.repeat if isinstance(given, ScheduleInput) else None
        if repeat is not None and repeat.frequency is Frequency.NEVER:
            repeat = None
        if repeat is not None:
            _check_end(local, repeat)
    except InvalidInput as error:
        errors = [FieldError(pointer + e.pointer, e.code, e.message) for e in error.errors]
        raise InvalidInput(error.code, error.detail, errors=errors, **error.facts) from error
    return Schedule(
        local=write_local(local),
        zone=given.zone,
        at=at,
        max_lateness_minutes=given.max_lateness_minutes,
        dst=given.dst,
        repeat=repeat,
    )


def _check_range(at: datetime, now: datetime) -> None:
    if at <= now:
        raise invalid_field("/local", "date_past", "this time has passed", now=now.isoformat())
    latest = now + timedelta(days=AHEAD_DAYS_MAX)
    if at > latest:
        raise invalid_field(
            "/local", "date_too_far", "at most a year ahead", latest=latest.isoformat()
        )


def _check_end(local: datetime, repeat: Repeat) -> None:
    if repeat.until is None:
        return
    if repeat.until < local.date():
        message = "the last day is before the first send"
        raise invalid_field("/repeat/until", "until_before_first", message)
    latest = clamped(local.year + YEARS_MAX, local.month, local.day)
    if repeat.until > latest:
        raise invalid_field(
            "/repeat/until", "date_too_far", "at most three years", latest=latest.isoformat()
        )


def occurrences_of(schedule: Schedule) -> list[Occurrence]:
    repeat = schedule.repeat or Repeat(frequency=Frequency.NEVER)
    return list(occurrences(read_local(schedule.local), schedule.at, schedule.zone, repeat))


def occurrence_view(one: Occurrence, zone: str) -> OccurrenceView:
    return OccurrenceView(number=one.number, local=shown_local(one.at, zone), at=one.at)


def due_columns(schedule: Schedule | None) -> dict[str, Any]:
    """Of a session that is submitted with this schedule; None: as soon as it is approved."""
    if schedule is None:
        return {"due_at": None, "due_local": None, "due_zone": None}
    return {
        "due_at": schedule.at,
        "due_local": schedule.local,
        "due_zone": schedule.zone,
        "max_lateness_minutes": schedule.max_lateness_minutes,
    }
