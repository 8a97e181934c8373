"""Windows that wait for one another share a transaction; what is wrong with one is its own."""

import asyncio

import pytest

from backend.campaigns.service.progress import session_progress
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.outcomes import Answered, Recorded
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.recording import WINDOWS_MAX, Recorder
from backend.kernel.principal import system
from backend.ledger.service.balance import balance
from tests.delivery.factories import (
    ListedEvaluator,
    accepted,
    lease_of,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    use,
    window_of,
)

pytestmark = pytest.mark.anyio

WINDOWS = 2 * WINDOWS_MAX


@pytest.fixture
async def answered(database):
    """A batch's windows, all of them answered and none recorded."""
    await make_gateway(1)
    tenant_id = await make_paying_tenant(WINDOWS)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(WINDOWS)]))
    await prepare_session(tenant_id, session_id)
    lease = await lease_of(tenant_id, session_id)
    windows = [await window_of(lease, at, 1) for at in range(WINDOWS)]
    return [Answered(lease, window, accepted(lease, window)) for window in windows]


async def captures_of(tenant_id):
    async with platform_scope(system("test"), "test") as scope:
        return await scope.value(
            "SELECT count(*) FROM ledger_transfers WHERE tenant_id = $1 AND kind = 'captured'",
            tenant_id,
        )


async def test_windows_that_wait_are_recorded_together(answered):
    recorder = Recorder()
    recorded = await asyncio.gather(*(recorder.record(one) for one in answered))
    assert all(one.is_ours for one in recorded)
    assert [one.parts for one in recorded] == [
        [(o.carrier_id, (*o.key, o.part)) for o in one.outcomes] for one in answered
    ]
    lease = answered[0].lease
    async with tenant_scope(system("test", lease.tenant_id)) as scope:
        progress = await session_progress(scope, lease.session_id)
        assert (progress.accepted, progress.credits_captured) == (WINDOWS, WINDOWS)
        assert (await balance(scope)).spent_total == WINDOWS
    # The first goes alone, those it kept waiting in groups.
    assert await captures_of(lease.tenant_id) <= 1 + -(-(WINDOWS - 1) // WINDOWS_MAX)


async def test_a_window_that_cannot_be_recorded_takes_none_with_it(answered):
    recorder = Recorder()
    once = await recorder.record(answered[0])
    assert once.is_ours
    # Its rows are accepted by now: recorded again, they are not the window's any more.
    several = [answered[1], answered[0], *answered[2:]]
    results = await asyncio.gather(
        *(recorder.record(one) for one in several), return_exceptions=True
    )
    assert [type(result) for result in results].count(Recorded) == WINDOWS - 1
    assert isinstance(results[1], RuntimeError)
    lease = answered[0].lease
    async with tenant_scope(system("test", lease.tenant_id)) as scope:
        assert (await balance(scope)).spent_total == WINDOWS


async def test_a_lane_that_is_cancelled_takes_no_others_outcomes_with_it(answered):
    recorder = Recorder()
    lanes = [asyncio.create_task(recorder.record(one)) for one in answered]
    await asyncio.sleep(0)
    lanes[0].cancel()
    results = await asyncio.gather(*lanes, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert all(isinstance(result, Recorded) and result.is_ours for result in results[1:])
    lease = answered[0].lease
    async with tenant_scope(system("test", lease.tenant_id)) as scope:
        assert (await balance(scope)).spent_total == WINDOWS
