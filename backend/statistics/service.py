"""The desk's numbers: folded by the clock, added up for a page."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import invalid_field
from backend.kernel.principal import Principal, StaffRole, system
from backend.moderation.service.desk_rules import rules_in_force
from backend.statistics import queries
from backend.statistics.schemas import (
    CoverageHour,
    DeskHourRow,
    DeskNumbersView,
    HourFigures,
    LaneFigures,
    LaneHourRow,
    ModeratorFigures,
    RulingFigures,
)
from backend.statistics.waits import quantile_seconds

SETTLED_AFTER: Final = timedelta(minutes=10)
"""A decision counts ten seconds after it was made; an hour is final well after its end."""
HOURS_FOLDED_AT_ONCE_MAX: Final = 200
DAYS_MAX: Final = 31
COVERAGE_HOURS: Final = 7 * 24
Row = TypeVar("Row")
Key = TypeVar("Key", bound=Hashable)


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


async def fold_desk_hours() -> bool:
    """The running hour and every hour that is not final. Whether more hours wait to be folded."""
    async with platform_scope(system("statistics"), "fold the desk's hours") as scope:
        fold = await queries.lock_fold(scope)
        if fold is None:
            return False
        current = hour_of(scope.now)
        hour: datetime = fold["next_hour"] or await queries.first_hour(scope) or current
        targets = await _targets(scope)
        last = min(current, hour + (HOURS_FOLDED_AT_ONCE_MAX - 1) * queries.HOUR)
        while hour <= last:
            await queries.fold_rulings(scope, hour, targets)
            await queries.fold_arrivals(scope, hour)
            hour += queries.HOUR
        if last == current:
            await queries.note_waiting(scope, current)
        is_settled = scope.now - last >= SETTLED_AFTER
        following = last if is_settled else last - queries.HOUR
        await queries.note_fold(scope, following if last == current else hour)
        return last < current


async def _targets(scope: Scope) -> dict[str, timedelta]:
    """By when a case of a kind is due that names no time itself: as the desk's rules say now."""
    targets = (await rules_in_force(scope)).rules.targets_minutes
    return {name: timedelta(minutes=value) for name, value in msgspec.to_builtins(targets).items()}


def check_days(days: int) -> int:
    if not 1 <= days <= DAYS_MAX:
        raise invalid_field(
            "/query/days", "invalid_parameter", f"1 to {DAYS_MAX}", allowed_max=DAYS_MAX
        )
    return days


async def read_desk_numbers(principal: Principal, days: int, lane: str | None) -> DeskNumbersView:
    """The last `days` × 24 hours and the one that runs. Raises InvalidInput."""
    check_days(days)
    async with platform_scope(principal, "the desk's numbers") as scope:
        current = hour_of(scope.now)
        since = current - days * 24 * queries.HOUR
        covered_since = current - COVERAGE_HOURS * queries.HOUR
        first = min(since, covered_since)
        rulings = await queries.desk_hours(scope, first)
        arrivals = await queries.lane_hours(scope, first)
        now = await queries.lanes_now(scope)
        folded_at = await queries.folded_at(scope)
        shortest = min((await _targets(scope)).values())
    coverage = _coverage(rulings, arrivals, shortest, covered_since, current)
    ours = [row for row in rulings if row.hour >= since and lane in (None, row.lane)]
    came = [row for row in arrivals if row.hour >= since and lane in (None, row.lane)]
    total = _figures(ours)
    worked = len({row.hour for row in ours if row.decided})
    return DeskNumbersView(
        since=since,
        folded_at=folded_at,
        lanes_now=now,
        total=total,
        opened=sum(row.opened for row in came),
        lapsed=sum(row.lapsed for row in came),
        hours_of_work=worked,
        decided_per_hour=_rate(total.decided, worked),
        hours=_hours(ours, came, since, current),
        lanes=_lanes(ours, came),
        moderators=_moderators(ours, _seen_by(principal)),
        coverage=coverage,
    )


def _seen_by(principal: Principal) -> UUID | None:
    """Leads compare; everybody else reads their own figures. None: everybody's."""
    return None if StaffRole.LEAD in principal.staff_roles else principal.account_id


