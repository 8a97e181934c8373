"""Prints of texts that were ruled on, found by their bands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.db.scope import Scope

_PRINT = (
    "SELECT p.tenant_id, p.content_hash, p.verdict, p.decision_id, p.case_id, p.title,"
    " p.signature, p.decided_at"
)
# The prints of what shares a band, one by one by their key: however they are counted, few share
# one, and a plan that reads all prints instead is right only while they are few.
_OF_SHARED = (
    " shared CROSS JOIN LATERAL (SELECT * FROM text_prints t WHERE t.tenant_id = shared.tenant_id"
    " AND t.content_hash = shared.content_hash OFFSET 0) p"
)


async def save(  # noqa: PLR0917 - one row
    scope: Scope,
    content_hash: str,
    verdict: str,
    decision_id: UUID,
    case_id: UUID,
    title: str,
    signature: list[int],
    bands: list[int],
    decided_at: datetime,
) -> None:
    """The newest ruling on the same content counts; one told late changes nothing."""
    await scope.execute(
        "INSERT INTO text_prints (tenant_id, content_hash, verdict, decision_id, case_id, title,"
        " signature, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (tenant_id, content_hash) DO UPDATE SET verdict = excluded.verdict,"
        " decision_id = excluded.decision_id, case_id = excluded.case_id, title = excluded.title,"
        " signature = excluded.signature, decided_at = excluded.decided_at"
        " WHERE text_prints.decided_at <= excluded.decided_at",
        scope.tenant_id,
        content_hash,
        verdict,
        decision_id,
        case_id,
        title,
        signature,
        decided_at,
    )
    await scope.execute(
        "INSERT INTO text_bands (tenant_id, band, content_hash)"
        " SELECT $1, band, $2 FROM unnest($3::bigint[]) AS b (band) ON CONFLICT DO NOTHING",
        scope.tenant_id,
        content_hash,
        bands,
    )


async def refused_like(scope: Scope, bands: list[int], since: datetime, limit: int) -> list[Any]:
    """In a platform scope: texts of any tenant that were refused and share a band."""
    return await scope.rows(
        f"{_PRINT} FROM (SELECT DISTINCT b.tenant_id, b.content_hash FROM text_bands b"
        f" WHERE b.band = ANY($1::bigint[])){_OF_SHARED}"
        " WHERE p.verdict = 'refuse' AND p.decided_at >= $2"
        " ORDER BY p.decided_at DESC LIMIT $3",
        bands,
        since,
        limit,
    )


async def approved_like(scope: Scope, bands: list[int], limit: int) -> list[Any]:
    """The tenant's own approved texts that share a band, and stand."""
    return await scope.rows(
        f"{_PRINT} FROM (SELECT DISTINCT b.tenant_id, b.content_hash FROM text_bands b"
        f" WHERE b.tenant_id = $1 AND b.band = ANY($2::bigint[])){_OF_SHARED}"
        " JOIN decisions d ON d.tenant_id = p.tenant_id AND d.id = p.decision_id"
        " WHERE p.verdict = 'approve' AND d.revoked_at IS NULL"
        " ORDER BY p.decided_at DESC LIMIT $3",
        scope.tenant_id,
        bands,
        limit,
    )


async def save_comparison(scope: Scope, case_id: UUID, comparison: Any) -> None:
    await scope.execute(
        "INSERT INTO case_comparisons (tenant_id, case_id, comparison, made_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        scope.tenant_id,
        case_id,
        comparison,
        scope.now,
    )


async def comparison_of(scope: Scope, case_id: UUID) -> Any:
    """The row; None where nobody made one."""
    return await scope.row(
        "SELECT comparison FROM case_comparisons WHERE tenant_id = $1 AND case_id = $2",
        scope.tenant_id,
        case_id,
    )
