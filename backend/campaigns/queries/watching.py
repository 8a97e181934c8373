"""What those who run sessions ask: locks that stop a stop, and who is in which state."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from backend.campaigns.queries.progress import COUNTERS
from backend.campaigns.states import ENDS, SessionState
from backend.db.scope import Scope

_SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in COUNTERS)
_LOCKED = "s.id, s.state, s.generation, s.is_stopped, s.hold_id, s.session_day, s.deadline_at"


async def lock_for_sending(scope: Scope, session_id: UUID) -> list[asyncpg.Record]:
    """The session beside the platform's and the tenant's kill switch, all locked FOR SHARE: who
    stops either waits for us, or we for them and see it.
    """
    return await scope.rows(
        f"SELECT {_LOCKED}, k.is_on FROM campaign_sessions s, kill_switches k"
        " WHERE s.tenant_id = $1 AND s.id = $2 AND (k.tenant_id IS NULL OR k.tenant_id = $1)"
        " FOR SHARE OF s, k",
        scope.tenant_id,
        session_id,
    )


async def lock_several(scope: Scope, session_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """In the order of ids, so that two who lock several do not wait for each other."""
    return await scope.rows(
        f"SELECT {_LOCKED}, false AS is_on FROM campaign_sessions s"
        " WHERE s.tenant_id = $1 AND s.id = ANY($2::uuid[]) ORDER BY s.id FOR SHARE",
        scope.tenant_id,
        list(session_ids),
    )


async def in_states(
    scope: Scope,
    states: Sequence[SessionState],
    rows_max: int,
    due_before: datetime | None,
    after: tuple[datetime, UUID] | None,
) -> list[asyncpg.Record]:
    """Over all tenants, the longest waiting first, `after` a (state_changed_at, id); with
    `due_before` only those due by then.
    """
    return await scope.rows(
        "SELECT tenant_id, id, state, schedule_kind, due_at, deadline_at, lease_until,"
        " state_changed_at, max_lateness_minutes FROM campaign_sessions"
        " WHERE state = ANY($1::text[]) AND ($3::timestamptz IS NULL OR due_at <= $3)"
        " AND ($4::timestamptz IS NULL OR (state_changed_at, id) > ($4, $5))"
        " ORDER BY state_changed_at, id LIMIT $2",
        [state.value for state in states],
        rows_max,
        due_before,
        *(after or (None, None)),
    )


async def overdue(
    scope: Scope, states: Sequence[SessionState], alarms: Sequence[timedelta], ids_max: int
) -> list[asyncpg.Record]:
    """Per state: how many have been in it for longer than its alarm, since when, and the first."""
    return await scope.rows(
        "SELECT s.state, count(*)::int AS sessions, min(s.state_changed_at) AS since,"
        " (array_agg(s.id ORDER BY s.state_changed_at, s.id))[1:$4] AS first_ids"
        " FROM unnest($1::text[], $2::interval[]) AS w (state, alarm_after)"
        " JOIN campaign_sessions s ON s.state = w.state"
        " AND s.state_changed_at < $3::timestamptz - w.alarm_after"
        " GROUP BY s.state ORDER BY min(s.state_changed_at)",
        [state.value for state in states],
        list(alarms),
        scope.now,
        ids_max,
    )


async def past_deadline(
    scope: Scope, rows_max: int, after: tuple[datetime, UUID] | None
) -> list[asyncpg.Record]:
    """The longest overdue first, `after` a (deadline_at, id)."""
    return await scope.rows(
        "SELECT tenant_id, id, state, deadline_at FROM campaign_sessions"
        " WHERE deadline_at <= $1 AND ($3::timestamptz IS NULL OR (deadline_at, id) > ($3, $4))"
        " ORDER BY deadline_at, id LIMIT $2",
        scope.now,
        rows_max,
        *(after or (None, None)),
    )


async def progress_of_active(scope: Scope, rows_max: int) -> list[asyncpg.Record]:
    """Sums of every session that is being sent or settled, for live updates."""
    return await scope.rows(
        "SELECT s.tenant_id, s.id, s.state, s.state_version, s.pause_owner, p.* FROM"
        " (SELECT * FROM campaign_sessions WHERE state IN ('sending', 'paused', 'settling')"
        " ORDER BY state_changed_at DESC LIMIT $1) s CROSS JOIN LATERAL"
        f" (SELECT {_SUMS}, min(first_submitted_at) AS first_submitted_at,"
        " max(last_submitted_at) AS last_submitted_at, max(last_receipt_at) AS last_receipt_at"
        " FROM session_progress WHERE tenant_id = s.tenant_id AND session_id = s.id) p",
        rows_max,
    )


async def over(scope: Scope, session_ids: Collection[UUID]) -> set[UUID]:
    """A failed one is over when its hold is settled: until then it has a deadline."""
    rows = await scope.rows(
        "SELECT id FROM campaign_sessions WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " AND state = ANY($3::text[]) AND deadline_at IS NULL",
        scope.tenant_id,
        list(session_ids),
        [state.value for state in ENDS],
    )
    return {row["id"] for row in rows}