def _grouped(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _rate(decided: int, hours: int) -> float:
    return round(decided / hours, 1) if hours else 0.0


def _figures(rows: Sequence[DeskHourRow]) -> RulingFigures:
    waits: Counter[int] = Counter()
    for row in rows:
        waits.update(dict(zip(row.wait_buckets, row.wait_cases, strict=True)))
    return RulingFigures(
        decided=sum(row.decided for row in rows),
        approved=sum(row.approved for row in rows),
        changes_requested=sum(row.changes_requested for row in rows),
        refused=sum(row.refused for row in rows),
        late=sum(row.late for row in rows),
        overturned=sum(row.overturned for row in rows),
        median_seconds=quantile_seconds(waits, 0.5),
        p95_seconds=quantile_seconds(waits, 0.95),
    )


def _every_hour(since: datetime, until: datetime) -> list[datetime]:
    return [since + n * queries.HOUR for n in range((until - since) // queries.HOUR + 1)]


def _hours(
    rulings: list[DeskHourRow], arrivals: list[LaneHourRow], since: datetime, until: datetime
) -> list[HourFigures]:
    ruled = _grouped(rulings, lambda row: row.hour)
    came = _grouped(arrivals, lambda row: row.hour)
    return [
        HourFigures(
            hour=hour,
            opened=sum(row.opened for row in came.get(hour, ())),
            lapsed=sum(row.lapsed for row in came.get(hour, ())),
            waiting=_added(row.waiting for row in came.get(hour, ())),
            oldest_seconds=_most(row.oldest_seconds for row in came.get(hour, ())),
            moderators=_people(ruled.get(hour, ())),
            figures=_figures(ruled.get(hour, [])),
        )
        for hour in _every_hour(since, until)
    ]


def _people(rows: Iterable[DeskHourRow]) -> int:
    return len({row.moderator_id for row in rows if row.decided})


def _added(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _most(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


def _lanes(rulings: list[DeskHourRow], arrivals: list[LaneHourRow]) -> list[LaneFigures]:
    ruled = _grouped(rulings, lambda row: row.lane)
    came = _grouped(arrivals, lambda row: row.lane)
    return [
        LaneFigures(
            lane=lane,
            opened=sum(row.opened for row in came.get(lane, ())),
            lapsed=sum(row.lapsed for row in came.get(lane, ())),
            figures=_figures(ruled.get(lane, [])),
        )
        for lane in sorted(ruled.keys() | came.keys())
    ]


def _moderators(rulings: list[DeskHourRow], only: UUID | None) -> list[ModeratorFigures]:
    shown = []
    for moderator_id, rows in _grouped(rulings, lambda row: row.moderator_id).items():
        if only not in (None, moderator_id):
            continue
        figures = _figures(rows)
        hours = len({row.hour for row in rows if row.decided})
        shown.append(
            ModeratorFigures(
                moderator_id=moderator_id,
                name=rows[-1].moderator_name,
                hours=hours,
                per_hour=_rate(figures.decided, hours),
                figures=figures,
            )
        )
    return sorted(shown, key=lambda one: (-one.figures.decided, one.name))


def _is_asked(row: LaneHourRow, shortest: timedelta) -> bool:
    """Whether somebody had to decide in this hour: a case lapsed, or waited at the hour's last
    look for longer than the shortest target. One that came in just before the hour's end may be
    decided in the next. An hour that was never looked at (the clock stood still) counts what came.
    """
    if row.waiting is None:
        return row.opened + row.lapsed > 0
    return row.lapsed > 0 or (row.oldest_seconds or 0) > shortest.total_seconds()


def _coverage(
    rulings: list[DeskHourRow],
    arrivals: list[LaneHourRow],
    shortest: timedelta,
    since: datetime,
    until: datetime,
) -> list[CoverageHour]:
    ruled = _grouped(rulings, lambda row: row.hour)
    asked = {row.hour for row in arrivals if _is_asked(row, shortest)}
    return [
        CoverageHour(
            hour=hour,
            decided=sum(row.decided for row in ruled.get(hour, ())),
            moderators=_people(ruled.get(hour, ())),
            is_covered=_people(ruled.get(hour, ())) > 0 or hour not in asked,
        )
        for hour in _every_hour(since, until - queries.HOUR)
    ]


async def read_hour_rows(principal: Principal, days: int) -> list[DeskHourRow]:
    """For the file: every hour, lane and moderator. Raises InvalidInput."""
    check_days(days)
    async with platform_scope(principal, "export the desk's numbers") as scope:
        return await queries.desk_hours(scope, hour_of(scope.now) - days * 24 * queries.HOUR)
