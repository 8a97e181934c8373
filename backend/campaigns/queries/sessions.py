"""Rows of campaign_sessions and the compare-and-set that moves one."""

from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.states import SessionState
from backend.db.scope import Scope
from backend.kernel.ids import uuid7

COLUMNS = ", ".join(SessionRow.__struct_fields__)
MAY_CHANGE = frozenset(SessionRow.__struct_fields__) - {
    "tenant_id",
    "id",
    "campaign_id",
    "origin",
    "retry_of",
    "state",
    "state_version",
    "state_changed_at",
    "created_by",
    "created_at",
}


async def read(scope: Scope, session_id: UUID, *, is_locked: bool = False) -> SessionRow:
    """Raises NotFound. Locked FOR SHARE it stays as read until the caller's commit."""
    lock = " FOR SHARE" if is_locked else ""
    row = await scope.one(
        f"SELECT {COLUMNS} FROM campaign_sessions WHERE tenant_id = $1 AND id = $2{lock}",
        scope.tenant_id,
        session_id,
    )
    return msgspec.convert(dict(row), SessionRow)


async def change(
    scope: Scope, session: SessionRow, to: SessionState | None, changes: dict[str, Any]
) -> SessionRow | None:
    """Compare-and-set on (state, state_version); None when somebody was first.

    `to` None keeps the state and its version's meaning: still one more version.
    """
    unknown = changes.keys() - MAY_CHANGE
    if unknown:
        raise RuntimeError(f"not a column a move may change: {sorted(unknown)}")
    # Column names come from the allow-list above, values are parameters.
    sets = "".join(f", {name} = ${n}" for n, name in enumerate(changes, start=7))
    row = await scope.row(
        "UPDATE campaign_sessions SET state = $5, state_version = state_version + 1,"
        f" state_changed_at = CASE WHEN state = $5 THEN state_changed_at ELSE $6 END{sets}"
        " WHERE tenant_id = $1 AND id = $2 AND state = $3 AND state_version = $4"
        f" RETURNING {COLUMNS}",
        scope.tenant_id,
        session.id,
        session.state.value,
        session.state_version,
        (to or session.state).value,
        scope.now,
        *(msgspec.to_builtins(v) if isinstance(v, msgspec.Struct) else v for v in changes.values()),
    )
    return msgspec.convert(dict(row), SessionRow) if row else None


async def insert_event(
    scope: Scope, session: SessionRow, to: SessionState, event: str, facts: dict[str, Any]
) -> None:
    await scope.execute(
        "INSERT INTO session_events"
        " (tenant_id, session_id, id, at, from_state, to_state, event, actor, facts)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.tenant_id,
        session.id,
        uuid7(),
        scope.now,
        session.state.value,
        to.value,
        event,
        scope.principal.actor,
        facts,
    )


async def insert(
    scope: Scope,
    campaign_id: UUID | None,
    draft: dict[str, Any],
    *,
    comments: list[Any] | None = None,
    origin: str = "campaign",
    retry_of: UUID | None = None,
) -> SessionRow | None:
    """None when the campaign has an open session already (index `campaign_sessions_one_open`)."""
    row = await scope.row(
        "INSERT INTO campaign_sessions (tenant_id, id, campaign_id, origin, draft, comments,"
        " retry_of, state_changed_at, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $8, $9, $6, $7, $6)"
        f" ON CONFLICT DO NOTHING RETURNING {COLUMNS}",
        scope.tenant_id,
        uuid7(),
        campaign_id,
        origin,
        draft,
        scope.now,
        scope.principal.actor,
        comments or [],
        retry_of,
    )
    return msgspec.convert(dict(row), SessionRow) if row else None


async def open_session(scope: Scope, campaign_id: UUID) -> UUID | None:
    """The one the index speaks of."""
    found: UUID | None = await scope.value(
        "SELECT id FROM campaign_sessions WHERE tenant_id = $1 AND campaign_id = $2"
        " AND state IN ('draft', 'screening', 'awaiting_validation')"
        " AND first_approved_at IS NULL AND series_id IS NULL",
        scope.tenant_id,
        campaign_id,
    )
    return found


async def has_event(scope: Scope, session_id: UUID, event: str, facts: dict[str, Any]) -> bool:
    return bool(
        await scope.value(
            "SELECT true FROM session_events WHERE tenant_id = $1 AND session_id = $2"
            " AND event = $3 AND facts = $4::jsonb LIMIT 1",
            scope.tenant_id,
            session_id,
            event,
            facts,
        )
    )


async def events(scope: Scope, session_id: UUID, limit: int) -> list[Any]:
    """The newest ones, oldest first."""
    return await scope.rows(
        "SELECT * FROM (SELECT id, at, event, from_state, to_state, actor, facts"
        " FROM session_events WHERE tenant_id = $1 AND session_id = $2"
        " ORDER BY id DESC LIMIT $3) e ORDER BY id",
        scope.tenant_id,
        session_id,
        limit,
    )


async def causes(scope: Scope, session_id: UUID) -> dict[str, int]:
    rows = await scope.rows(
        "SELECT cause, messages FROM session_causes WHERE tenant_id = $1 AND session_id = $2"
        " ORDER BY messages DESC, cause",
        scope.tenant_id,
        session_id,
    )
    return {row["cause"]: row["messages"] for row in rows}


async def count_faults(scope: Scope, session_id: UUID, event: str, accepted: int) -> int:
    """Those that found this many messages accepted."""
    return int(
        await scope.value(
            "SELECT count(*) FROM session_events WHERE tenant_id = $1 AND session_id = $2"
            " AND event = $3 AND (facts->>'accepted')::bigint = $4",
            scope.tenant_id,
            session_id,
            event,
            accepted,
        )
    )


async def newest_fact(scope: Scope, session_id: UUID, event: str, name: str) -> int | None:
    """A number the newest event of this kind carried."""
    found: int | None = await scope.value(
        "SELECT (facts->>$4)::bigint FROM session_events"
        " WHERE tenant_id = $1 AND session_id = $2 AND event = $3 ORDER BY id DESC LIMIT 1",
        scope.tenant_id,
        session_id,
        event,
        name,
    )
    return found
