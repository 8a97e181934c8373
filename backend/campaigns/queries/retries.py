"""Whom a retry is kept to: a list frozen when it was opened."""

from collections.abc import Sequence
from uuid import UUID

from backend.db.scope import Scope
from backend.kernel.ids import NIL_ID


async def add(scope: Scope, session_id: UUID, subscriber_ids: Sequence[UUID]) -> int:
    return await scope.execute(
        "INSERT INTO retry_recipients (tenant_id, session_id, subscriber_id)"
        " SELECT $1, $2, * FROM unnest($3::uuid[]) ON CONFLICT DO NOTHING",
        scope.tenant_id,
        session_id,
        list(subscriber_ids),
    )


async def page(scope: Scope, session_id: UUID, after: UUID | None, limit: int) -> list[UUID]:
    rows = await scope.rows(
        "SELECT subscriber_id FROM retry_recipients WHERE tenant_id = $1 AND session_id = $2"
        " AND subscriber_id > $3 ORDER BY subscriber_id LIMIT $4",
        scope.tenant_id,
        session_id,
        after or NIL_ID,
        limit,
    )
    return [row["subscriber_id"] for row in rows]


async def count(scope: Scope, session_id: UUID) -> int:
    return int(
        await scope.value(
            "SELECT count(*) FROM retry_recipients WHERE tenant_id = $1 AND session_id = $2",
            scope.tenant_id,
            session_id,
        )
    )
