"""Rows of gateways: a platform table, so every caller is in a platform scope."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.gateways.health import ERROR_WINDOW, RECEIPT_WINDOW, Verdict
from backend.gateways.schemas import Tally

_COLUMNS = (
    "g.id, g.name, g.kind, g.config, g.password_sealed, g.state, g.weight, g.countries,"
    " g.throughput_segments_per_second_max, g.sender_segments_per_second_max, g.working_at,"
    " g.health, g.health_cause, g.health_changed_at, g.out_until, g.outs, g.changed_at,"
    " g.version"
)
HEALTH_DAYS_KEPT = 8
_TALLIED = Tally.__struct_fields__


async def insert(  # noqa: PLR0917 - one row
    scope: Scope,
    gateway_id: UUID,
    name: str,
    kind: str,
    config: dict[str, object],
    password_sealed: bytes,
    throughput: float | None,
) -> bool:
    return bool(
        await scope.execute(
            "INSERT INTO gateways (id, name, kind, config, password_sealed,"
            " throughput_segments_per_second_max, created_at, changed_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (name) DO NOTHING",
            gateway_id,
            name,
            kind,
            config,
            password_sealed,
            throughput,
            scope.now,
        )
    )


async def standing(scope: Scope, sender: str | None = None) -> list[asyncpg.Record]:
    """`sender_rate`: of this sender, or of any."""
    return await scope.rows(
        f"SELECT {_COLUMNS}, coalesce(l.segments_per_second_max, g.sender_segments_per_second_max)"
        " AS sender_rate FROM gateways g LEFT JOIN sender_limits l ON l.gateway_id = g.id"
        " AND l.sender = $1 WHERE g.state <> 'disabled' ORDER BY g.name",
        sender,
    )


async def set_state(scope: Scope, gateway_id: UUID, state: str) -> int:
    return await scope.execute(
        "UPDATE gateways SET state = $2, changed_at = $3 WHERE id = $1",
        gateway_id,
        state,
        scope.now,
    )


async def note_working(scope: Scope, gateway_ids: list[UUID]) -> None:
    await scope.execute(
        "UPDATE gateways SET working_at = $2 WHERE id = ANY($1::uuid[])", gateway_ids, scope.now
    )


async def grant(
    scope: Scope, gateway_id: UUID, span: timedelta, wait_max: timedelta
) -> datetime | None:
    """When the granted span begins; the row lock makes grants follow each other. None: it would
    begin too late, and nothing is granted that nobody would use.
    """
    until: datetime | None = await scope.value(
        "UPDATE gateways SET granted_until = greatest(granted_until, $2::timestamptz) + $3"
        " WHERE id = $1 AND (granted_until IS NULL OR granted_until <= $2::timestamptz + $4)"
        " RETURNING granted_until",
        gateway_id,
        scope.now,
        span,
        wait_max,
    )
    return None if until is None else until - span


async def grant_sender(
    scope: Scope, gateway_id: UUID, sender: str, span: timedelta, wait_max: timedelta
) -> datetime | None:
    """As `grant`, of one sender; its row is made by the first grant."""
    until: datetime | None = await scope.value(
        "INSERT INTO sender_limits AS l (gateway_id, sender, granted_until)"
        " VALUES ($1, $2, $3::timestamptz + $4) ON CONFLICT (gateway_id, sender) DO UPDATE"
        " SET granted_until = greatest(l.granted_until, $3) + $4"
        " WHERE l.granted_until IS NULL OR l.granted_until <= $3::timestamptz + $5"
        " RETURNING granted_until",
        gateway_id,
        sender,
        scope.now,
        span,
        wait_max,
    )
    return None if until is None else until - span


async def limit_sender(
    scope: Scope, gateway_id: UUID, sender: str, per_second: float | None
) -> None:
    await scope.execute(
        "INSERT INTO sender_limits (gateway_id, sender, segments_per_second_max)"
        " VALUES ($1, $2, $3) ON CONFLICT (gateway_id, sender)"
        " DO UPDATE SET segments_per_second_max = excluded.segments_per_second_max",
        gateway_id,
        sender,
        per_second,
    )


async def fold(scope: Scope, tallies: dict[UUID, Tally]) -> None:
    """Added to this minute's rows, which other processes add to as well; in the order of ids."""
    rows = [(gateway_id, tallies[gateway_id]) for gateway_id in sorted(tallies)]
    names = ("submitted", *_TALLIED)
    columns: list[list[Any]] = [[getattr(tally, name) for _, tally in rows] for name in names]
    places = ", ".join(f"${n}::bigint[]" for n in range(3, 3 + len(names)))
    added = ", ".join(f"{name} = h.{name} + excluded.{name}" for name in names)
    await scope.execute(
        f"INSERT INTO gateway_health AS h (gateway_id, minute, {', '.join(names)})"
        f" SELECT v.gateway_id, date_trunc('minute', $1::timestamptz, 'UTC'), {', '.join(names)}"
        f" FROM unnest($2::uuid[], {places}) AS v (gateway_id, {', '.join(names)})"
        " JOIN gateways g ON g.id = v.gateway_id"
        f" ON CONFLICT (gateway_id, minute) DO UPDATE SET {added}",
        scope.now,
        [gateway_id for gateway_id, _ in rows],
        *columns,
    )


