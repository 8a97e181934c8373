"""SQL of attributes, groups and who is in them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.db.scope import Scope

_GROUP = (
    "SELECT g.id, g.name, g.description, g.header, g.footer, g.require_consent, g.sending,"
    " g.version, g.created_at, (SELECT count(*) FROM group_members m WHERE m.tenant_id = $1"
    " AND m.group_id = g.id) AS subscribers FROM groups g WHERE g.tenant_id = $1"
)


async def attributes(scope: Scope) -> list[Any]:
    return await scope.rows(
        "SELECT name, label, kind FROM attributes WHERE tenant_id = $1 ORDER BY name",
        scope.tenant_id,
    )


async def add_attributes(scope: Scope, rows: Sequence[tuple[str, str, str]]) -> int:
    """(name, label, kind) each; those that exist stay as they are. The number of new ones."""
    names, labels, kinds = zip(*rows, strict=True) if rows else ((), (), ())
    return await scope.execute(
        "INSERT INTO attributes (tenant_id, name, label, kind, created_at)"
        " SELECT $1, n, l, k, $2 FROM unnest($3::text[], $4::text[], $5::text[]) AS a (n, l, k)"
        " ON CONFLICT DO NOTHING",
        scope.tenant_id,
        scope.now,
        list(names),
        list(labels),
        list(kinds),
    )


async def hold_attributes(scope: Scope) -> None:
    """Until the caller's transaction ends none is deleted: it writes values of them."""
    await scope.execute(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))",
        f"{scope.tenant_id}|attributes",
    )


async def lock_attributes(scope: Scope) -> bool:
    """Until the caller's transaction ends nobody writes values. False: somebody does just now."""
    return bool(
        await scope.value(
            "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))",
            f"{scope.tenant_id}|attributes",
        )
    )


async def is_attribute_used(scope: Scope, name: str) -> bool:
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT 1 FROM subscribers WHERE tenant_id = $1 AND attributes ? $2)",
            scope.tenant_id,
            name,
        )
    )


async def delete_attribute(scope: Scope, name: str) -> int:
    return await scope.execute(
        "DELETE FROM attributes WHERE tenant_id = $1 AND name = $2", scope.tenant_id, name
    )


async def add_group(scope: Scope, group_id: UUID, *values: Any) -> bool:
    """`values`: name, description, header, footer, require_consent, sending. False: the name is
    taken.
    """
    return bool(
        await scope.execute(
            "INSERT INTO groups (tenant_id, id, created_at, name, description, header, footer,"
            " require_consent, sending) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            " ON CONFLICT (tenant_id, name) DO NOTHING",
            scope.tenant_id,
            group_id,
            scope.now,
            *values,
        )
    )


async def count_groups(scope: Scope) -> int:
    return int(
        await scope.value("SELECT count(*) FROM groups WHERE tenant_id = $1", scope.tenant_id)
    )


async def group(scope: Scope, group_id: UUID) -> Any:
    return await scope.one(f"{_GROUP} AND g.id = $2", scope.tenant_id, group_id)


async def groups_page(scope: Scope, after: UUID | None, limit: int) -> list[Any]:
    return await scope.rows(
        f"{_GROUP} AND ($2::uuid IS NULL OR g.id > $2) ORDER BY g.id LIMIT $3",
        scope.tenant_id,
        after,
        limit,
    )


async def update_group(scope: Scope, group_id: UUID, version: int, *values: Any) -> bool:
    return bool(
        await scope.execute(
            "UPDATE groups SET name = $4, description = $5, header = $6, footer = $7,"
            " require_consent = $8, sending = $9, version = version + 1"
            " WHERE tenant_id = $1 AND id = $2 AND version = $3",
            scope.tenant_id,
            group_id,
            version,
            *values,
        )
    )


async def delete_group(scope: Scope, group_id: UUID) -> int:
    return await scope.execute(
        "DELETE FROM groups WHERE tenant_id = $1 AND id = $2", scope.tenant_id, group_id
    )


async def is_group_awaited(scope: Scope, group_id: UUID) -> bool:
    """Whether an import that may still be accepted goes into it."""
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT 1 FROM imports WHERE tenant_id = $1"
            " AND state NOT IN ('accepted', 'discarded') AND options->>'group_id' = $2)",
            scope.tenant_id,
            str(group_id),
        )
    )


async def known_groups(scope: Scope, group_ids: Sequence[UUID]) -> list[Any]:
    return await scope.rows(
        "SELECT id, name, header, footer, require_consent, sending FROM groups"
        " WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id",
        scope.tenant_id,
        list(group_ids),
    )


async def every_group(scope: Scope) -> list[Any]:
    return await scope.rows(
        "SELECT id, name, header, footer, require_consent FROM groups WHERE tenant_id = $1",
        scope.tenant_id,
    )


async def add_members(
    scope: Scope, group_ids: Sequence[UUID], subscriber_ids: Sequence[UUID]
) -> int:
    return await scope.execute(
        "INSERT INTO group_members (tenant_id, group_id, subscriber_id, added_at)"
        " SELECT $1, g, s, $4 FROM unnest($2::uuid[]) g CROSS JOIN unnest($3::uuid[]) s"
        " ORDER BY g, s ON CONFLICT DO NOTHING",
        scope.tenant_id,
        list(group_ids),
        list(subscriber_ids),
        scope.now,
    )


async def remove_members(scope: Scope, group_id: UUID, subscriber_ids: Sequence[UUID]) -> int:
    return await scope.execute(
        "DELETE FROM group_members WHERE tenant_id = $1 AND group_id = $2"
        " AND subscriber_id = ANY($3::uuid[])",
        scope.tenant_id,
        group_id,
        list(subscriber_ids),
    )
