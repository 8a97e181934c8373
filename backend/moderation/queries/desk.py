"""The desk's rules, the Code of Conduct, usual times of lanes, who hides and who looks at what."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.moderation.schemas.desk import LaneFigures
from backend.moderation.states import Lane

FIGURES_DECISIONS_MAX = 200
FIGURES_DAYS_MAX = 7
_VERSION = "SELECT version, body, note, made_by, made_at FROM "


async def newest_rules(scope: Scope) -> Any:
    return await scope.row(f"{_VERSION} desk_rules ORDER BY version DESC LIMIT 1")


async def all_rules(scope: Scope, limit: int) -> list[Any]:
    return await scope.rows(f"{_VERSION} desk_rules ORDER BY version DESC LIMIT $1", limit)


async def insert_rules(scope: Scope, version: int, body: Any, note: str) -> bool:
    """Whether this call made the version: of two at once only one does."""
    return bool(
        await scope.execute(
            "INSERT INTO desk_rules (version, body, note, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            version,
            body,
            note,
            scope.principal.actor,
            scope.now,
        )
    )


async def newest_book(scope: Scope) -> Any:
    return await scope.row(f"{_VERSION} conduct_books ORDER BY version DESC LIMIT 1")


async def book(scope: Scope, version: int) -> Any:
    return await scope.row(f"{_VERSION} conduct_books WHERE version = $1", version)


async def all_books(scope: Scope, limit: int) -> list[Any]:
    return await scope.rows(f"{_VERSION} conduct_books ORDER BY version DESC LIMIT $1", limit)


async def insert_book(scope: Scope, version: int, body: Any, note: str) -> bool:
    return bool(
        await scope.execute(
            "INSERT INTO conduct_books (version, body, note, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            version,
            body,
            note,
            scope.principal.actor,
            scope.now,
        )
    )


async def figures(scope: Scope, lane: Lane) -> LaneFigures:
    row = await scope.row(
        "SELECT lane, review_seconds, wait_p50_seconds, wait_p90_seconds, decisions"
        " FROM lane_figures WHERE lane = $1",
        lane.value,
    )
    return msgspec.convert(dict(row), LaneFigures) if row else LaneFigures(lane=lane)


async def measure_lane(scope: Scope, lane: Lane, decisions_min: int) -> None:
    """In a platform scope: from the newest decisions of the lane, null where they are too few."""
    await scope.execute(
        "INSERT INTO lane_figures (lane, review_seconds, wait_p50_seconds, wait_p90_seconds,"
        " decisions, measured_at)"
        " SELECT $1, CASE WHEN v.n >= $5 THEN v.p50 END, CASE WHEN w.n >= $5 THEN w.p50 END,"
        " CASE WHEN w.n >= $5 THEN w.p90 END, w.n, $2 FROM"
        " (SELECT count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY r.review_seconds)"
        "::int AS p50 FROM (SELECT review_seconds FROM votes WHERE lane = $1 AND state = 'decided'"
        " AND cast_at > $3 ORDER BY cast_at DESC LIMIT $4) r) v,"
        " (SELECT count(*) AS n,"
        " percentile_cont(0.5) WITHIN GROUP (ORDER BY r.seconds)::int AS p50,"
        " percentile_cont(0.9) WITHIN GROUP (ORDER BY r.seconds)::int AS p90"
        " FROM (SELECT extract(epoch FROM closed_at - opened_at) AS seconds FROM queue_rows"
        " WHERE lane = $1 AND state = 'decided' AND closed_at > $3"
        " ORDER BY closed_at DESC LIMIT $4) r) w"
        " ON CONFLICT (lane) DO UPDATE SET review_seconds = excluded.review_seconds,"
        " wait_p50_seconds = excluded.wait_p50_seconds,"
        " wait_p90_seconds = excluded.wait_p90_seconds, decisions = excluded.decisions,"
        " measured_at = excluded.measured_at",
        lane.value,
        scope.now,
        scope.now - timedelta(days=FIGURES_DAYS_MAX),
        FIGURES_DECISIONS_MAX,
        decisions_min,
    )


async def hide(scope: Scope, case_id: UUID, account_id: UUID, until: datetime) -> None:
    await scope.execute(
        "INSERT INTO queue_hidings (tenant_id, case_id, account_id, hidden_until)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, case_id, account_id)"
        " DO UPDATE SET hidden_until = excluded.hidden_until",
        scope.tenant_id,
        case_id,
        account_id,
        until,
    )


async def look_at(scope: Scope, case_id: UUID, account_id: UUID, name: str) -> None:
    await scope.execute(
        "INSERT INTO case_viewers (tenant_id, case_id, account_id, name, seen_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, case_id, account_id)"
        " DO UPDATE SET seen_at = excluded.seen_at, name = excluded.name",
        scope.tenant_id,
        case_id,
        account_id,
        name,
        scope.now,
    )


async def viewers(scope: Scope, since: datetime, case_ids: list[UUID]) -> dict[UUID, list[Any]]:
    rows = await scope.rows(
        "SELECT case_id, account_id, name FROM case_viewers"
        " WHERE seen_at > $1 AND case_id = ANY($2) ORDER BY name",
        since,
        case_ids,
    )
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row)
    return found


async def forget_old(scope: Scope, before: datetime) -> int:
    """In a platform scope: looks and hidings that are over."""
    looked = await scope.execute("DELETE FROM case_viewers WHERE seen_at < $1", before)
    hid = await scope.execute("DELETE FROM queue_hidings WHERE hidden_until < $1", before)
    return looked + hid
