"""Claims against opt-outs, stops, kill switches, other holders; everything runs twice."""

import asyncio
import random
from datetime import timedelta

import asyncpg
import pytest

from backend.audience.service.contacts import opt_out
from backend.campaigns.service.progress import session_progress
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.claiming import (
    Halt,
    claim_window,
    give_back,
    take_lease,
)
from backend.delivery.service.outcomes import Answered, record_outcomes
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.recovery import recover_expired, take_over
from backend.delivery.service.stopping import pause_session, resume_session, stop_session
from backend.delivery.states import BatchState
from backend.kernel import clock
from backend.kernel.principal import MemberRole, system
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
from tests.factories import member_of

pytestmark = pytest.mark.anyio
ROUNDS = 12


@pytest.fixture
async def session(database):
    return await prepared(60)


async def prepared(count: int):
    await make_gateway(1)
    tenant_id = await make_paying_tenant(1_000)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(count)]))
    assert await prepare_session(tenant_id, session_id) == "sending"
    return tenant_id, session_id


async def rows_of(tenant_id, session_id, sql="SELECT n, phone, state, attempt FROM messages"):
    async with tenant_scope(system("test", tenant_id)) as scope:
        return await scope.rows(f"{sql} WHERE session_id = $1", session_id)


async def test_a_batch_has_one_holder(session):
    tenant_id, session_id = session
    leases = await asyncio.gather(*(take_lease(tenant_id, session_id, 1) for _ in range(5)))
    assert sum(lease is not None for lease in leases) == 1


async def test_an_opt_out_committed_before_the_claim_wins(session):
    tenant_id, session_id = session
    async with tenant_scope(system("test", tenant_id)) as scope:
        await opt_out(scope, recipient(3).phone, "Nordlys", evidence="STOP")
        await opt_out(scope, recipient(4).phone, "Another", evidence="STOP")
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    assert recipient(3).phone not in {m.phone for m in window.messages}
    assert recipient(4).phone in {m.phone for m in window.messages}
    exclusions = await rows_of(tenant_id, session_id, "SELECT reason, evidence FROM exclusions")
    assert [e["reason"] for e in exclusions] == ["opted_out"]
    async with tenant_scope(system("test", tenant_id)) as scope:
        assert (await session_progress(scope, session_id)).excluded == 1
        assert (await balance(scope)).held == 59


async def test_who_opts_out_twice_is_excluded_once_and_before_a_retry_ends_as_undelivered(session):
    tenant_id, session_id = session
    async with tenant_scope(system("test", tenant_id)) as scope:
        # The third was charged for an attempt that failed, and waits for its second.
        await scope.execute("UPDATE messages SET charged = 1, attempt = 1 WHERE n = 3")
        for phone in (recipient(2).phone, recipient(5).phone):
            await opt_out(scope, phone, "Nordlys", evidence="STOP")
        everybodys = await opt_out(scope, recipient(5).phone, evidence="STOP ALL")
    window = await window_of(await lease_of(tenant_id, session_id))
    assert {3, 6}.isdisjoint(m.n for m in window.messages)
    assert len(window.messages) == 58
    kept = await rows_of(tenant_id, session_id)
    ended = {row["n"]: (row["state"], row["attempt"]) for row in kept if row["n"] in (3, 6)}
    assert ended == {3: ("undelivered", 1), 6: ("excluded", 0)}
    exclusions = await rows_of(tenant_id, session_id, "SELECT phone, evidence FROM exclusions")
    assert [tuple(row) for row in exclusions] == [(recipient(5).phone, f"opt_out:{everybodys}")]
    async with tenant_scope(system("test", tenant_id)) as scope:
        progress = await session_progress(scope, session_id)
        assert (progress.excluded, progress.undelivered) == (1, 1)
        assert (await balance(scope)).held == 59


async def test_opt_outs_racing_claims(database):
    """Whatever interleaving: no claimed message whose opt-out committed before the claim began."""
    for seed in range(ROUNDS):
        rng = random.Random(seed)
        tenant_id, session_id = await prepared(20)
        lease = await lease_of(tenant_id, session_id)
        committed: dict[str, float] = {}
        claimed: dict[str, float] = {}
        loop = asyncio.get_running_loop()

        async def say_stop(number, tenant_id=tenant_id, committed=committed, rng=rng, loop=loop):
            await asyncio.sleep(rng.random() * 0.03)
            async with tenant_scope(system("mo", tenant_id)) as scope:
                await opt_out(scope, recipient(number).phone, evidence="STOP")
            committed[recipient(number).phone] = loop.time()

        async def claim(lease=lease, claimed=claimed, rng=rng, loop=loop):
            upto = 0
            while True:
                await asyncio.sleep(rng.random() * 0.01)
                began = loop.time()
                window = await claim_window(lease, upto, 5)
                if isinstance(window, Halt):
                    return
                upto = window.claimed_upto
                claimed.update({m.phone: began for m in window.messages})
                await record_outcomes([Answered(lease, window, accepted(lease, window))])

        await asyncio.gather(claim(), *(say_stop(n) for n in range(10)))
        for phone, at in committed.items():
            assert claimed.get(phone, 0.0) <= at, f"seed {seed}: claimed after its opt-out"


