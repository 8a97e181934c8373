"""Nothing waits for ever unseen: who left a session for longer than the table allows is named."""

from datetime import timedelta

import pytest
import structlog

from backend.campaigns.service.watching import overdue_sessions, report_overdue
from backend.campaigns.states import TENANT, WATCHES, SessionState
from backend.db.scope import platform_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from tests.delivery.factories import make_session
from tests.factories import make_tenant

pytestmark = pytest.mark.anyio
A_MINUTE = timedelta(minutes=1)
HELD = (SessionState.SENDING, SessionState.PAUSED, SessionState.SETTLING)


async def session_left(tenant_id, state, age: timedelta):
    async with platform_scope(system("test"), "the time") as scope:
        at = scope.now - age
    facts = {"hold_id": uuid7(), "session_day": at.date()} if state in HELD else {}
    if state is SessionState.PAUSED:
        facts["pause_owner"] = "tenant"
    return await make_session(tenant_id, state=state.value, state_changed_at=at, **facts)


@pytest.mark.parametrize("state", list(WATCHES))
async def test_each_state_has_its_own_patience(database, state):
    tenant_id = await make_tenant()
    alarm = WATCHES[state].alarm_after
    await session_left(tenant_id, state, alarm - A_MINUTE)
    assert await overdue_sessions(system("test")) == []
    left = await session_left(tenant_id, state, alarm + A_MINUTE)
    [found] = await overdue_sessions(system("test"))
    assert (found.state, found.owner) == (state, WATCHES[state].owner)
    assert (found.sessions, found.first_ids) == (1, [left])


async def test_an_alarm_is_a_line_per_state(database):
    tenant_id = await make_tenant()
    for state, watch in WATCHES.items():
        for _ in range(2):
            await session_left(tenant_id, state, watch.alarm_after + A_MINUTE)
    with structlog.testing.capture_logs() as lines:
        assert await report_overdue() == 2 * len(WATCHES)
    said = {line["state"]: line["log_level"] for line in lines}
    assert said == {
        state.value: "info" if watch.owner == TENANT else "warning"
        for state, watch in WATCHES.items()
    }
    assert {line["sessions"] for line in lines} == {2}
