"""Whose texts stand in which screenings and cases, and those texts taken out."""

from typing import Any
from uuid import UUID

from backend.db.scope import Scope


async def shown_in(scope: Scope, subscriber_id: UUID, limit: int) -> list[tuple[UUID, int]]:
    """(session, content version) of screenings that show this person."""
    rows = await scope.rows(
        "SELECT session_id, content_version FROM sampled_people"
        " WHERE tenant_id = $1 AND subscriber_id = $2"
        " ORDER BY session_id, content_version LIMIT $3",
        scope.tenant_id,
        subscriber_id,
        limit,
    )
    return [(row["session_id"], row["content_version"]) for row in rows]


async def lock_cases(scope: Scope, session_id: UUID, content_version: int) -> list[Any]:
    """(id, dry_run, hits) of every case of it: the first one, after-reviews, appeals."""
    return await scope.rows(
        "SELECT id, dry_run, hits FROM cases WHERE tenant_id = $1 AND session_id = $2"
        " AND content_version = $3 ORDER BY id FOR NO KEY UPDATE",
        scope.tenant_id,
        session_id,
        content_version,
    )


async def put_in_case(scope: Scope, case_id: UUID, dry_run: Any, hits: Any) -> None:
    await scope.execute(
        "UPDATE cases SET dry_run = $3, hits = $4 WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        case_id,
        dry_run,
        hits,
    )


async def lock_screening(scope: Scope, session_id: UUID, content_version: int) -> Any:
    return await scope.row(
        "SELECT dry_run, hits FROM screenings WHERE tenant_id = $1 AND session_id = $2"
        " AND content_version = $3 FOR NO KEY UPDATE",
        scope.tenant_id,
        session_id,
        content_version,
    )


async def put_in_screening(
    scope: Scope, session_id: UUID, content_version: int, dry_run: Any, hits: Any
) -> None:
    await scope.execute(
        "UPDATE screenings SET dry_run = $4, hits = $5 WHERE tenant_id = $1 AND session_id = $2"
        " AND content_version = $3",
        scope.tenant_id,
        session_id,
        content_version,
        dry_run,
        hits,
    )


async def forget(scope: Scope, subscriber_id: UUID, session_id: UUID, content_version: int) -> None:
    await scope.execute(
        "DELETE FROM sampled_people WHERE tenant_id = $1 AND subscriber_id = $2"
        " AND session_id = $3 AND content_version = $4",
        scope.tenant_id,
        subscriber_id,
        session_id,
        content_version,
    )
