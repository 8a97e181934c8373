"""Our own fault, three times without progress: the session fails, nobody's credits with it."""

from datetime import timedelta
from typing import Any

import pytest

from backend.campaigns.service.moves import read_session
from backend.campaigns.service.progress import session_progress
from backend.campaigns.states import TRIES_MAX
from backend.db.scope import tenant_scope
from backend.delivery.service import recovery, starting
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.claiming import WINDOW_MESSAGES_MAX
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.sending import send_batch
from backend.kernel import clock
from backend.kernel.principal import system
from backend.ledger.service.balance import balance
from tests.delivery.factories import (
    ListedEvaluator,
    keep_working,
    make_paying_tenant,
    make_session,
    recipient,
    sending,
    until,
    use,
)

pytestmark = pytest.mark.anyio
RECIPIENTS = 5 * WINDOW_MESSAGES_MAX
FUNDS = 2_000
SCRIPT = "perfect,receipt_delay_ms_min=4000,receipt_delay_ms_max=4001"


class Broken(Exception):
    """What no outcome describes: a bug of ours."""


class BreaksAfter:
    """A gateway whose port breaks after so many windows; everything else is the real one's."""

    def __init__(self, gateway: Any, windows: int) -> None:
        self._gateway = gateway
        self.windows = windows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def submit_window(self, *args: Any, **options: Any) -> Any:
        if not self.windows:
            raise Broken
        self.windows -= 1
        return await self._gateway.submit_window(*args, **options)


@pytest.fixture(autouse=True)
def _own_clock():
    yield
    clock.set_offset(timedelta())


async def break_once(carriers) -> None:
    """One try: it breaks, its lease expires, its window is in doubt."""
    [batch] = await due_batches(10)
    with pytest.raises(Broken):
        await send_batch(carriers, *batch.key)
    clock.set_offset(clock.offset() + timedelta(minutes=2))
    await keep_working()
    await recovery.recover_expired()


async def look(tenant_id, session_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        progress = await session_progress(scope, session_id)
        return session, progress, await balance(scope)


async def test_the_third_fault_without_progress_ends_the_session(database, tmp_path):
    tenant_id = await make_paying_tenant(FUNDS)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(RECIPIENTS)]))
    async with sending(tmp_path, SCRIPT) as way:
        assert await prepare_session(tenant_id, session_id) == "sending"
        real = way.carriers.gateways[way.gateway_id]
        way.carriers.gateways[way.gateway_id] = BreaksAfter(real, 1)
        for number in range(TRIES_MAX):
            assert (await look(tenant_id, session_id))[0].state == "sending", number
            await break_once(way.carriers)
        session, progress, view = await look(tenant_id, session_id)
        assert (session.state, session.failure) == ("failed", "sending_failed")
        # One window accepted, three in doubt, one never called: that one's credits are back.
        assert progress.cancelled == WINDOW_MESSAGES_MAX
        assert view.spent_total == WINDOW_MESSAGES_MAX
        assert view.held == TRIES_MAX * WINDOW_MESSAGES_MAX
        assert await due_batches(10) == []

        async def received():
            return (await look(tenant_id, session_id))[1].delivered == WINDOW_MESSAGES_MAX

        await until(received)
        assert (await look(tenant_id, session_id))[0].state == "failed"
    clock.set_offset(clock.offset() + timedelta(hours=49))
    await starting.lapse_deadlines()
    await starting.lapse_deadlines()  # twice is once
    session, progress, view = await look(tenant_id, session_id)
    assert (session.state, session.deadline_at) == ("failed", None)
    assert (progress.final, progress.unreachable) == (RECIPIENTS, TRIES_MAX * WINDOW_MESSAGES_MAX)
    assert (view.held, view.available) == (0, FUNDS - WINDOW_MESSAGES_MAX)


async def test_faults_before_progress_are_forgotten(database, tmp_path):
    tenant_id = await make_paying_tenant(FUNDS)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(RECIPIENTS)]))
    async with sending(tmp_path) as way:
        await prepare_session(tenant_id, session_id)
        broken = BreaksAfter(way.carriers.gateways[way.gateway_id], 0)
        way.carriers.gateways[way.gateway_id] = broken
        for windows in (0, 0, 1):
            broken.windows = windows
            await break_once(way.carriers)
        session, progress, _ = await look(tenant_id, session_id)
        assert session.state == "sending"
        assert progress.cancelled == 0
