"""A sweep reaches everybody, however many stand before them and cannot move on."""

from datetime import timedelta

import pytest

from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service import settling, starting
from backend.kernel.principal import system
from backend.moderation.service.waiting import lapse_unvalidated
from tests.delivery.factories import make_paying_tenant, make_session
from tests.factories import make_tenant

pytestmark = pytest.mark.anyio
PAGE_ROWS = 2
BEFORE = 5
"""Sessions that cannot move on, more than two pages of them."""


async def now():
    async with platform_scope(system("test"), "the time") as scope:
        return scope.now


async def waiting(tenant_id, state, minutes: int, **changes):
    """A session that entered its state so many minutes ago."""
    changed_at = await now() - timedelta(minutes=minutes)
    return await make_session(tenant_id, state=state, state_changed_at=changed_at, **changes)


async def state_of(tenant_id, session_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        return await scope.value("SELECT state FROM campaign_sessions WHERE id = $1", session_id)


async def fell_short(tenant_id, session_id, required: int):
    async with tenant_scope(system("test", tenant_id)) as scope:
        await scope.execute(
            "INSERT INTO session_events (tenant_id, session_id, id, at, from_state, to_state,"
            " event, actor, facts) VALUES ($1, $2, gen_random_uuid(), $3, 'preparing',"
            " 'awaiting_credits', 'fall_short', 'test', $4)",
            tenant_id,
            session_id,
            scope.now,
            {"required": required},
        )


async def test_credits_reach_the_last_in_line(database):
    poor, rich = await make_tenant(), await make_paying_tenant(10)
    for at in range(BEFORE):
        await fell_short(poor, await waiting(poor, "awaiting_credits", 90 - at), 100)
    last = await waiting(rich, "awaiting_credits", 1)
    await fell_short(rich, last, 5)
    assert await starting.cover_sessions(page_rows=PAGE_ROWS) == 1
    assert await state_of(rich, last) == "preparing"


async def test_the_last_of_many_is_settled(database):
    """Those before wait for receipts; of the same instant too, so the key needs the id."""
    tenant_id = await make_paying_tenant(10)
    at = await now()
    for _ in range(BEFORE):
        await make_session(
            tenant_id, state="settling", state_changed_at=at, planned=1, session_day=at.date()
        )
    moved = await settling.settle_sessions(page_rows=PAGE_ROWS)
    assert moved == BEFORE


async def test_every_session_without_a_worker_is_named_once(database):
    tenant_id = await make_tenant()
    made = {await waiting(tenant_id, "preparing", at) for at in range(BEFORE)}
    held = await waiting(tenant_id, "preparing", 99, lease_until=await now() + timedelta(minutes=1))
    found = await starting.preparing_without_owner(page_rows=PAGE_ROWS)
    assert sorted(session_id for _, session_id in found) == sorted(made)
    assert held not in made


async def test_everything_due_starts(database):
    tenant_id = await make_tenant()
    due_at = await now() - timedelta(minutes=1)
    made = [await waiting(tenant_id, "scheduled", 9, due_at=due_at) for _ in range(BEFORE)]
    early = await waiting(tenant_id, "scheduled", 99, due_at=due_at + timedelta(hours=2))
    assert await starting.start_due(page_rows=PAGE_ROWS) == BEFORE
    assert {await state_of(tenant_id, one) for one in made} == {"preparing"}
    assert await state_of(tenant_id, early) == "scheduled"


async def test_every_deadline_is_kept(database):
    """The first ones are in a state that a deadline does nothing to."""
    tenant_id = await make_tenant()
    passed = await now() - timedelta(minutes=1)
    for at in range(BEFORE):
        await waiting(tenant_id, "approved", at, deadline_at=passed - timedelta(minutes=at))
    last = await waiting(tenant_id, "awaiting_confirmation", 1, deadline_at=passed)
    await starting.lapse_deadlines(page_rows=PAGE_ROWS)
    assert await state_of(tenant_id, last) == "missed"


async def test_every_validation_past_its_time_is_missed(database):
    tenant_id = await make_tenant()
    at = await now()
    for minutes in range(BEFORE):
        due_at = at - timedelta(minutes=minutes + 1)  # due, and still inside its lateness
        await waiting(tenant_id, "awaiting_validation", 200, due_at=due_at)
    last = await waiting(tenant_id, "awaiting_validation", 1, due_at=at - timedelta(hours=3))
    assert await lapse_unvalidated(page_rows=PAGE_ROWS) == 1
    assert await state_of(tenant_id, last) == "missed"
