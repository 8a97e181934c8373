"""Sessions by what their approval rests on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.queries.sessions import COLUMNS
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.states import SessionState
from backend.db.scope import Scope

_COLUMNS = ", ".join(f"s.{name.strip()}" for name in COLUMNS.split(","))


async def resting_on(  # noqa: PLR0917 - the filters of one list
    scope: Scope,
    states: Iterable[SessionState],
    approval_kind: str | None,
    decision_id: UUID | None,
    template_version_id: UUID | None,
    sender_id: UUID | None,
) -> list[SessionRow]:
    rows = await scope.rows(
        f"SELECT {_COLUMNS} FROM campaign_sessions s JOIN content_versions v"
        " ON v.tenant_id = s.tenant_id AND v.session_id = s.id AND v.version = s.approved_version"
        " WHERE s.tenant_id = $1 AND s.state = ANY($2) AND s.revoked_at IS NULL"
        " AND ($3::text IS NULL OR s.approval_kind = $3)"
        " AND ($4::uuid IS NULL OR s.approval_decision_id = $4)"
        " AND ($5::text IS NULL OR v.content ->> 'template_version_id' = $5)"
        " AND ($6::text IS NULL OR v.content ->> 'sender_id' = $6) ORDER BY s.id",
        scope.tenant_id,
        [state.value for state in states],
        approval_kind,
        decision_id,
        str(template_version_id) if template_version_id else None,
        str(sender_id) if sender_id else None,
    )
    return [msgspec.convert(dict(row), SessionRow) for row in rows]


async def aged(scope: Scope, approved_before: datetime, limit: int) -> list[Any]:
    """(tenant_id, id) over all tenants, in a platform scope."""
    return await scope.rows(
        "SELECT tenant_id, id FROM campaign_sessions"
        " WHERE state = 'scheduled' AND approved_at < $1 ORDER BY approved_at LIMIT $2",
        approved_before,
        limit,
    )


async def waiting(scope: Scope, without: Iterable[UUID], limit: int) -> list[Any]:
    return await scope.rows(
        "SELECT tenant_id, id FROM campaign_sessions WHERE state = 'awaiting_validation'"
        " AND id <> ALL($1::uuid[]) ORDER BY state_changed_at LIMIT $2",
        list(without),
        limit,
    )
