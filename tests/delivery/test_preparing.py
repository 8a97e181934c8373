"""Preparing: sums, bounds, money, and the same result however often it begins again."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from backend.campaigns.schemas.evaluation import Exclusion, ExclusionReason
from backend.campaigns.service.moves import read_session
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.starting import (
    cover_sessions,
    lapse_preparing,
    start_approved,
    start_due,
)
from backend.delivery.service.stopping import cancel_session, kill_session, stop_session
from backend.delivery.service.unheld import drop_left_over
from backend.kernel import clock
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, StaffRole, system
from backend.ledger.service.balance import balance
from backend.ledger.service.lots import top_up
from tests.delivery.factories import (
    ListedEvaluator,
    keep_working,
    make_paying_tenant,
    make_session,
    recipient,
    use,
)
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio


async def counted(tenant_id, session_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        numbers = [
            await scope.value(f"SELECT count(*) FROM {table} WHERE session_id = $1", session_id)
            for table in ("messages", "exclusions", "batches", "session_progress")
        ]
        view = await balance(scope)
    return session, tuple(numbers), view


async def test_every_recipient_is_explained(gateway):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    excluded = [
        Exclusion(subscriber_id=None, phone="+4790000000", reason=ExclusionReason.NO_CONSENT,
                  evidence="group:1")
    ]  # fmt: skip
    linked = [recipient(160, body="see evil.example/x")]
    use(ListedEvaluator([recipient(n) for n in range(20)] + linked, excluded, page_rows=6))
    state = await prepare_session(tenant_id, session_id)
    assert state == "awaiting_validation", "one of 21 is more than 1 %"
    people = [recipient(n) for n in range(150)] + [recipient(3), *linked]
    use(ListedEvaluator(people, excluded, page_rows=60))
    tenant_id = await make_paying_tenant(1000)
    session_id = await make_session(tenant_id)
    assert await prepare_session(tenant_id, session_id) == "sending"
    session, numbers, view = await counted(tenant_id, session_id)
    assert (session.planned, session.excluded) == (150, 3)
    assert numbers == (150, 3, 3, 3)
    assert view.held == 150
    async with tenant_scope(system("test", tenant_id)) as scope:
        reasons = await scope.rows("SELECT reason, evidence FROM exclusions ORDER BY k")
    assert [r["reason"] for r in reasons] == ["no_consent", "unapproved_content", "duplicate"]
    assert reasons[1]["evidence"] == "host:evil.example"


async def test_who_comes_again_on_every_page_is_written_once(gateway):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    first = [recipient(n) for n in range(10)]
    people = [*first, *first[:5], *map(recipient, range(10, 15)), *first, recipient(15)]
    use(ListedEvaluator(people, page_rows=10))
    assert await prepare_session(tenant_id, session_id) == "sending"
    session, numbers, view = await counted(tenant_id, session_id)
    assert (session.planned, session.excluded, view.held) == (16, 15, 16)
    async with tenant_scope(system("test", tenant_id)) as scope:
        rows = await scope.rows("SELECT n FROM messages ORDER BY n")
    assert [row["n"] for row in rows] == list(range(1, 17))
    assert numbers == (16, 15, 3, 3)


async def test_a_row_that_a_lost_preparation_wrote_late_excludes_nobody(gateway):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)

    class Haunted(ListedEvaluator):
        """A page of the generation before commits behind the back of this one."""

        async def page(self, scope, opened, after, rows_max):
            session = await read_session(scope, session_id)
            if session.generation == 1:
                await scope.execute(
                    "INSERT INTO messages (tenant_id, session_day, session_id, generation, n,"
                    " batch_no, phone, country, body, encoding, segments, credits)"
                    " VALUES ($1, $2, $3, 0, 1, 1, $4, 'NO', 'late', 'gsm7', 1, 1)",
                    scope.tenant_id,
                    session.session_day,
                    session_id,
                    self.recipients[0].phone,
                )
            return await super().page(scope, opened, after, rows_max)

    use(Haunted([recipient(n) for n in range(5)]))
    with pytest.raises(asyncpg.UniqueViolationError):
        await prepare_session(tenant_id, session_id)
    clock.set_offset(timedelta(minutes=2))  # its lease is over
    await keep_working()
    assert await prepare_session(tenant_id, session_id) == "sending"
    session, _, view = await counted(tenant_id, session_id)
    assert (session.planned, session.excluded, view.held) == (5, 0, 5)


async def test_prepared_twice_at_once_it_is_prepared_once(gateway):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(30)], page_rows=10))
    await asyncio.gather(*(prepare_session(tenant_id, session_id) for _ in range(3)))
    await prepare_session(tenant_id, session_id)
    session, numbers, view = await counted(tenant_id, session_id)
    assert (session.state, numbers, view.held) == ("sending", (30, 0, 3, 3), 30)


async def test_short_credits_wait_and_added_ones_go_on(gateway):
    tenant_id = await make_paying_tenant(10)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(30)]))
    assert await prepare_session(tenant_id, session_id) == "awaiting_credits"
    session, numbers, view = await counted(tenant_id, session_id)
    assert numbers == (0, 0, 0, 0)
    assert (view.available, view.held) == (10, 0)
    assert session.deadline_at is not None
    async with tenant_scope(system("test", tenant_id)) as scope:
        await top_up(scope, 50, f"more:{uuid7()}")
    assert await cover_sessions(tenant_id) == 1
    assert await cover_sessions(tenant_id) == 0
    assert await prepare_session(tenant_id, session_id) == "sending"
    assert (await counted(tenant_id, session_id))[2].held == 30


@pytest.mark.parametrize(
    ("changes", "people", "state"),
    [
        ({"ceiling_credits": 5}, 6, "awaiting_confirmation"),
        ({"approved_hash": "d" * 64}, 6, "awaiting_validation"),
        ({}, 0, "completed"),
    ],
)
async def test_what_stops_a_preparation_leaves_no_rows(gateway, changes, people, state):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id, **changes)
    use(ListedEvaluator([recipient(n) for n in range(people)]))
    assert await prepare_session(tenant_id, session_id) == state
    _, numbers, view = await counted(tenant_id, session_id)
    assert (numbers, view.held) == ((0, 0, 0, 0), 0)


async def test_without_a_working_gateway_it_waits_and_then_is_missed(database):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(1)]))
    assert await prepare_session(tenant_id, session_id) == "preparing"
    assert await lapse_preparing() == 0
    clock.set_offset(timedelta(minutes=61))
    assert await lapse_preparing() == 1
    session, _, _ = await counted(tenant_id, session_id)
    assert (session.state, session.failure) == ("missed", "no_gateway")


async def test_cancelled_while_prepared_its_rows_go(gateway):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    sender = member_of(tenant_id, MemberRole.SENDER)

    reached = asyncio.Event()

    class Cancelling(ListedEvaluator):
        async def page(self, scope, opened, after, rows_max):
            if after is not None:
                reached.set()
                await asyncio.sleep(0.1)
            return await super().page(scope, opened, after, rows_max)

    use(Cancelling([recipient(n) for n in range(30)], page_rows=10))

    async def cancel():
        await reached.wait()
        return await cancel_session(sender, session_id)

    await asyncio.gather(prepare_session(tenant_id, session_id), cancel())
    await drop_left_over()
    session, numbers, _ = await counted(tenant_id, session_id)
    assert (session.state, numbers) == ("cancelled", (0, 0, 0, 0))


async def test_due_once_on_time_or_missed(database):
    tenant_id = await make_tenant()
    async with platform_scope(system("test"), "test") as scope:
        now = scope.now
    at = {"schedule_kind": "once"}
    due = await make_session(tenant_id, state="scheduled", due_at=now, **at)
    late = await make_session(
        tenant_id, state="scheduled", due_at=now - timedelta(minutes=61), **at
    )
    early = await make_session(tenant_id, state="scheduled", due_at=now + timedelta(hours=1), **at)
    approved = await make_session(tenant_id, state="approved")
    await start_approved(tenant_id, approved)
    await start_approved(tenant_id, approved)
    assert sum(await asyncio.gather(*(start_due() for _ in range(3)))) == 1
    states = [(await counted(tenant_id, one))[0].state for one in (due, late, early, approved)]
    assert states == ["preparing", "missed", "scheduled", "preparing"]


async def test_nothing_of_a_suspended_tenant_is_dispatched(gateway):
    tenant_id = await make_paying_tenant(100)
    async with platform_scope(system("test"), "test") as scope:
        now = scope.now
        await scope.execute("UPDATE tenants SET status = 'suspended' WHERE id = $1", tenant_id)
    due = await make_session(tenant_id, state="scheduled", due_at=now, schedule_kind="once")
    waits = await make_session(tenant_id)
    use(ListedEvaluator([recipient(1)]))
    assert await start_due() == 0
    await prepare_session(tenant_id, waits)
    for session_id in (due, waits):
        session, numbers, view = await counted(tenant_id, session_id)
        assert (session.state, session.failure) == ("missed", "tenant_suspended")
        assert (numbers, view.held) == ((0, 0, 0, 0), 0)


async def test_stop_and_kill_answer_and_refuse(gateway):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(5)]))
    sender = member_of(tenant_id, MemberRole.SENDER)
    with pytest.raises(Conflict, match="not_sending"):
        await stop_session(sender, session_id)
    await prepare_session(tenant_id, session_id)
    with pytest.raises(NotFound):
        await stop_session(member_of(await make_tenant()), session_id)
    answer = await kill_session(staff(StaffRole.LEAD), tenant_id, session_id, reason="fraud")
    assert (answer.cancelled, answer.sent, answer.planned) == (5, 0, 5)
    with pytest.raises(Conflict, match="not_sending"):
        await kill_session(staff(StaffRole.LEAD), tenant_id, session_id, reason="fraud")
    assert (await counted(tenant_id, session_id))[2].held == 0
