"""SQL of an import's row: its state, its lease, its report."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.audience.states import TRANSITIONS, ImportEvent
from backend.db.scope import Scope
from backend.kernel.ids import NIL_ID

CLEANED_IMPORTS_MAX = 100


async def add_import(scope: Scope, import_id: UUID, *values: Any) -> None:
    """`values`: file_id, file_name, file_bytes, file_sha256, options."""
    await scope.execute(
        "INSERT INTO imports (tenant_id, id, state, created_by, created_at, changed_at, file_id,"
        " file_name, file_bytes, file_sha256, options)"
        " VALUES ($1, $2, 'uploaded', $3, $4, $4, $5, $6, $7, $8, $9)",
        scope.tenant_id,
        import_id,
        scope.principal.actor,
        scope.now,
        *values,
    )


async def import_row(scope: Scope, import_id: UUID) -> Any:
    return await scope.one(
        "SELECT * FROM imports WHERE tenant_id = $1 AND id = $2", scope.tenant_id, import_id
    )


async def imports_page(scope: Scope, before: UUID | None, limit: int) -> list[Any]:
    """Newest first."""
    return await scope.rows(
        "SELECT * FROM imports WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2)"
        " ORDER BY id DESC LIMIT $3",
        scope.tenant_id,
        before,
        limit,
    )


async def move(
    scope: Scope, import_id: UUID, event: ImportEvent, *, fence: int | None = None
) -> bool:
    """The only way an import changes its state. `fence`: only while this worker holds it."""
    allowed, target = TRANSITIONS[event]
    return bool(
        await scope.execute(
            "UPDATE imports SET state = $4, changed_at = $5, lease_until = NULL,"
            " fence = fence + 1 WHERE tenant_id = $1 AND id = $2 AND state = ANY($3::text[])"
            " AND ($6::integer IS NULL OR fence = $6)",
            scope.tenant_id,
            import_id,
            [state.value for state in allowed],
            target.value,
            scope.now,
            fence,
        )
    )


async def move_with_report(scope: Scope, import_id: UUID, fence: int, report: Any) -> bool:
    """The refusal of a whole file: its reason is written before the state that requires one."""
    held = await keep_lease(scope, import_id, fence, scope.now, 0)
    if not held:
        return False
    await set_report(scope, import_id, report)
    return await move(scope, import_id, ImportEvent.REFUSE, fence=fence)


async def take(scope: Scope, import_id: UUID, lease_until: datetime) -> Any:
    """The parse move with a lease: row with the new fence, or None when it is not to be parsed,
    or another worker's lease runs.
    """
    allowed, target = TRANSITIONS[ImportEvent.PARSE]
    return await scope.row(
        "UPDATE imports SET state = $4, changed_at = $5, lease_until = $6, fence = fence + 1,"
        " rows_read = 0, rows_ready = 0, rows_refused = 0, duplicates = 0, preview = NULL,"
        " report = NULL WHERE tenant_id = $1 AND id = $2 AND state = ANY($3::text[])"
        " AND (lease_until IS NULL OR lease_until < $5) RETURNING *",
        scope.tenant_id,
        import_id,
        [state.value for state in allowed],
        target.value,
        scope.now,
        lease_until,
    )


async def keep_lease(
    scope: Scope, import_id: UUID, fence: int, lease_until: datetime, rows_read: int
) -> bool:
    """Also the lock under which rows are staged: a worker that lost its lease stages none."""
    return bool(
        await scope.execute(
            "UPDATE imports SET lease_until = $4, rows_read = $5"
            " WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'parsing'",
            scope.tenant_id,
            import_id,
            fence,
            lease_until,
            rows_read,
        )
    )


async def set_preview(scope: Scope, import_id: UUID, preview: Any) -> None:
    await scope.execute(
        "UPDATE imports SET preview = $3 WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        import_id,
        preview,
    )


async def set_report(
    scope: Scope, import_id: UUID, report: Any, counts: Sequence[int] = (0, 0, 0, 0)
) -> None:
    """`counts`: rows read, ready, refused, duplicates."""
    await scope.execute(
        "UPDATE imports SET report = $3, rows_read = $4, rows_ready = $5, rows_refused = $6,"
        " duplicates = $7 WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        import_id,
        report,
        *counts,
    )


async def set_options(scope: Scope, import_id: UUID, options: Any) -> None:
    await scope.execute(
        "UPDATE imports SET options = $3 WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        import_id,
        options,
    )


async def set_outcome(scope: Scope, import_id: UUID, added: int, updated: int) -> None:
    await scope.execute(
        "UPDATE imports SET subscribers_new = $3, subscribers_updated = $4"
        " WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        import_id,
        added,
        updated,
    )


async def note_cleaned(scope: Scope, import_id: UUID) -> None:
    await scope.execute(
        "UPDATE imports SET cleaned_at = $3"
        " WHERE tenant_id = $1 AND id = $2 AND cleaned_at IS NULL",
        scope.tenant_id,
        import_id,
        scope.now,
    )


async def note_problems_cleared(scope: Scope, import_id: UUID) -> None:
    await scope.execute(
        "UPDATE imports SET problems_cleared_at = $3"
        " WHERE tenant_id = $1 AND id = $2 AND problems_cleared_at IS NULL",
        scope.tenant_id,
        import_id,
        scope.now,
    )


async def leftovers(scope: Scope, ended_before: datetime, kept_since: datetime) -> list[Any]:
    """Across tenants: ended ones not cleaned, and all that is older than it is kept."""
    return await scope.rows(
        "SELECT tenant_id, id, state, changed_at FROM imports WHERE problems_cleared_at IS NULL"
        " AND ((state IN ('accepted', 'discarded') AND cleaned_at IS NULL AND changed_at < $1)"
        "   OR (state NOT IN ('parsing', 'accepting') AND changed_at < $2))"
        " ORDER BY changed_at LIMIT $3",
        ended_before,
        kept_since,
        CLEANED_IMPORTS_MAX,
    )


async def problems_page(
    scope: Scope, import_id: UUID, after: tuple[int, UUID] | None, limit: int
) -> list[Any]:
    line, problem_id = after or (0, NIL_ID)
    return await scope.rows(
        'SELECT line, column_name AS "column", severity, code, value, message, id'
        " FROM import_problems WHERE tenant_id = $1 AND import_id = $2"
        " AND (line, id) > ($3::bigint, $4) ORDER BY line, id LIMIT $5",
        scope.tenant_id,
        import_id,
        line,
        problem_id,
        limit,
    )
