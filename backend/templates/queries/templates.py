"""Templates and their versions."""

from typing import Any
from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.kernel.ids import uuid7
from backend.templates.schemas import TemplateContent, TemplateVersionView, version_hash

VERSION = ", ".join(TemplateVersionView.__struct_fields__)


async def insert_template(scope: Scope, name: str, description: str) -> UUID:
    template_id = uuid7()
    await scope.execute(
        "INSERT INTO templates (tenant_id, id, name, description, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        scope.tenant_id,
        template_id,
        name,
        description,
        scope.principal.actor,
        scope.now,
    )
    return template_id


async def insert_version(
    scope: Scope, template_id: UUID, content: TemplateContent
) -> TemplateVersionView:
    """Raises NotFound for a template that is absent or archived."""
    row = await scope.one(
        "UPDATE templates SET versions = versions + 1"
        " WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL RETURNING versions",
        scope.tenant_id,
        template_id,
    )
    made = await scope.one(
        "INSERT INTO template_versions (tenant_id, id, template_id, version, body, header, footer,"
        " hash, state_changed_at, created_by, created_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9) RETURNING {VERSION}",
        scope.tenant_id,
        uuid7(),
        template_id,
        row["versions"],
        content.body,
        content.header,
        content.footer,
        version_hash(content),
        scope.now,
        scope.principal.actor,
    )
    return msgspec.convert(dict(made), TemplateVersionView)


async def read_template(scope: Scope, template_id: UUID) -> Any:
    """Raises NotFound."""
    return await scope.one(
        "SELECT id, name, description, versions, created_at, archived_at FROM templates"
        " WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        template_id,
    )


async def page(scope: Scope, search: str | None, after: UUID | None, limit: int) -> list[Any]:
    """Newest first; archived ones are left out."""
    return await scope.rows(
        "SELECT id, name, description, versions, created_at, archived_at FROM templates"
        " WHERE tenant_id = $1 AND archived_at IS NULL AND ($2::uuid IS NULL OR id < $2)"
        " AND ($3::text IS NULL OR position(lower($3) IN lower(name)) > 0)"
        " ORDER BY id DESC LIMIT $4",
        scope.tenant_id,
        after,
        search,
        limit,
    )


async def read_version(scope: Scope, version_id: UUID) -> TemplateVersionView:
    """Raises NotFound."""
    row = await scope.one(
        f"SELECT {VERSION} FROM template_versions WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        version_id,
    )
    return msgspec.convert(dict(row), TemplateVersionView)


async def versions(scope: Scope, template_id: UUID) -> list[TemplateVersionView]:
    """Newest first."""
    rows = await scope.rows(
        f"SELECT {VERSION} FROM template_versions WHERE tenant_id = $1 AND template_id = $2"
        " ORDER BY version DESC",
        scope.tenant_id,
        template_id,
    )
    return [msgspec.convert(dict(row), TemplateVersionView) for row in rows]


async def shown_versions(
    scope: Scope, template_ids: list[UUID]
) -> dict[UUID, list[TemplateVersionView]]:
    """Of each template the newest and the newest approved version, newest first."""
    rows = await scope.rows(
        f"SELECT {VERSION} FROM (SELECT v.*,"
        " row_number() OVER (PARTITION BY template_id ORDER BY version DESC) AS nth,"
        " row_number() OVER (PARTITION BY template_id, state ORDER BY version DESC) AS nth_of"
        " FROM template_versions v WHERE tenant_id = $1 AND template_id = ANY($2::uuid[])) n"
        " WHERE nth = 1 OR (state = 'approved' AND nth_of = 1) ORDER BY version DESC",
        scope.tenant_id,
        template_ids,
    )
    found: dict[UUID, list[TemplateVersionView]] = {}
    for row in rows:
        found.setdefault(row["template_id"], []).append(
            msgspec.convert(dict(row), TemplateVersionView)
        )
    return found


async def update_template(
    scope: Scope, template_id: UUID, name: str | None, description: str | None
) -> None:
    """Raises NotFound."""
    await scope.one(
        "UPDATE templates SET name = coalesce($3, name), description = coalesce($4, description)"
        " WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL RETURNING id",
        scope.tenant_id,
        template_id,
        name,
        description,
    )


async def archive(scope: Scope, template_id: UUID) -> None:
    """Raises NotFound. Twice keeps the first time."""
    await scope.one(
        "UPDATE templates SET archived_at = coalesce(archived_at, $3)"
        " WHERE tenant_id = $1 AND id = $2 RETURNING id",
        scope.tenant_id,
        template_id,
        scope.now,
    )
