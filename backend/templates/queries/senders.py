"""Senders of a tenant, and those of all tenants that look alike."""

from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.kernel.ids import uuid7
from backend.templates.schemas import SenderView
from backend.templates.senders import SenderText

COLUMNS = ", ".join(SenderView.__struct_fields__)


async def insert(
    scope: Scope, text: SenderText, *, purpose: str, state: str = "requested"
) -> SenderView | None:
    """None when a standing one has the same text."""
    row = await scope.row(
        "INSERT INTO sender_ids (tenant_id, id, sender, kind, skeleton, resembles, purpose, state,"
        " state_changed_at, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)"
        f" ON CONFLICT DO NOTHING RETURNING {COLUMNS}",
        scope.tenant_id,
        uuid7(),
        text.sender,
        text.kind.value,
        text.skeleton,
        text.resembles,
        purpose,
        state,
        scope.now,
        scope.principal.actor,
    )
    return msgspec.convert(dict(row), SenderView) if row else None


async def read(scope: Scope, sender_id: UUID) -> SenderView:
    """Raises NotFound."""
    row = await scope.one(
        f"SELECT {COLUMNS} FROM sender_ids WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        sender_id,
    )
    return msgspec.convert(dict(row), SenderView)


async def every(scope: Scope) -> list[SenderView]:
    rows = await scope.rows(
        f"SELECT {COLUMNS} FROM sender_ids WHERE tenant_id = $1 ORDER BY id", scope.tenant_id
    )
    return [msgspec.convert(dict(row), SenderView) for row in rows]


async def standing_number(scope: Scope) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM sender_ids WHERE tenant_id = $1"
            " AND state IN ('requested', 'awaiting_approval', 'approved')",
            scope.tenant_id,
        )
    )


async def look_alikes(scope: Scope, sender_id: UUID, limit: int) -> list[tuple[UUID, str, str]]:
    """(tenant, sender, state) of other tenants' senders with the same skeleton; platform scope."""
    rows = await scope.rows(
        "SELECT o.tenant_id, o.sender, o.state FROM sender_ids s"
        " JOIN sender_ids o ON o.skeleton = s.skeleton AND o.tenant_id <> s.tenant_id"
        " WHERE s.id = $1 AND o.kind <> 'shared' ORDER BY o.id LIMIT $2",
        sender_id,
        limit,
    )
    return [(row["tenant_id"], row["sender"], row["state"]) for row in rows]


async def holders(scope: Scope, skeletons: list[str]) -> list[tuple[UUID, str]]:
    """(tenant, sender) of their own, given or taken back since; in a platform scope."""
    rows = await scope.rows(
        "SELECT tenant_id, sender FROM sender_ids WHERE skeleton = ANY($1::text[])"
        " AND kind <> 'shared' AND state IN ('approved', 'withdrawn') ORDER BY tenant_id, id",
        skeletons,
    )
    return [(row["tenant_id"], row["sender"]) for row in rows]
