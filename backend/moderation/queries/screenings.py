"""What screening saw of each content version, and the hosts nobody may send."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.schemas.sessions import ApprovalBounds
from backend.db.scope import Scope
from backend.moderation.schemas.screening import DryRun, Hit


class Screening(msgspec.Struct, frozen=True, kw_only=True):
    session_id: UUID
    content_version: int
    hash: str
    dry_run: DryRun
    hits: list[Hit]
    bounds: ApprovalBounds
    score: int
    outcome: str
    screened_at: datetime
    rules_version: int


_COLUMNS = ", ".join(Screening.__struct_fields__)


async def save(scope: Scope, found: Screening) -> None:
    await scope.execute(
        f"INSERT INTO screenings (tenant_id, {_COLUMNS})"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (tenant_id, session_id, content_version) DO UPDATE SET"
        " hash = excluded.hash, dry_run = excluded.dry_run, hits = excluded.hits,"
        " bounds = excluded.bounds, score = excluded.score, outcome = excluded.outcome,"
        " screened_at = excluded.screened_at, rules_version = excluded.rules_version",
        scope.tenant_id,
        found.session_id,
        found.content_version,
        found.hash,
        msgspec.to_builtins(found.dry_run),
        msgspec.to_builtins(found.hits),
        msgspec.to_builtins(found.bounds),
        found.score,
        found.outcome,
        found.screened_at,
        found.rules_version,
    )
    await scope.execute(
        "INSERT INTO sampled_people (tenant_id, session_id, content_version, subscriber_id)"
        " SELECT $1, $2, $3, unnest($4::uuid[]) ON CONFLICT DO NOTHING",
        scope.tenant_id,
        found.session_id,
        found.content_version,
        sorted(sampled(found)),
    )


def sampled(found: Screening) -> set[UUID]:
    """Whose texts it shows."""
    dry_run = found.dry_run
    ids = [one.subscriber_id for one in dry_run.renderings]
    ids += [one.subscriber_id for one in dry_run.hosts]
    ids += [one.subscriber_id for one in found.hits]
    return {one for one in ids if one is not None}


async def find(scope: Scope, session_id: UUID, content_version: int) -> Screening | None:
    row = await scope.row(
        f"SELECT {_COLUMNS} FROM screenings"
        " WHERE tenant_id = $1 AND session_id = $2 AND content_version = $3",
        scope.tenant_id,
        session_id,
        content_version,
    )
    return msgspec.convert(dict(row), Screening) if row else None


async def blocked_hosts(scope: Scope) -> frozenset[str]:
    return frozenset(row["host"] for row in await scope.rows("SELECT host FROM blocked_hosts"))


async def list_blocked_hosts(scope: Scope) -> list[Any]:
    return await scope.rows(
        "SELECT host, reason, added_by, added_at FROM blocked_hosts ORDER BY host"
    )


async def block_host(scope: Scope, host: str, reason: str) -> Any:
    """Twice keeps the first reason."""
    await scope.execute(
        "INSERT INTO blocked_hosts (host, reason, added_by, added_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (host) DO NOTHING",
        host,
        reason,
        scope.principal.actor,
        scope.now,
    )
    return await scope.one(
        "SELECT host, reason, added_by, added_at FROM blocked_hosts WHERE host = $1", host
    )


async def unblock_host(scope: Scope, host: str) -> int:
    return await scope.execute("DELETE FROM blocked_hosts WHERE host = $1", host)
