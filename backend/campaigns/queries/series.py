"""Rows of session_series, and what of a series stands as a session."""

from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.queries.sessions import COLUMNS as SESSION_COLUMNS
from backend.campaigns.schemas.series import SeriesRow
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.states import UNDECIDED, SeriesState, SessionEvent, SessionState
from backend.db.scope import Scope
from backend.kernel.ids import uuid7

COLUMNS = ", ".join(SeriesRow.__struct_fields__)
_UNDECIDED = [state.value for state in UNDECIDED]
_GIVEN_BACK = [SessionState.REFUSED.value, SessionState.DRAFT.value]


async def insert(scope: Scope, values: dict[str, Any]) -> SeriesRow:
    """`values` by column name, all but those of its life."""
    names = list(values)
    places = ", ".join(f"${n}" for n in range(4, len(names) + 4))
    row = await scope.one(
        f"INSERT INTO session_series (tenant_id, id, created_at, {', '.join(names)})"
        f" VALUES ($1, $2, $3, {places}) RETURNING {COLUMNS}",
        scope.tenant_id,
        uuid7(),
        scope.now,
        *values.values(),
    )
    return msgspec.convert(dict(row), SeriesRow)


async def read(scope: Scope, series_id: UUID, *, lock: str = "") -> SeriesRow:
    """Raises NotFound. `lock`: FOR UPDATE by who changes it, FOR SHARE by who relies on it."""
    row = await scope.one(
        f"SELECT {COLUMNS} FROM session_series WHERE tenant_id = $1 AND id = $2 {lock}",
        scope.tenant_id,
        series_id,
    )
    return msgspec.convert(dict(row), SeriesRow)


async def change(
    scope: Scope, series: SeriesRow, to: SeriesState, changes: dict[str, Any]
) -> SeriesRow | None:
    """Compare-and-set on (state, version); None when somebody was first."""
    unknown = changes.keys() - set(SeriesRow.__struct_fields__)
    if unknown:
        raise RuntimeError(f"not a column of a series: {sorted(unknown)}")
    sets = "".join(f", {name} = ${n}" for n, name in enumerate(changes, start=6))
    row = await scope.row(
        f"UPDATE session_series SET state = $5, version = version + 1{sets}"
        " WHERE tenant_id = $1 AND id = $2 AND state = $3 AND version = $4"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        series.id,
        series.state.value,
        series.version,
        to.value,
        *changes.values(),
    )
    return msgspec.convert(dict(row), SeriesRow) if row else None


async def page(
    scope: Scope, campaign_id: UUID | None, state: str | None, after: UUID | None, limit: int
) -> list[SeriesRow]:
    """Newest first."""
    rows = await scope.rows(
        f"SELECT {COLUMNS} FROM session_series WHERE tenant_id = $1"
        " AND ($2::uuid IS NULL OR campaign_id = $2) AND ($3::text IS NULL OR state = $3)"
        " AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        scope.tenant_id,
        campaign_id,
        state,
        after,
        limit,
    )
    return [msgspec.convert(dict(row), SeriesRow) for row in rows]


async def ready(scope: Scope, after: UUID | None, limit: int) -> list[Any]:
    """Over all tenants, by key: active series without an occurrence that is still undecided, or
    with one that came back.
    """
    return await scope.rows(
        "SELECT v.tenant_id, v.id FROM session_series v CROSS JOIN LATERAL"
        " (SELECT bool_or(s.state = ANY($2)) AS is_undecided,"
        " bool_or(s.state = ANY($3) AND s.occurrence_number > v.excused_number) AS is_back"
        " FROM campaign_sessions s WHERE s.tenant_id = v.tenant_id AND s.series_id = v.id) o"
        " WHERE v.state = 'active' AND ($1::uuid IS NULL OR v.id > $1)"
        " AND (o.is_back OR o.is_undecided IS NOT TRUE) ORDER BY v.id LIMIT $4",
        after,
        _UNDECIDED,
        _GIVEN_BACK,
        limit,
    )


