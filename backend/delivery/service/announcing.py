"""Which batches are due, in turns of tenants: what the clock rings the workers for."""

from typing import NamedTuple
from uuid import UUID

from backend.db.scope import platform_scope
from backend.delivery.queries import batches
from backend.kernel.principal import system

TRANSACTIONAL_MESSAGES_MAX = 100
"""A batch this small takes the fast queue: nobody's ten wait behind somebody's million."""


class BatchKey(NamedTuple):
    tenant_id: UUID
    session_id: UUID
    batch_no: int


class DueBatch(NamedTuple):
    key: BatchKey
    is_small: bool


async def due_batches(rows_max: int) -> list[DueBatch]:
    async with platform_scope(system("announcer"), "due batches") as scope:
        rows = await batches.due(scope, rows_max)
    return [
        DueBatch(
            BatchKey(row["tenant_id"], row["session_id"], row["batch_no"]),
            row["size"] <= TRANSACTIONAL_MESSAGES_MAX,
        )
        for row in rows
    ]
