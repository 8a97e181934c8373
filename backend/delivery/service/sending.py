"""One batch from its lease to its end: windows through the gateway, one after another."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

import structlog

from backend.db.scope import tenant_scope
from backend.delivery.queries import batches
from backend.delivery.service.announcing import BatchKey
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.claiming import (
    LEASE_SECONDS,
    WINDOW_MESSAGES_MAX,
    Halt,
    Lease,
    Window,
    claim_window,
    give_back,
    submission,
    take_lease,
)
from backend.delivery.service.failing import count_fault
from backend.delivery.service.failover import rescue_batch
from backend.delivery.service.late_answers import record_late_answers
from backend.delivery.service.outcomes import Answered
from backend.delivery.service.ways import open_ways
from backend.delivery.states import BatchState
from backend.gateways.journal import Journal
from backend.gateways.meter import is_gateways_fault
from backend.gateways.port import Gateway, clock_seconds
from backend.gateways.service import grant_sender_throughput, grant_throughput
from backend.kernel import faults
from backend.kernel.errors import StateConflict, Unavailable
from backend.kernel.principal import system

SUBMIT_TIMEOUT_SECONDS: Final = 10.0
GATEWAY_PAUSE_SECONDS: Final = 2
"""A batch its gateway takes nothing of now tries again after this, elsewhere if another serves."""
WINDOW_SECONDS_MAX: Final = 1.0
"""Of the gateway's granted rate: several lanes take turns, and each writes within 5 s."""
GRANT_WAIT_SECONDS_MAX: Final = 15.0
LANE_SECONDS_MAX: Final = 20.0
"""At one batch: then it goes behind what came meanwhile, so that a lane is free within the time,
however slow the gateway of the others is.
"""
_log = structlog.get_logger("clearsend.delivery")


async def send_batch(carriers: Carriers, tenant_id: UUID, session_id: UUID, batch_no: int) -> int:
    """Messages handed to the carrier. Twice or too late: the lease says no and nothing happens."""
    lease = await take_lease(tenant_id, session_id, batch_no)
    if lease is None:
        return 0
    gateway = carriers.sendable(lease.gateway_id)
    if gateway is None:
        await _reroute(lease)
        return 0
    journal = carriers.borrow_journal()
    try:
        return await _send_windows(carriers, gateway, lease, journal)
    except (StateConflict, Unavailable):
        raise  # somebody moved the session, or the database is away: no fault of the batch
    except Exception as fault:
        with suppress(StateConflict):
            await count_fault(tenant_id, session_id, fault)
        raise
    finally:
        carriers.give_back_journal(journal)


async def _send_windows(
    carriers: Carriers, gateway: Gateway, lease: Lease, journal: Journal
) -> int:
    limits = await _limits(lease)
    size = limits.messages_max
    sent, upto, began, pause = 0, lease.claimed_upto, clock_seconds(), 0
    while not carriers.is_closing and carriers.sendable(lease.gateway_id):
        if limits.are_set and not await _wait_for_throughput(lease, limits):
            pause = GATEWAY_PAUSE_SECONDS
            break
        claimed_at = clock_seconds()
        window = await claim_window(lease, upto, size)
        if isinstance(window, Halt):
            if window.state is not BatchState.LEASED:
                await give_back(lease, window.state, pause_seconds=GATEWAY_PAUSE_SECONDS)
            return sent
        upto = window.claimed_upto
        if window.messages:
            was_taken = await _send_window(
                carriers, gateway, lease, window, journal, claimed_at=claimed_at
            )
            sent += len(window.messages)
            if not was_taken:
                pause = GATEWAY_PAUSE_SECONDS
                break
        if clock_seconds() - began > LANE_SECONDS_MAX:
            break
    await give_back(lease, BatchState.QUEUED, pause_seconds=pause)
    return sent


async def _send_window(
    carriers: Carriers,
    gateway: Gateway,
    lease: Lease,
    window: Window,
    journal: Journal,
    *,
    claimed_at: float,
) -> bool:
    """False: the gateway took nothing of it, so the rest of the batch should wait too."""
    submissions = [submission(lease, message) for message in window.messages]
    journal.begin(window.token)
    carriers.begin_window()
    parts = []
    try:
        outcomes = await gateway.submit_window(
            submissions,
            timeout_seconds=SUBMIT_TIMEOUT_SECONDS,
            claimed_at=claimed_at,
            journal=journal,
        )
        faults.point("submit.answered")
        carriers.meter.answered(lease.gateway_id, outcomes)
        recorded = await carriers.recorder.record(Answered(lease, window, outcomes))
        parts = recorded.parts
    finally:
        carriers.end_window(lease.gateway_id, parts)
    if not recorded.is_ours:
        _log.warning("lease lost", session_id=str(lease.session_id), batch_no=lease.batch_no)
        await record_late_answers(lease.gateway_id, outcomes)
        return False
    return not is_gateways_fault(outcomes)


class _Limits(NamedTuple):
    """Segments per second over all processes; None: as fast as the carrier answers."""

    of_gateway: float | None
    of_sender: float | None
    segments_per_message: float

    @property
    def are_set(self) -> bool:
        return self.of_gateway is not None or self.of_sender is not None

    @property
    def messages_max(self) -> int:
        rates = [rate for rate in (self.of_gateway, self.of_sender) if rate is not None]
        if not rates:
            return WINDOW_MESSAGES_MAX
        size = int(min(rates) * WINDOW_SECONDS_MAX / self.segments_per_message)
        return max(1, min(WINDOW_MESSAGES_MAX, size))


async def _limits(lease: Lease) -> _Limits:
    mine = next((way for way in await open_ways(lease.sender) if way.id == lease.gateway_id), None)
    segments_per_message = max(1.0, lease.segments / lease.size)
    if mine is None:
        return _Limits(None, None, segments_per_message)
    rates = mine.throughput_segments_per_second_max, mine.sender_segments_per_second_max
    return _Limits(*rates, segments_per_message)


async def _wait_for_throughput(lease: Lease, limits: _Limits) -> bool:
    """Before the claim, whose first byte has 5 s. The sender's turn comes first: who waits for it
    must not hold a turn of the gateway that others could use. False: so many wait that the batch
    should too.
    """
    segments = limits.messages_max * limits.segments_per_message
    waited = 0.0
    if limits.of_sender is not None:
        wait = await grant_sender_throughput(
            lease.gateway_id, lease.sender, segments, limits.of_sender, GRANT_WAIT_SECONDS_MAX
        )
        if wait is None:
            return False
        await asyncio.sleep(wait)
        waited += wait
    if limits.of_gateway is not None:
        wait = await grant_throughput(
            lease.gateway_id, segments, limits.of_gateway, GRANT_WAIT_SECONDS_MAX
        )
        if wait is None:
            return False
        await asyncio.sleep(wait)
        waited += wait
    if waited:
        async with tenant_scope(system("send", lease.tenant_id)) as scope:
            until = scope.now + timedelta(seconds=LEASE_SECONDS)
            return await batches.extend(scope, lease.session_id, lease.batch_no, lease.fence, until)
    return True


async def _reroute(lease: Lease) -> None:
    """Given back, and to another gateway where no process can send through this one."""
    await give_back(lease, BatchState.QUEUED, pause_seconds=GATEWAY_PAUSE_SECONDS)
    key = BatchKey(lease.tenant_id, lease.session_id, lease.batch_no)
    await rescue_batch(key, await open_ways())
