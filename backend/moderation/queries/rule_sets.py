"""Versions of the content rules and their tests; platform tables, the set in force for all."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.db.scope import Scope
from backend.kernel.ids import uuid7

_BADGE = (
    "SELECT s.version, s.state, s.base_version, s.note, s.rules, s.rules_hash, s.row_version,"
    " s.changed_by, s.changed_at, s.switched_by, s.switched_at,"
    " EXISTS (SELECT FROM rule_tests t WHERE t.rules_version = s.version"
    " AND t.rules_hash = s.rules_hash AND t.state = 'done') AS is_tested FROM rule_sets s"
)
_TEST = (
    "SELECT t.id, t.rules_version, t.rules_hash, t.days, t.sessions_max, t.state, t.requested_by,"
    " t.requested_at, t.finished_at, t.result, t.tries, t.rules_hash = s.rules_hash AS is_current"
    " FROM rule_tests t JOIN rule_sets s ON s.version = t.rules_version"
)


async def in_force(scope: Scope) -> Any:
    """None: what the product ships with."""
    return await scope.row(
        "SELECT version, rules, rules_hash FROM rule_sets WHERE state = 'in_force'"
    )


async def listed(scope: Scope, limit: int) -> list[Any]:
    return await scope.rows(f"{_BADGE} ORDER BY s.version DESC LIMIT $1", limit)


async def read(scope: Scope, version: int) -> Any:
    """Raises NotFound."""
    return await scope.one(f"{_BADGE} WHERE s.version = $1", version)


async def lock(scope: Scope) -> None:
    """Versions are numbered and switched one after the other."""
    await scope.execute("SELECT pg_advisory_xact_lock(hashtextextended('rule_sets', 0))")


async def insert(scope: Scope, base_version: int, note: str, rules: Any, hashed: str) -> int:
    """Under the lock."""
    version: int = await scope.value(
        "INSERT INTO rule_sets (version, base_version, note, rules, rules_hash, changed_by,"
        " changed_at) SELECT coalesce(max(version), 0) + 1, $1, $2, $3, $4, $5, $6 FROM rule_sets"
        " RETURNING version",
        base_version,
        note,
        rules,
        hashed,
        scope.principal.actor,
        scope.now,
    )
    return version


async def change(  # noqa: PLR0917 - one row
    scope: Scope, version: int, row_version: int, note: str, rules: Any, hashed: str
) -> bool:
    """Compare-and-set on a draft as it was read."""
    return bool(
        await scope.execute(
            "UPDATE rule_sets SET note = $3, rules = $4, rules_hash = $5, changed_by = $6,"
            " changed_at = $7, row_version = row_version + 1"
            " WHERE version = $1 AND row_version = $2 AND state = 'draft'",
            version,
            row_version,
            note,
            rules,
            hashed,
            scope.principal.actor,
            scope.now,
        )
    )


async def discard(scope: Scope, version: int) -> bool:
    return bool(
        await scope.execute(
            "UPDATE rule_sets SET state = 'discarded', row_version = row_version + 1,"
            " changed_by = $2, changed_at = $3 WHERE version = $1 AND state = 'draft'",
            version,
            scope.principal.actor,
            scope.now,
        )
    )


async def switch_on(scope: Scope, version: int, row_version: int) -> bool:
    """Under the lock: the set in force gives way in the same transaction."""
    await scope.execute("UPDATE rule_sets SET state = 'replaced' WHERE state = 'in_force'")
    return bool(
        await scope.execute(
            "UPDATE rule_sets SET state = 'in_force', switched_by = $3, switched_at = $4,"
            " row_version = row_version + 1"
            " WHERE version = $1 AND row_version = $2 AND state = 'draft'",
            version,
            row_version,
            scope.principal.actor,
            scope.now,
        )
    )


async def insert_test(
    scope: Scope, version: int, hashed: str, days: int, sessions_max: int
) -> UUID:
    test_id = uuid7()
    await scope.execute(
        "INSERT INTO rule_tests (id, rules_version, rules_hash, days, sessions_max, requested_by,"
        " requested_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        test_id,
        version,
        hashed,
        days,
        sessions_max,
        scope.principal.actor,
        scope.now,
    )
    return test_id


async def read_test(scope: Scope, test_id: UUID) -> Any:
    """Raises NotFound."""
    return await scope.one(f"{_TEST} WHERE t.id = $1", test_id)


async def tests_of(scope: Scope, version: int, limit: int) -> list[Any]:
    return await scope.rows(
        f"{_TEST} WHERE t.rules_version = $1 ORDER BY t.id DESC LIMIT $2", version, limit
    )


async def lease_test(scope: Scope, test_id: UUID, until: datetime) -> bool:
    """Whether it is this caller's now."""
    return bool(
        await scope.execute(
            "UPDATE rule_tests SET state = 'running', lease_until = $2, tries = tries + 1"
            " WHERE id = $1 AND state IN ('queued', 'running')"
            " AND (lease_until IS NULL OR lease_until <= $3)",
            test_id,
            until,
            scope.now,
        )
    )


async def renew_test(scope: Scope, test_id: UUID, until: datetime) -> None:
    await scope.execute(
        "UPDATE rule_tests SET lease_until = $2 WHERE id = $1 AND state = 'running'", test_id, until
    )


async def release_test(scope: Scope, test_id: UUID) -> None:
    await scope.execute(
        "UPDATE rule_tests SET lease_until = NULL WHERE id = $1 AND state = 'running'", test_id
    )


async def finish_test(scope: Scope, test_id: UUID, state: str, result: Any) -> None:
    await scope.execute(
        "UPDATE rule_tests SET state = $2, result = $3, finished_at = $4, lease_until = NULL"
        " WHERE id = $1 AND state = 'running'",
        test_id,
        state,
        result,
        scope.now,
    )


async def past_screenings(
    scope: Scope,
    since: datetime,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Any]:
    """In a platform scope: newest first, what each screening saw, with the first ruling on it."""
    at, session_id = before or (None, None)
    return await scope.rows(
        "SELECT s.tenant_id, s.session_id, s.content_version, s.dry_run, s.outcome, s.screened_at,"
        " d.verdict FROM screenings s LEFT JOIN LATERAL (SELECT d.verdict FROM cases c"
        " JOIN decisions d ON d.tenant_id = c.tenant_id AND d.case_id = c.id"
        " WHERE c.tenant_id = s.tenant_id AND c.session_id = s.session_id"
        " AND c.content_version = s.content_version AND c.kind = 'campaign_session'"
        " ORDER BY d.id LIMIT 1) d ON true WHERE s.screened_at >= $1"
        " AND ($2::timestamptz IS NULL OR (s.screened_at, s.session_id) < ($2, $3::uuid))"
        " ORDER BY s.screened_at DESC, s.session_id DESC LIMIT $4",
        since,
        at,
        session_id,
        limit,
    )