async def test_stops_racing_claims_add_up(database):
    """After the answer nothing more is claimed, and sent + in flight + cancelled = planned."""
    for seed in range(ROUNDS):
        rng = random.Random(seed)
        tenant_id, session_id = await prepared(30)
        lease = await lease_of(tenant_id, session_id)
        stopped_at: list[float] = []
        began_after: list[object] = []
        loop = asyncio.get_running_loop()

        async def claim(lease=lease, stopped_at=stopped_at, began_after=began_after, loop=loop):
            upto = 0
            while True:
                is_after = bool(stopped_at)
                window = await claim_window(lease, upto, 4)
                if isinstance(window, Halt):
                    return
                began_after += [window] if is_after else []
                upto = window.claimed_upto
                await asyncio.sleep(0)
                await record_outcomes([Answered(lease, window, accepted(lease, window))])

        async def stop(tenant_id=tenant_id, session_id=session_id, rng=rng, stopped_at=stopped_at):
            await asyncio.sleep(rng.random() * 0.05)
            answer = await stop_session(member_of(tenant_id, MemberRole.SENDER), session_id)
            stopped_at.append(1.0)
            return answer

        answer, _ = await asyncio.gather(stop(), claim())
        assert not began_after, f"seed {seed}"
        assert answer.sent + answer.in_flight + answer.cancelled == answer.planned == 30
        counts = [row["state"] for row in await rows_of(tenant_id, session_id)]
        assert counts.count("cancelled") == answer.cancelled
        assert counts.count("accepted") == answer.sent + answer.in_flight
        async with tenant_scope(system("test", tenant_id)) as scope:
            progress = await session_progress(scope, session_id)
            view = await balance(scope)
        assert (progress.cancelled, progress.accepted) == (
            counts.count("cancelled"),
            counts.count("accepted"),
        )
        assert (view.held, view.spent_total) == (0, counts.count("accepted"))


@pytest.mark.parametrize("which", ["platform", "tenant"])
async def test_kill_switches_stop_claims(session, which):
    tenant_id, session_id = session
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute(
            "UPDATE kill_switches SET is_on = true WHERE tenant_id IS NOT DISTINCT FROM $1",
            tenant_id if which == "tenant" else None,
        )
    lease = await lease_of(tenant_id, session_id)
    assert await claim_window(lease, 0, 200) == Halt(BatchState.QUEUED)


async def test_a_fenced_holder_writes_nothing_and_its_window_is_unconfirmed(session):
    tenant_id, session_id = session
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease, 0, 10)
    clock.set_offset(timedelta(seconds=60))
    assert await recover_expired() == 1
    assert await recover_expired() == 0
    clock.set_offset(timedelta(0))
    assert not await take_over(tenant_id, session_id, 1, lease.fence)
    (recorded,) = await record_outcomes([Answered(lease, window, accepted(lease, window))])
    assert not recorded.is_ours
    states = [row["state"] for row in await rows_of(tenant_id, session_id)]
    assert (states.count("unconfirmed"), states.count("queued")) == (10, 50)
    again = await lease_of(tenant_id, session_id)
    assert again.claimed_upto == 10
    assert await claim_window(lease, 10, 10) == Halt(BatchState.LEASED)


async def test_a_pause_holds_and_a_resume_goes_on(session):
    tenant_id, session_id = session
    sender = member_of(tenant_id, MemberRole.SENDER)
    answer = await pause_session(sender, session_id)
    assert (answer.state, answer.queued, answer.sent) == ("paused", 60, 0)
    assert await take_lease(tenant_id, session_id, 1) is None
    await resume_session(sender, session_id)
    assert await take_lease(tenant_id, session_id, 1) is not None


async def test_a_resume_between_a_halted_claim_and_its_giving_back_is_heard(session):
    tenant_id, session_id = session
    sender = member_of(tenant_id, MemberRole.SENDER)
    lease = await take_lease(tenant_id, session_id, 1)
    assert lease is not None
    await pause_session(sender, session_id)
    halt = await claim_window(lease, 0, 10)
    assert isinstance(halt, Halt)
    assert halt.state is BatchState.PAUSED
    await resume_session(sender, session_id)
    await give_back(lease, halt.state)
    rows = await rows_of(tenant_id, session_id, "SELECT state FROM batches")
    assert {row["state"] for row in rows} == {"queued"}
    assert await take_lease(tenant_id, session_id, 1) is not None


async def test_what_a_window_held_is_never_deleted(session):
    tenant_id, session_id = session
    lease = await lease_of(tenant_id, session_id)
    await claim_window(lease, 0, 10)
    async with tenant_scope(system("test", tenant_id)) as scope:
        assert await scope.execute("DELETE FROM messages WHERE session_id = $1", session_id) == 50
    assert len(await rows_of(tenant_id, session_id)) == 10


async def test_a_tenant_writes_no_partition_directly(session):
    tenant_id, _ = session
    async with platform_scope(system("test"), "test") as scope:
        day = scope.now.strftime("%Y%m%d")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with tenant_scope(system("test", tenant_id)) as scope:
            await scope.rows(f"SELECT * FROM messages_{day}")
