"""SQL of target groups: saved rules, and how many they mean now."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.audience.queries.matching import Parameters, condition
from backend.audience.targeting.terms import Term
from backend.db.scope import Scope

COUNT_TIMEOUT_MS = 2_000
_TARGET = (
    "SELECT id, name, description, rule, version, created_at, changed_at FROM target_groups"
    " WHERE tenant_id = $1"
)


async def add_target(scope: Scope, target_id: UUID, *values: Any) -> bool:
    """`values`: name, description, rule. False: the name is taken."""
    return bool(
        await scope.execute(
            "INSERT INTO target_groups (tenant_id, id, created_at, changed_at, name, description,"
            " rule) VALUES ($1, $2, $3, $3, $4, $5, $6) ON CONFLICT (tenant_id, name) DO NOTHING",
            scope.tenant_id,
            target_id,
            scope.now,
            *values,
        )
    )


async def count_targets(scope: Scope) -> int:
    sql = "SELECT count(*) FROM target_groups WHERE tenant_id = $1"
    return int(await scope.value(sql, scope.tenant_id))


async def target(scope: Scope, target_id: UUID) -> Any:
    return await scope.one(f"{_TARGET} AND id = $2", scope.tenant_id, target_id)


async def targets_page(scope: Scope, after: UUID | None, limit: int) -> list[Any]:
    return await scope.rows(
        f"{_TARGET} AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        scope.tenant_id,
        after,
        limit,
    )


async def known_targets(scope: Scope, target_ids: Sequence[UUID]) -> list[Any]:
    if not target_ids:
        return []
    return await scope.rows(
        f"{_TARGET} AND id = ANY($2::uuid[]) ORDER BY id", scope.tenant_id, list(target_ids)
    )


async def update_target(scope: Scope, target_id: UUID, version: int, *values: Any) -> bool:
    return bool(
        await scope.execute(
            "UPDATE target_groups SET name = $5, description = $6, rule = $7, changed_at = $4,"
            " version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $3",
            scope.tenant_id,
            target_id,
            version,
            scope.now,
            *values,
        )
    )


async def delete_target(scope: Scope, target_id: UUID) -> int:
    return await scope.execute(
        "DELETE FROM target_groups WHERE tenant_id = $1 AND id = $2", scope.tenant_id, target_id
    )


async def naming_targets(scope: Scope, kind: str, named: str) -> list[Any]:
    """Whose rules name this group, target group or attribute, at any depth."""
    key = "name" if kind == "attribute" else "id"
    return await scope.rows(
        "SELECT id, name FROM target_groups WHERE tenant_id = $1 AND jsonb_path_exists(rule,"
        f" '$.** ? (@.kind == $kind && @.{key} == $named)',"
        " jsonb_build_object('kind', $2::text, 'named', $3::text)) ORDER BY id LIMIT 20",
        scope.tenant_id,
        kind,
        named,
    )


async def lock_targets(scope: Scope) -> None:
    """Two changes at once could close a circle that neither sees."""
    await scope.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('target_groups:' || $1::text, 0))",
        str(scope.tenant_id),
    )


async def limit_count_time(scope: Scope) -> None:
    await scope.execute(f"SET LOCAL statement_timeout = {COUNT_TIMEOUT_MS}")


async def count_meant(scope: Scope, term: Term) -> Any:
    """(subscribers, with_consent, opted_out) whom the rule means now."""
    given = Parameters(2, scope.now)
    where = condition(term, given)
    return await scope.one(
        "SELECT count(*) AS subscribers,"
        " count(*) FILTER (WHERE s.consent_at IS NOT NULL) AS with_consent"
        f" FROM subscribers s WHERE s.tenant_id = $1 AND s.state = 'active' AND {where}",
        scope.tenant_id,
        *given.values,
    )


async def count_among_first(scope: Scope, term: Term, number: int) -> Any:
    """The same among the first `number`, and how many those are; for where all is too many."""
    given = Parameters(3, scope.now)
    where = condition(term, given)
    return await scope.one(
        f"SELECT count(*) AS looked_at, count(*) FILTER (WHERE {where}) AS subscribers,"
        f" count(*) FILTER (WHERE {where} AND s.consent_at IS NOT NULL) AS with_consent"
        " FROM (SELECT * FROM subscribers WHERE tenant_id = $1 AND state = 'active'"
        " ORDER BY id LIMIT $2) s",
        scope.tenant_id,
        number,
        *given.values,
    )
