"""Folding rulings into hours, and reading the hours. All in a platform scope."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from backend.db.scope import Scope
from backend.statistics.schemas import DeskHourRow, LaneHourRow, LaneNow
from backend.statistics.waits import BUCKET_MAX, BUCKET_RATIO

HOUR = timedelta(hours=1)

# One row per case of the hour, and one per ruling that was taken back in it.
_FOLD = (
    "WITH ruled AS (SELECT r.lane, r.decided_by, r.decided_by_name, r.verdict,"
    " coalesce((r.decided_at > coalesce(r.due_at, r.opened_at"
    " + ($4::interval[])[array_position($3::text[], r.kind)]))::int, 0) AS late,"
    " 0 AS overturned,"
    " extract(epoch FROM r.decided_at - r.opened_at) AS seconds"
    " FROM pub_moderation_rulings r WHERE r.decided_at >= $1 AND r.decided_at < $2),"
    " events AS (SELECT lane, decided_by, decided_by_name, verdict, late, overturned,"
    " CASE WHEN seconds < 1 THEN 0"
    f" ELSE least({BUCKET_MAX}, 1 + floor(ln(seconds) / ln({BUCKET_RATIO}))) END::smallint"
    " AS bucket FROM ruled"
    " UNION ALL SELECT o.lane, o.decided_by, o.decided_by_name, NULL, 0, 1, NULL"
    " FROM pub_moderation_overturns o WHERE o.overturned_at >= $1 AND o.overturned_at < $2),"
    " counted AS (SELECT lane, decided_by, max(decided_by_name) AS name, bucket,"
    " count(*) FILTER (WHERE verdict = 'approve') AS approved,"
    " count(*) FILTER (WHERE verdict = 'request_changes') AS changes_requested,"
    " count(*) FILTER (WHERE verdict = 'refuse') AS refused,"
    " sum(late) AS late, sum(overturned) AS overturned, count(*) AS cases"
    " FROM events GROUP BY lane, decided_by, bucket)"
    " INSERT INTO desk_hours (hour, lane, moderator_id, moderator_name, approved,"
    " changes_requested, refused, late, overturned, wait_buckets, wait_cases)"
    " SELECT $1, lane, decided_by, max(name), sum(approved), sum(changes_requested),"
    " sum(refused), sum(late), sum(overturned),"
    " coalesce(array_agg(bucket ORDER BY bucket) FILTER (WHERE bucket IS NOT NULL), '{}'),"
    " coalesce(array_agg(cases ORDER BY bucket) FILTER (WHERE bucket IS NOT NULL), '{}')"
    " FROM counted GROUP BY lane, decided_by"
)


async def lock_fold(scope: Scope) -> Any:
    """None while another clock folds."""
    return await scope.row("SELECT next_hour FROM desk_fold FOR UPDATE SKIP LOCKED")


async def note_fold(scope: Scope, next_hour: datetime) -> None:
    await scope.execute("UPDATE desk_fold SET next_hour = $1, folded_at = $2", next_hour, scope.now)


async def folded_at(scope: Scope) -> datetime | None:
    found: datetime | None = await scope.value("SELECT folded_at FROM desk_fold")
    return found


async def first_hour(scope: Scope) -> datetime | None:
    """Where folding begins on a system that has decided before: the first case there was."""
    found: datetime | None = await scope.value(
        "SELECT date_trunc('hour', min(opened_at), 'UTC') FROM pub_moderation_queue"
    )
    return found


async def fold_rulings(scope: Scope, hour: datetime, targets: Mapping[str, timedelta]) -> None:
    """The whole hour anew: folded twice it is the same. `targets`: for what has no due time, by
    kind of case.
    """
    await scope.execute("DELETE FROM desk_hours WHERE hour = $1", hour)
    kinds, times = list(targets), list(targets.values())
    await scope.execute(_FOLD, hour, hour + HOUR, kinds, times)


async def fold_arrivals(scope: Scope, hour: datetime) -> None:
    await scope.execute(
        "INSERT INTO lane_hours (hour, lane, opened, lapsed)"
        " SELECT $1, lane, sum(opened), sum(lapsed) FROM ("
        " SELECT lane, count(*) AS opened, 0 AS lapsed FROM pub_moderation_queue"
        " WHERE opened_at >= $1 AND opened_at < $2 GROUP BY lane"
        " UNION ALL SELECT lane, 0, count(*) FROM pub_moderation_queue"
        " WHERE state = 'lapsed' AND closed_at >= $1 AND closed_at < $2 GROUP BY lane"
        ") e GROUP BY lane ON CONFLICT (hour, lane)"
        " DO UPDATE SET opened = excluded.opened, lapsed = excluded.lapsed",
        hour,
        hour + HOUR,
    )


async def note_waiting(scope: Scope, hour: datetime) -> None:
    """What stands there now, in the running hour; a lane that emptied says so."""
    await scope.execute(
        "INSERT INTO lane_hours (hour, lane, opened, lapsed, waiting, oldest_seconds)"
        " SELECT $1, n.lane, 0, 0, count(q.case_id),"
        " floor(extract(epoch FROM $2 - min(q.opened_at)))::int"
        " FROM (SELECT DISTINCT lane FROM pub_moderation_queue WHERE state = 'open'"
        " UNION SELECT lane FROM lane_hours WHERE hour = $1) n"
        " LEFT JOIN pub_moderation_queue q ON q.lane = n.lane AND q.state = 'open'"
        " GROUP BY n.lane ON CONFLICT (hour, lane)"
        " DO UPDATE SET waiting = excluded.waiting, oldest_seconds = excluded.oldest_seconds",
        hour,
        scope.now,
    )


async def lanes_now(scope: Scope) -> list[LaneNow]:
    rows = await scope.rows(
        "SELECT lane, count(*) AS waiting, count(*) FILTER (WHERE lease_until > $1) AS held,"
        " count(*) FILTER (WHERE due_at < $1) AS overdue, min(opened_at) AS oldest_opened_at"
        " FROM pub_moderation_queue WHERE state = 'open' GROUP BY lane ORDER BY lane",
        scope.now,
    )
    return [msgspec.convert(dict(row), LaneNow) for row in rows]


async def desk_hours(scope: Scope, since: datetime) -> list[DeskHourRow]:
    rows = await scope.rows(
        "SELECT hour, lane, moderator_id, moderator_name, approved, changes_requested, refused,"
        " late, overturned, wait_buckets, wait_cases FROM desk_hours WHERE hour >= $1"
        " ORDER BY hour, lane, moderator_name, moderator_id",
        since,
    )
    return [msgspec.convert(dict(row), DeskHourRow) for row in rows]


async def lane_hours(scope: Scope, since: datetime) -> list[LaneHourRow]:
    rows = await scope.rows(
        "SELECT hour, lane, opened, lapsed, waiting, oldest_seconds FROM lane_hours"
        " WHERE hour >= $1 ORDER BY hour, lane",
        since,
    )
    return [msgspec.convert(dict(row), LaneHourRow) for row in rows]
