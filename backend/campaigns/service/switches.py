"""Kill switches of the platform and of tenants: the rows are campaigns', as sessions are."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.campaigns.queries import switches
from backend.campaigns.states import SessionState
from backend.db.scope import Scope

SWITCHES_SHOWN_MAX = 200
MISPLACED_ROWS_MAX = 500
RUNNING_ROWS_MAX = 200

is_sending_switched_off = switches.is_any_on
open_sessions = switches.open_sessions


class Switch(msgspec.Struct, frozen=True):
    """`tenant_id` None: the platform's. On: nothing more is claimed."""

    tenant_id: UUID | None
    is_on: bool
    reason: str | None
    changed_by: str | None
    changed_at: datetime | None


class Misplaced(NamedTuple):
    """A session whose state does not say what a switch or a suspension says."""

    tenant_id: UUID
    session_id: UUID
    state: SessionState
    is_suspended: bool


class RunningSession(msgspec.Struct, frozen=True):
    tenant_id: UUID
    tenant_name: str
    tenant_status: str
    id: UUID
    campaign_name: str | None
    origin: str
    state: SessionState
    state_changed_at: datetime
    pause_owner: str | None
    deadline_at: datetime | None
    planned: int
    final: int
    delivered: int


async def set_switch(scope: Scope, tenant_id: UUID | None, *, is_on: bool, reason: str) -> Switch:
    """Step in a platform scope. It waits for claims under way; none commits after it. Raises
    NotFound.
    """
    row = await switches.set_switch(scope, tenant_id, is_on=is_on, reason=reason)
    return msgspec.convert(dict(row), Switch)


async def standing_switches(scope: Scope) -> list[Switch]:
    """Step in a platform scope: the platform's first, then every tenant's that is on."""
    rows = await switches.standing(scope, SWITCHES_SHOWN_MAX)
    return [msgspec.convert(dict(row), Switch) for row in rows]


async def misplaced_sessions(scope: Scope) -> list[Misplaced]:
    """Step in a platform scope."""
    rows = await switches.misplaced(scope, MISPLACED_ROWS_MAX)
    return [
        Misplaced(row["tenant_id"], row["id"], SessionState(row["state"]), row["is_suspended"])
        for row in rows
    ]


async def running_sessions(scope: Scope, *states: SessionState) -> list[RunningSession]:
    """Step in a platform scope."""
    rows = await switches.running(scope, [state.value for state in states], RUNNING_ROWS_MAX)
    return [msgspec.convert(dict(row), RunningSession) for row in rows]
