"""Steps for whoever runs sessions: the locks a claim takes, and lists over all tenants."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
import structlog

from backend.campaigns.queries import watching
from backend.campaigns.schemas.sessions import Progress
from backend.campaigns.states import TENANT, WATCHES, SessionState
from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import NotFound
from backend.kernel.principal import Principal, system

WATCHED_ROWS_MAX = 1_000
OVERDUE_IDS_MAX = 5
"""Named in an alarm: enough to look one up."""
_log = structlog.get_logger("clearsend.campaigns")


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

    def is_leased(self, now: datetime) -> bool:
        return self.lease_until is not None and self.lease_until >= now


class Overdue(msgspec.Struct, frozen=True):
    """Sessions of one state that their owner has left for longer than `WATCHES` allows."""

    state: SessionState
    owner: str
    sessions: int
    since: datetime
    first_ids: list[UUID]


class ActiveProgress(msgspec.Struct, frozen=True):
    tenant_id: UUID
    id: UUID
    state: SessionState
    state_version: int
    pause_owner: str | None
    progress: Progress


async def sessions_over(scope: Scope, session_ids: Collection[UUID]) -> set[UUID]:
    """A step: those of them that are at an end, with their money settled."""
    return await watching.over(scope, session_ids) if session_ids else set()


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
    principal: Principal,
    *states: SessionState,
    is_due: bool = False,
    page_rows: int = WATCHED_ROWS_MAX,
) -> AsyncIterator[WatchedSession]:
    """Every session in these states over all tenants, the longest waiting first; `is_due`: those
    whose due time has come.

    Page by page, each in a scope that has ended when its sessions are seen: one that cannot move on
    is passed over, and keeps nobody behind it waiting.
    """
    after: tuple[datetime, UUID] | None = None
    while True:
        async with platform_scope(principal, "sessions in their states") as scope:
            due_before = scope.now if is_due else None
            rows = await watching.in_states(scope, states, page_rows, due_before, after)
        for row in rows:
            yield msgspec.convert(dict(row), WatchedSession)
        if len(rows) < page_rows:
            return
        after = (rows[-1]["state_changed_at"], rows[-1]["id"])


async def sessions_past_deadline(
    principal: Principal, page_rows: int = WATCHED_ROWS_MAX
) -> AsyncIterator[tuple[UUID, UUID, SessionState]]:
    """(tenant, session, state) whose deadline passed; page by page as in `sessions_in`."""
    after: tuple[datetime, UUID] | None = None
    while True:
        async with platform_scope(principal, "deadlines") as scope:
            rows = await watching.past_deadline(scope, page_rows, after)
        for row in rows:
            yield row["tenant_id"], row["id"], SessionState(row["state"])
        if len(rows) < page_rows:
            return
        after = (rows[-1]["deadline_at"], rows[-1]["id"])


async def overdue_sessions(principal: Principal) -> list[Overdue]:
    """Over all tenants, the longest waiting first; empty where every owner does their part."""
    states = list(WATCHES)
    alarms = [WATCHES[state].alarm_after for state in states]
    async with platform_scope(principal, "sessions over their alarm") as scope:
        rows = await watching.overdue(scope, states, alarms, OVERDUE_IDS_MAX)
    return [
        Overdue(
            state=SessionState(row["state"]),
            owner=WATCHES[SessionState(row["state"])].owner,
            sessions=row["sessions"],
            since=row["since"],
            first_ids=list(row["first_ids"]),
        )
        for row in rows
    ]


async def report_overdue() -> int:
    """Use case of the clock: one line a state for whoever reads the logs. What waits for a tenant
    is told, what waits for us is a warning. Returns the sessions over their alarm.
    """
    found = await overdue_sessions(system("watch"))
    for overdue in found:
        say = _log.info if overdue.owner == TENANT else _log.warning
        say(
            "sessions_overdue",
            state=overdue.state.value,
            owner=overdue.owner,
            sessions=overdue.sessions,
            since=overdue.since.isoformat(),
            first_ids=[str(one) for one in overdue.first_ids],
        )
    return sum(overdue.sessions for overdue in found)


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
