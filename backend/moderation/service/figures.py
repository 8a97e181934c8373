"""How long a look and a wait usually are, and what a tenant is told of its own."""

from uuid import UUID

from backend.campaigns.service.moves import read_session
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.principal import Principal, system
from backend.moderation.queries import cases, desk, queue
from backend.moderation.schemas.desk import WaitView
from backend.moderation.states import Lane

DECISIONS_MIN = 20
"""Fewer say nothing about the next one."""


async def measure_lanes() -> None:
    """Use case of the clock; several clocks count the same."""
    async with platform_scope(system("desk"), "usual times of the lanes") as scope:
        for lane in Lane:
            await desk.measure_lane(scope, lane, DECISIONS_MIN)


async def read_wait(principal: Principal, session_id: UUID) -> WaitView:
    """Of a session the tenant submitted: nothing but a number is told of anybody else's.
    Raises NotFound.
    """
    async with tenant_scope(principal) as scope:
        await read_session(scope, session_id)
        case = await cases.open_case_of(scope, session_id=session_id)
        is_held = case is not None and case.holder_at(scope.now) is not None
        found = await desk.figures(scope, case.lane) if case else None
    position = None
    if case is not None:
        async with platform_scope(system("desk"), "a position in the queue") as scope:
            position = await queue.position(scope, case.tenant_id, case.id, queue.COUNTED_MAX)
    return WaitView(
        session_id=session_id,
        is_waiting=case is not None,
        position=position,
        waiting_since=case.opened_at if case else None,
        p50_seconds=found.wait_p50_seconds if found else None,
        p90_seconds=found.wait_p90_seconds if found else None,
        measured_decisions=found.decisions if found else 0,
        is_being_looked_at=is_held,
        is_decided=case is not None and case.vote_id is not None,
    )
