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
    rows = list(deltas)
    await progress.add(scope, session_id, rows, submitted_at, receipt_at)
    if causes:
        await progress.add_causes(scope, session_id, causes)
    await progress.add_minute(
        scope,
        session_id,
        scope.now,
        submitted=sum(row.ever_submitted for row in rows),
        accepted=sum(row.ever_accepted for row in rows),
        delivered=sum(row.delivered for row in rows),
        failed=sum(row.undelivered + row.rejected + row.unreachable + row.expired for row in rows),
    )


__all__ = ["Progress", "drop_progress", "open_batches", "record_progress", "session_progress"]
