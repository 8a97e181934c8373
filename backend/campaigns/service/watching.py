"""Steps for whoever runs sessions: the locks a claim takes, and lists over all tenants."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.campaigns.queries import watching
from backend.campaigns.schemas.sessions import Progress
from backend.campaigns.states import SessionState
from backend.db.scope import Scope
from backend.kernel.errors import NotFound

WATCHED_ROWS_MAX = 1_000


class LockedSession(msgspec.Struct, frozen=True):
    """As it stands until the end of the caller's transaction."""

    id: UUID
    state: SessionState
    generation: int
    is_stopped: bool
    hold_id: UUID | None
    session_day: date | None
    deadline_at: datetime | None = None
    is_killed: bool = False
    """The platform's or the tenant's kill switch is on."""

    @property
    def is_settling(self) -> bool:
        """Only receipts are waited for: settling, or failed with its hold still open."""
        has_failed = self.state is SessionState.FAILED
        return self.state is SessionState.SETTLING or (has_failed and self.deadline_at is not None)

    @property
    def is_open(self) -> bool:
        """Its money is not settled yet: a receipt still captures and counts."""
        return self.is_settling or self.state in (SessionState.SENDING, SessionState.PAUSED)

    @property
    def may_send(self) -> bool:
        return self.state is SessionState.SENDING and not self.is_killed


class WatchedSession(msgspec.Struct, frozen=True):
    tenant_id: UUID
    id: UUID
    state: SessionState
    schedule_kind: str
    due_at: datetime | None
    deadline_at: datetime | None
    lease_until: datetime | None
    state_changed_at: datetime
    max_lateness_minutes: int


class ActiveProgress(msgspec.Struct, frozen=True):
    tenant_id: UUID
    id: UUID
    state: SessionState
    state_version: int
    pause_owner: str | None
    progress: Progress


async def lock_for_sending(scope: Scope, session_id: UUID) -> LockedSession:
    """Raises NotFound. Take it before any row of the session: everybody does, in this order."""
    rows = await watching.lock_for_sending(scope, session_id)
    if not rows:
        raise NotFound
    is_killed = any(row["is_on"] for row in rows)
    return msgspec.convert({**rows[0], "is_killed": is_killed}, LockedSession)


async def lock_sessions(scope: Scope, session_ids: Sequence[UUID]) -> dict[UUID, LockedSession]:
    rows = await watching.lock_several(scope, session_ids)
    return {row["id"]: msgspec.convert(dict(row), LockedSession) for row in rows}


async def sessions_in(
    scope: Scope,
    *states: SessionState,
    due_before: datetime | None = None,
    rows_max: int = WATCHED_ROWS_MAX,
) -> list[WatchedSession]:
    """In a platform scope; `due_before` keeps those whose due time passed by then."""
    rows = await watching.in_states(scope, states, rows_max, due_before)
    return [msgspec.convert(dict(row), WatchedSession) for row in rows]


async def sessions_past_deadline(scope: Scope) -> list[tuple[UUID, UUID, SessionState]]:
    """In a platform scope: (tenant, session, state) whose deadline passed."""
    rows = await watching.past_deadline(scope, WATCHED_ROWS_MAX)
    return [(row["tenant_id"], row["id"], SessionState(row["state"])) for row in rows]


async def active_progress(scope: Scope) -> list[ActiveProgress]:
    """In a platform scope."""
    rows = await watching.progress_of_active(scope, WATCHED_ROWS_MAX)
    return [
        ActiveProgress(
            tenant_id=row["tenant_id"],
            id=row["id"],
            state=SessionState(row["state"]),
            state_version=row["state_version"],
            pause_owner=row["pause_owner"],
            progress=msgspec.convert(dict(row), Progress),
        )
        for row in rows
    ]