async def has_undecided(scope: Scope, series_id: UUID) -> bool:
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT 1 FROM campaign_sessions"
            " WHERE tenant_id = $1 AND series_id = $2 AND state = ANY($3))",
            scope.tenant_id,
            series_id,
            _UNDECIDED,
        )
    )


async def tripped_by(scope: Scope, series_id: UUID, excused: int) -> str | None:
    """Why the newest occurrence that somebody stopped pauses the series: the state it is in, or
    `killed`.
    """
    found: str | None = await scope.value(
        "SELECT CASE WHEN s.state = 'cancelled' THEN 'killed' ELSE s.state END"
        " FROM campaign_sessions s WHERE s.tenant_id = $1 AND s.series_id = $2"
        " AND s.occurrence_number > $3 AND (s.state = ANY($4) OR EXISTS (SELECT 1"
        " FROM session_events e WHERE e.tenant_id = $1 AND e.session_id = s.id AND e.event = $5))"
        " ORDER BY s.occurrence_number DESC LIMIT 1",
        scope.tenant_id,
        series_id,
        excused,
        _GIVEN_BACK,
        SessionEvent.KILL.value,
    )
    return found


async def sessions_of(scope: Scope, series_id: UUID, numbers: list[int]) -> dict[int, SessionRow]:
    """Occurrence number → its session, where it is one."""
    rows = await scope.rows(
        f"SELECT {SESSION_COLUMNS} FROM campaign_sessions"
        " WHERE tenant_id = $1 AND series_id = $2 AND occurrence_number = ANY($3)",
        scope.tenant_id,
        series_id,
        numbers,
    )
    found = [msgspec.convert(dict(row), SessionRow) for row in rows]
    return {one.occurrence_number: one for one in found if one.occurrence_number is not None}


async def undecided_sessions(scope: Scope, series_id: UUID) -> list[SessionRow]:
    rows = await scope.rows(
        f"SELECT {SESSION_COLUMNS} FROM campaign_sessions"
        " WHERE tenant_id = $1 AND series_id = $2 AND state = ANY($3) ORDER BY id",
        scope.tenant_id,
        series_id,
        _UNDECIDED,
    )
    return [msgspec.convert(dict(row), SessionRow) for row in rows]


async def insert_occurrence(
    scope: Scope,
    series: SeriesRow,
    number: int,
    state: SessionState,
    changes: dict[str, Any],
) -> SessionRow | None:
    """None when this occurrence is a session already."""
    names = list(changes)
    places = "".join(f", ${n}" for n in range(9, len(names) + 9))
    row = await scope.row(
        "INSERT INTO campaign_sessions (tenant_id, id, campaign_id, series_id, occurrence_number,"
        " state, state_changed_at, created_at, created_by, schedule_kind"
        f"{''.join(f', {name}' for name in names)})"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, 'repeat'{places})"
        f" ON CONFLICT DO NOTHING RETURNING {SESSION_COLUMNS}",
        scope.tenant_id,
        uuid7(),
        series.campaign_id,
        series.id,
        number,
        state.value,
        scope.now,
        scope.principal.actor,
        *changes.values(),
    )
    return msgspec.convert(dict(row), SessionRow) if row else None


async def copy_quote(scope: Scope, quote_id: UUID, session_id: UUID) -> UUID:
    """What was confirmed once, beside each session it is confirmed for."""
    copied = uuid7()
    await scope.execute(
        "INSERT INTO quotes (tenant_id, id, session_id, hash, price_version, is_exact, recipients,"
        " excluded, segments, credits, margin_credits, details, created_at)"
        " SELECT tenant_id, $3, $4, hash, price_version, is_exact, recipients, excluded, segments,"
        " credits, margin_credits, details, created_at FROM quotes"
        " WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        quote_id,
        copied,
        session_id,
    )
    return copied
