"""Votes: cast once, settled once."""

from typing import Any
from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.moderation.schemas.votes import VoteRow
from backend.moderation.states import VoteState

_COLUMNS = ", ".join(VoteRow.__struct_fields__)


async def insert(scope: Scope, vote: VoteRow) -> None:
    """Raises asyncpg.UniqueViolationError where another vote on the case waits for its time."""
    await scope.execute(
        f"INSERT INTO votes ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        vote.tenant_id,
        vote.id,
        vote.case_id,
        vote.verdict.value,
        vote.content_hash,
        vote.lease_fence,
        vote.voter,
        vote.voter_name,
        vote.reason_code,
        vote.conduct_version,
        vote.message,
        vote.note,
        msgspec.to_builtins(vote.comments),
        msgspec.to_builtins(vote.shown),
        vote.four_eyes,
        vote.lane.value,
        vote.review_seconds,
        vote.cast_at,
        vote.takes_effect_at,
        vote.state.value,
        vote.void_why,
    )


async def read(scope: Scope, vote_id: UUID) -> VoteRow:
    """Raises NotFound."""
    row = await scope.one(
        f"SELECT {_COLUMNS} FROM votes WHERE tenant_id = $1 AND id = $2", scope.tenant_id, vote_id
    )
    return msgspec.convert(dict(row), VoteRow)


async def of_case(scope: Scope, case_id: UUID) -> list[VoteRow]:
    """Oldest first."""
    rows = await scope.rows(
        f"SELECT {_COLUMNS} FROM votes WHERE tenant_id = $1 AND case_id = $2 ORDER BY id",
        scope.tenant_id,
        case_id,
    )
    return [msgspec.convert(dict(row), VoteRow) for row in rows]


async def settle(scope: Scope, vote_id: UUID, to: VoteState, why: str | None = None) -> bool:
    """Whether this call was the one."""
    return bool(
        await scope.execute(
            "UPDATE votes SET state = $3, settled_at = $4, void_why = $5"
            " WHERE tenant_id = $1 AND id = $2 AND state = 'pending'",
            scope.tenant_id,
            vote_id,
            to.value,
            scope.now,
            why,
        )
    )


async def void_counted(scope: Scope, vote_id: UUID, why: str) -> None:
    """The first of two, which does not count any more."""
    await scope.execute(
        "UPDATE votes SET state = 'void', settled_at = $3, void_why = $4"
        " WHERE tenant_id = $1 AND id = $2 AND state = 'counted'",
        scope.tenant_id,
        vote_id,
        scope.now,
        why,
    )


async def void_pending(scope: Scope, case_id: UUID, why: str) -> int:
    return await scope.execute(
        "UPDATE votes SET state = 'void', settled_at = $3, void_why = $4"
        " WHERE tenant_id = $1 AND case_id = $2 AND state = 'pending'",
        scope.tenant_id,
        case_id,
        scope.now,
        why,
    )


async def due(scope: Scope, limit: int) -> list[Any]:
    """(tenant_id, id, vote_id) of cases over all tenants, in a platform scope, oldest first."""
    return await scope.rows(
        "SELECT tenant_id, id, vote_id FROM cases"
        " WHERE takes_effect_at IS NOT NULL AND takes_effect_at <= $1"
        " ORDER BY takes_effect_at LIMIT $2",
        scope.now,
        limit,
    )
