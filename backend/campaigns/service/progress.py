"""Steps by which delivery keeps a session's figures."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from backend.campaigns.queries import progress
from backend.campaigns.schemas.sessions import Progress, ProgressDelta
from backend.db.scope import Scope

open_batches = progress.open_batches
drop_progress = progress.drop
session_progress = progress.total


async def record_progress(
    scope: Scope,
    session_id: UUID,
    deltas: Iterable[ProgressDelta],
    *,
    causes: Mapping[str, int] | None = None,
    submitted_at: datetime | None = None,
    receipt_at: datetime | None = None,
) -> None:
    """Add to the batches' counters, the causes and the minute, in the caller's transaction."""
    if causes:
        await progress.add_causes(scope, session_id, causes)
    await progress.add(scope, session_id, deltas, submitted_at, receipt_at)


__all__ = ["Progress", "drop_progress", "open_batches", "record_progress", "session_progress"]
