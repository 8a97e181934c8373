"""One batch from its lease to its end: windows through the gateway, one after another."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.queries import batches
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
from backend.delivery.service.late_answers import record_late_answers
from backend.delivery.service.outcomes import Answered
from backend.delivery.states import BatchState
from backend.gateways.journal import Journal
from backend.gateways.port import Gateway, OutcomeKind, clock_seconds
from backend.gateways.service import grant_throughput, standing_gateways
from backend.kernel import faults
from backend.kernel.principal import system

SUBMIT_TIMEOUT_SECONDS: Final = 10.0
GATEWAY_PAUSE_SECONDS: Final = 2
"""A batch whose gateway is down tries again after this, elsewhere if something else works."""
WINDOW_SECONDS_MAX: Final = 1.0
"""Of the gateway's granted rate: several lanes take turns, and each writes within 5 s."""
GRANT_WAIT_SECONDS_MAX: Final = 15.0
_log = structlog.get_logger("clearsend.delivery")


async def send_batch(carriers: Carriers, tenant_id: UUID, session_id: UUID, batch_no: int) -> int:
    """Messages handed to the carrier. Twice or too late: the lease says no and nothing happens."""
    lease = await take_lease(tenant_id, session_id, batch_no)
    if lease is None:
        return 0
    gateway = carriers.ready(lease.gateway_id)
    if gateway is None:
        await _reroute(lease)
        return 0
    journal = carriers.borrow_journal()
    try:
        return await _send_windows(carriers, gateway, lease, journal)
    finally:
        carriers.give_back_journal(journal)


async def _send_windows(
    carriers: Carriers, gateway: Gateway, lease: Lease, journal: Journal
) -> int:
    size, rate = await _window_size(lease)
    sent, upto = 0, lease.claimed_upto
    while not carriers.is_closing:
        if rate is not None and not await _wait_for_throughput(lease, size, rate):
            break
        claimed_at = clock_seconds()
        window = await claim_window(lease, upto, size)
        if isinstance(window, Halt):
            if window.state is not BatchState.LEASED:
                await give_back(lease, window.state, pause_seconds=GATEWAY_PAUSE_SECONDS)
            return sent
        upto = window.claimed_upto
        if window.messages:
            was_written = await _send_window(
                carriers, gateway, lease, window, journal, claimed_at=claimed_at
            )
            sent += len(window.messages)
            if not was_written:
                break
    await give_back(lease, BatchState.QUEUED)
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
    """False: nothing of it could be written, so the rest of the batch should wait too."""
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
        recorded = await carriers.recorder.record(Answered(lease, window, outcomes))
        parts = recorded.parts
    finally:
        carriers.end_window(lease.gateway_id, parts)
    if not recorded.is_ours:
        _log.warning("lease lost", session_id=str(lease.session_id), batch_no=lease.batch_no)
        await record_late_answers(lease.gateway_id, outcomes)
        return False
    return any(outcome.kind is not OutcomeKind.NOT_WRITTEN for outcome in outcomes)


async def _window_size(lease: Lease) -> tuple[int, float | None]:
    async with platform_scope(system("send"), "gateway's rate") as scope:
        standing = await standing_gateways(scope)
    mine = next((gateway for gateway in standing if gateway.id == lease.gateway_id), None)
    rate = mine.throughput_segments_per_second_max if mine else None
    if rate is None:
        return WINDOW_MESSAGES_MAX, None
    segments_per_message = max(1.0, lease.segments / lease.size)
    size = int(rate * WINDOW_SECONDS_MAX / segments_per_message)
    return max(1, min(WINDOW_MESSAGES_MAX, size)), rate / segments_per_message


async def _wait_for_throughput(lease: Lease, messages: int, per_second: float) -> bool:
    """Before the claim, whose first byte has 5 s. False: so many wait that the batch should too."""
    wait = await grant_throughput(lease.gateway_id, messages, per_second)
    if wait > GRANT_WAIT_SECONDS_MAX:
        return False
    if wait:
        await asyncio.sleep(wait)
        async with tenant_scope(system("send", lease.tenant_id)) as scope:
            until = scope.now + timedelta(seconds=LEASE_SECONDS)
            return await batches.extend(scope, lease.session_id, lease.batch_no, lease.fence, until)
    return True


async def _reroute(lease: Lease) -> None:
    """Rows above the mark were never submitted, so any gateway may have them."""
    async with platform_scope(system("send"), "working gateways") as scope:
        working = [g.id for g in await standing_gateways(scope) if g.is_working]
    others = [gateway_id for gateway_id in working if gateway_id != lease.gateway_id]
    async with tenant_scope(system("send", lease.tenant_id)) as scope:
        if others and lease.gateway_id not in working:
            await batches.change_gateway(
                scope, lease.session_id, lease.batch_no, lease.fence, others[0]
            )
        await batches.give_back(
            scope,
            lease.session_id,
            lease.batch_no,
            lease.fence,
            BatchState.QUEUED.value,
            scope.now + timedelta(seconds=GATEWAY_PAUSE_SECONDS),
        )
