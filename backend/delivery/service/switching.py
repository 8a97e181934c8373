"""Stops from above: switches of the platform and of tenants, whole tenants, and what they do to
sessions. The switch itself stops every claim at its commit; the sessions follow within a second.
"""

from contextlib import suppress
from uuid import UUID

import msgspec

from backend.campaigns.service import switches
from backend.campaigns.service.moves import read_session
from backend.campaigns.states import SessionState
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.schemas import (
    KilledSessions,
    RunningSessionView,
    SendingDesk,
    SwitchChange,
    SwitchView,
)
from backend.delivery.service.stopping import kill, pause, resume
from backend.identity.service.stakes import refuse_own_tenant_of
from backend.identity.service.tenants import tenant_names
from backend.kernel.errors import Conflict, StateConflict
from backend.kernel.principal import Principal, system

S = SessionState
KILLED_SESSIONS_MAX = 1_000
SHOWN = (S.PREPARING, S.SENDING, S.PAUSED, S.SETTLING)
LIFTED_BY_CLOCK = frozenset({"suspension", "platform"})


async def read_sending_desk(principal: Principal) -> SendingDesk:
    """Every switch that is on, and what is under way, over all tenants."""
    async with platform_scope(principal, "sending desk") as scope:
        standing = await switches.standing_switches(scope)
        names = await tenant_names(scope, [s.tenant_id for s in standing if s.tenant_id])
        running = await switches.running_sessions(scope, *SHOWN)
    views = [_view(switch, names) for switch in standing]
    return SendingDesk(
        platform=next(view for view in views if view.tenant_id is None),
        tenants=[view for view in views if view.tenant_id is not None],
        sessions=[RunningSessionView(**msgspec.structs.asdict(one)) for one in running],
    )


def _view(switch: switches.Switch, names: dict[UUID, str]) -> SwitchView:
    name = names.get(switch.tenant_id) if switch.tenant_id else None
    return SwitchView(**msgspec.structs.asdict(switch), tenant_name=name)


async def switch_platform(principal: Principal, given: SwitchChange) -> SwitchView:
    """On: from its commit no window of anybody is claimed."""
    word = "off" if given.is_sending else "on"
    reason = f"platform's kill switch {word}: {given.reason}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        switch = await switches.set_switch(
            scope, None, is_on=not given.is_sending, reason=given.reason
        )
        view = _view(switch, {})
        await scope.answer(view, 200)
    await enforce_switches()
    return view


async def switch_tenant(principal: Principal, tenant_id: UUID, given: SwitchChange) -> SwitchView:
    """Raises NotFound; Forbidden `own_tenant` for our own people who let themselves send again."""
    word = "off" if given.is_sending else "on"
    reason = f"tenant's kill switch {word}: {given.reason}"
    async with platform_scope(principal, reason, tenant_id, takes_key=True) as scope:
        if given.is_sending:
            await refuse_own_tenant_of(scope, tenant_id)
        switch = await switches.set_switch(
            scope, tenant_id, is_on=not given.is_sending, reason=given.reason
        )
        view = _view(switch, await tenant_names(scope, [tenant_id]))
        await scope.answer(view, 200)
    await enforce_switches()
    return view


async def kill_sessions_of_tenant(
    principal: Principal, tenant_id: UUID, *, reason: str
) -> KilledSessions:
    """Everything of a tenant that has not ended, drafts left alone; each in its own transaction, so
    what cannot be killed keeps nothing else alive.
    """
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        ids = await switches.open_sessions(scope, KILLED_SESSIONS_MAX)
    killed = cancelled = 0
    once = msgspec.structs.replace(principal, idempotency=None)
    for session_id in ids:
        with suppress(Conflict):
            async with tenant_scope(once, tenant_id, reason=reason) as scope:
                standing = await kill(scope, await read_session(scope, session_id), reason)
            killed += 1
            cancelled += standing.cancelled
    view = KilledSessions(sessions=len(ids), killed=killed, cancelled=cancelled)
    if principal.idempotency is not None:
        async with tenant_scope(principal, tenant_id, reason=reason) as scope:
            await scope.answer(view, 200)
    return view


async def enforce_switches() -> int:
    """Use case of the clock: what sends although a switch or a suspension forbids it is paused by
    who forbids it; what was held for that alone goes on. What a person paused stays paused.
    """
    async with platform_scope(system("switches"), "sessions and switches") as scope:
        found = await switches.misplaced_sessions(scope)
    for one in found:
        with suppress(StateConflict):
            async with tenant_scope(system("switches", one.tenant_id)) as scope:
                session = await read_session(scope, one.session_id)
                if one.state is S.SENDING is session.state:
                    await pause(scope, session, "suspension" if one.is_suspended else "platform")
                elif session.state is S.PAUSED and session.pause_owner in LIFTED_BY_CLOCK:
                    await resume(scope, session)
    return len(found)