async def health_sums(scope: Scope) -> list[asyncpg.Record]:
    """How each standing gateway stands, and its sums since that began."""
    return await scope.rows(
        "SELECT g.id, g.name, g.health, g.health_changed_at, g.out_until, g.outs, s.*"
        " FROM gateways g CROSS JOIN LATERAL (SELECT"
        " coalesce(sum(submitted) FILTER (WHERE minute > $1), 0)::bigint AS submitted,"
        " coalesce(sum(accepted) FILTER (WHERE minute > $1), 0)::bigint AS accepted,"
        " coalesce(sum(throttled) FILTER (WHERE minute > $1), 0)::bigint AS throttled,"
        " coalesce(sum(errors) FILTER (WHERE minute > $1), 0)::bigint AS errors,"
        " coalesce(sum(in_doubt) FILTER (WHERE minute > $1), 0)::bigint AS in_doubt,"
        " coalesce(sum(receipts_timed), 0)::bigint AS receipts_timed,"
        " coalesce(sum(receipts_slow), 0)::bigint AS receipts_slow"
        " FROM gateway_health h WHERE h.gateway_id = g.id AND minute > $2"
        " AND minute >= date_trunc('minute', coalesce(g.health_changed_at, g.created_at), 'UTC'))"
        " s WHERE g.state <> 'disabled'",
        scope.now - ERROR_WINDOW,
        scope.now - RECEIPT_WINDOW,
    )


async def set_health(
    scope: Scope, gateway_id: UUID, was: str, changed_at: datetime | None, verdict: Verdict
) -> bool:
    """By compare-and-set; False: another clock was first."""
    return bool(
        await scope.execute(
            "UPDATE gateways SET health = $4, health_cause = $5, out_until = $6, outs = $7,"
            " health_changed_at = $8 WHERE id = $1 AND health = $2"
            " AND health_changed_at IS NOT DISTINCT FROM $3",
            gateway_id,
            was,
            changed_at,
            *msgspec.structs.astuple(verdict),
            scope.now,
        )
    )


async def drop_old_health(scope: Scope) -> int:
    return await scope.execute(
        "DELETE FROM gateway_health WHERE minute < $1", scope.now - timedelta(days=HEALTH_DAYS_KEPT)
    )


async def every(scope: Scope) -> list[UUID]:
    return [row["id"] for row in await scope.rows("SELECT id FROM gateways")]


async def count(scope: Scope) -> int:
    return int(await scope.value("SELECT count(*) FROM gateways"))
