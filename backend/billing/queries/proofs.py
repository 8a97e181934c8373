"""Proof files: what was uploaded for which tenant."""

from uuid import UUID

import asyncpg

from backend.db.scope import Scope
from backend.files.service import StoredFile

COLUMNS = "id, tenant_id, name, media_type, size_bytes, sha256, uploaded_by, uploaded_at"


async def insert(scope: Scope, stored: StoredFile, name: str, media_type: str) -> asyncpg.Record:
    return await scope.one(
        "INSERT INTO proof_files (tenant_id, id, name, media_type, size_bytes, sha256,"
        f" uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {COLUMNS}",
        scope.tenant_id,
        stored.id,
        name,
        media_type,
        stored.size_bytes,
        stored.sha256,
        scope.principal.actor,
        scope.now,
    )


async def proof_file(scope: Scope, file_id: UUID) -> asyncpg.Record:
    return await scope.one(
        f"SELECT {COLUMNS} FROM proof_files WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        file_id,
    )


async def exists(scope: Scope, file_id: UUID) -> bool:
    return bool(
        await scope.value(
            "SELECT true FROM proof_files WHERE tenant_id = $1 AND id = $2",
            scope.tenant_id,
            file_id,
        )
    )
