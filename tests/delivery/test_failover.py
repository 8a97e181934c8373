"""Several gateways: who serves a country sends to it, and what one cannot send goes to another —
by proof alone.
"""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import msgspec
import pytest

from backend.campaigns.service.moves import read_session
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.queries import batches
from backend.delivery.queries.outcomes import put_waiting
from backend.delivery.service import stopping, ways
from backend.delivery.service.announcing import BatchKey, due_batches
from backend.delivery.service.claiming import SubmissionKey, take_lease
from backend.delivery.service.failover import Rescuer, rescue_batch
from backend.delivery.service.measuring import tell_health
from backend.delivery.service.opening import listeners_of
from backend.delivery.service.outcomes import Answered, record_outcomes
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.returning import return_due
from backend.delivery.service.sending import send_batch
from backend.delivery.service.settling import settle_session
from backend.delivery.service.starting import lapse_preparing
from backend.gateways.meter import RECEIPT_SLOW_SECONDS
from backend.gateways.port import Cause, Outcome, OutcomeKind, Permanence, clock_seconds
from backend.gateways.registry import connect
from backend.gateways.service import note_working, set_gateway_state
from backend.gateways.states import GatewayState
from backend.gateways.watching import judge_gateways
from backend.kernel import clock
from backend.kernel.principal import system
from tests.delivery.factories import (
    ListedEvaluator,
    lease_of,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    sending,
    simulator,
    until,
    use,
    window_of,
)
from tests.factories import member_of

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _own_clock():
    yield
    clock.set_offset(timedelta())


def person(number: int, country: str):
    return msgspec.structs.replace(recipient(number), country=country)


async def change(gateway_id, **values: object) -> None:
    names = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 2))
    async with platform_scope(system("test"), "test") as scope:
        await scope.execute(
            f"UPDATE gateways SET {names} WHERE id = $1", gateway_id, *values.values()
        )


async def session_to(people, countries=("NO", "SE", "DK")):
    tenant_id = await make_paying_tenant(len(people))
    bounds = {
        "hosts": [],
        "countries": list(countries),
        "recipients_max": 100_000,
        "segments_max": 10,
    }
    session_id = await make_session(tenant_id, bounds=bounds)
    use(ListedEvaluator(people))
    return tenant_id, session_id


async def batches_of(tenant_id, session_id, states=("queued",)):
    """(gateway, countries, size) of each."""
    async with tenant_scope(system("test", tenant_id)) as scope:
        rows = await scope.rows(
            "SELECT b.batch_no, b.gateway_id, b.size - b.claimed_upto AS size,"
            " array_agg(DISTINCT m.country ORDER BY m.country) AS countries FROM batches b"
            " JOIN messages m ON m.tenant_id = b.tenant_id AND m.session_id = b.session_id"
            " AND m.n = ANY(coalesce(b.ns, ARRAY(SELECT generate_series(b.first_n, b.last_n))))"
            " WHERE b.session_id = $1 AND b.state = ANY($2::text[]) GROUP BY 1, 2, 3 ORDER BY 1",
            session_id,
            list(states),
        )
    return [(row["gateway_id"], tuple(row["countries"]), row["size"]) for row in rows]


async def test_a_batch_goes_where_its_countries_are_served(database):
    norway, _ = await make_gateway(1)
    north, _ = await make_gateway(2)
    await change(norway, countries=["NO"])
    await change(north, countries=["SE", "DK"])
    people = [person(n, ("NO", "SE", "DK")[n % 3]) for n in range(30)]
    tenant_id, session_id = await session_to(people)
    assert await prepare_session(tenant_id, session_id) == "sending"
    assert sorted(await batches_of(tenant_id, session_id), key=lambda b: b[1]) == [
        (north, ("DK", "SE"), 20),
        (norway, ("NO",), 10),
    ]


async def test_a_batch_is_a_minute_of_its_gateways_rate(database):
    small, _ = await make_gateway(1)
    large, _ = await make_gateway(2)
    await change(small, weight=1_000, throughput_segments_per_second_max=1.0)
    await change(large, weight=1)
    tenant_id, session_id = await session_to([recipient(n) for n in range(4_000)])
    assert await prepare_session(tenant_id, session_id) == "sending"
    found = await batches_of(tenant_id, session_id)
    assert sum(size for _, _, size in found) == 4_000
    for gateway_id, _, size in found:
        assert gateway_id == large or size <= ways.BATCH_SECONDS_MAX, "a minute of its rate"
    assert small in {gateway_id for gateway_id, _, _ in found}


async def test_nobody_is_sent_to_while_one_country_has_no_way(database):
    norway, _ = await make_gateway(1)
    await change(norway, countries=["NO"])
    people = [person(n, "NO") for n in range(20)] + [person(20, "SE")]
    tenant_id, session_id = await session_to(people)
    evaluator = ListedEvaluator(people)
    use(evaluator)
    for _ in range(5):  # more often than there are tries
        assert await prepare_session(tenant_id, session_id) == "preparing"
    assert evaluator.opened == 1, "what is known to be missing is not looked for in the audience"
    async with tenant_scope(system("test", tenant_id)) as scope:
        session = await read_session(scope, session_id)
    assert (session.lease_until, session.tries) == (None, 0)
    sweden, _ = await make_gateway(2)
    assert await prepare_session(tenant_id, session_id) == "sending"
    found = await batches_of(tenant_id, session_id)
    assert {b[1] for b in found if b[0] == sweden} >= {("SE",)}


async def test_a_country_nobody_serves_in_time_is_a_missed_session(database):
    norway, _ = await make_gateway(1)
    await change(norway, countries=["NO"])
    tenant_id, session_id = await session_to([person(1, "NO"), person(2, "SE")])
    assert await prepare_session(tenant_id, session_id) == "preparing"
    assert await lapse_preparing() == 0
    clock.set_offset(timedelta(minutes=61))
    assert await lapse_preparing() == 1
    async with tenant_scope(system("test", tenant_id)) as scope:
        session = await read_session(scope, session_id)
    assert (session.state, session.failure) == ("missed", "no_gateway")


@pytest.fixture
async def stranded(database):
    """Twenty messages at a gateway that is gone, and another that works."""
    gone, _ = await make_gateway(1)
    tenant_id, session_id = await session_to([person(n, ("NO", "SE")[n % 2]) for n in range(20)])
    await prepare_session(tenant_id, session_id)
    other, _ = await make_gateway(2)
    return tenant_id, session_id, gone, other


@pytest.mark.parametrize("reason", ["disabled", "down", "out"])
async def test_what_waits_at_a_lost_gateway_is_given_to_another(stranded, reason):
    tenant_id, session_id, gone, other = stranded
    rescuer = Rescuer()
    assert await rescuer.rescue() == 0, "it can send"
    if reason == "disabled":
        await set_gateway_state(system("test"), gone, GatewayState.DISABLED)
    elif reason == "down":
        clock.set_offset(timedelta(seconds=31))
        await note_working([other])
    else:
        async with platform_scope(system("test"), "test") as scope:
            until = scope.now + timedelta(minutes=1)
        await change(gone, health="out", out_until=until)
    assert await rescuer.rescue() == 1
    assert await rescuer.rescue() == 0
    assert await batches_of(tenant_id, session_id) == [(other, ("NO", "SE"), 20)]


async def test_a_draining_gateway_finishes_what_it_has(stranded):
    _, session_id, gone, _ = stranded
    await set_gateway_state(system("test"), gone, GatewayState.DRAINING)
    assert await Rescuer().rescue() == 0
    assert [b.key.session_id for b in await due_batches(5)] == [session_id]
    again, next_id = await session_to([recipient(99)])
    await prepare_session(again, next_id)
    assert (await batches_of(again, next_id))[0][0] != gone, "chosen for nothing new"


async def test_a_batch_is_split_by_who_serves_its_countries(stranded):
    tenant_id, session_id, gone, other = stranded
    await change(other, countries=["SE"])
    await set_gateway_state(system("test"), gone, GatewayState.DISABLED)
    rescuer = Rescuer()
    assert await rescuer.rescue() == 1
    assert sorted(await batches_of(tenant_id, session_id), key=lambda b: b[1]) == [
        (gone, ("NO",), 10),
        (other, ("SE",), 10),
    ]
    assert await rescuer.rescue() == 0, "Norwegians wait for somebody"
    third, _ = await make_gateway(3)
    assert await rescuer.rescue() == 1
    assert (third, ("NO",), 10) in await batches_of(tenant_id, session_id)


async def test_a_slower_gateway_gets_smaller_batches(stranded):
    tenant_id, session_id, gone, other = stranded
    await change(other, throughput_segments_per_second_max=0.1)
    await set_gateway_state(system("test"), gone, GatewayState.DISABLED)
    assert await Rescuer().rescue() == 1
    sizes = [size for _, _, size in await batches_of(tenant_id, session_id)]
    assert sizes == [6, 6, 6, 2]


async def test_a_claimed_window_stays_with_its_gateway(stranded):
    """What was handed over, or may have been, is moved by its outcome alone."""
    tenant_id, session_id, gone, _ = stranded
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease, 0, 5)
    await set_gateway_state(system("test"), gone, GatewayState.DISABLED)
    assert await Rescuer().rescue() == 0, "a leased batch is its holder's"
    async with tenant_scope(system("test", tenant_id)) as scope:
        await batches.give_back(scope, session_id, 1, lease.fence, "queued", scope.now)
    assert await Rescuer().rescue() == 1
    assert [size for _, _, size in await batches_of(tenant_id, session_id)] == [15]
    async with tenant_scope(system("test", tenant_id)) as scope:
        rows = await scope.rows(
            "SELECT state, gateway_id FROM messages WHERE session_id = $1 AND n = ANY($2)",
            session_id,
            [message.n for message in window.messages],
        )
    assert {tuple(row) for row in rows} == {("submitting", gone)}


async def test_what_was_paused_under_a_rescuers_hands_is_rescued_once_it_goes_on(stranded):
    tenant_id, session_id, gone, other = stranded
    await set_gateway_state(system("test"), gone, GatewayState.DISABLED)
    rescuer, paused = Rescuer(), asyncio.Event()

    async def rescue() -> int:
        await paused.wait()
        return await rescuer.rescue()

    rescued = asyncio.create_task(rescue())
    async with tenant_scope(system("test", tenant_id)) as scope:
        await stopping.pause(scope, await read_session(scope, session_id), "tenant")
        paused.set()
        # It sees the batch waiting, and waits for the pause to be committed.
        await asyncio.wait({rescued}, timeout=0.3)
        assert not rescued.done()
    assert await rescued == 0
    await stopping.resume_session(member_of(tenant_id), session_id)
    assert await rescuer.rescue() == 1
    assert await batches_of(tenant_id, session_id) == [(other, ("NO", "SE"), 20)]


async def test_two_rescuers_and_a_sender_meet_in_the_row(stranded):
    tenant_id, session_id, gone, _ = stranded
    await set_gateway_state(system("test"), gone, GatewayState.DISABLED)
    gateways = await ways.open_ways()
    key = BatchKey(tenant_id, session_id, 1)
    assert await rescue_batch(key, gateways)
    assert not await rescue_batch(key, gateways)
    assert await take_lease(tenant_id, session_id, 1) is not None
    assert not await rescue_batch(key, gateways)


@pytest.mark.parametrize(
    ("kind", "cause", "comes_back"),
    [
        (OutcomeKind.REFUSED, Cause.CARRIER_FAULT, True),
        (OutcomeKind.NOT_WRITTEN, Cause.NONE, True),
        (OutcomeKind.IN_DOUBT, Cause.NONE, False),
    ],
)
async def test_only_what_is_proven_absent_goes_to_the_other(stranded, kind, cause, comes_back):
    tenant_id, session_id, _, other = stranded
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    outcomes = [
        Outcome(
            (tenant_id, lease.session_day, session_id, message.n, 1),
            0,
            kind,
            cause=cause,
            permanence=Permanence.TEMPORARY if kind is OutcomeKind.REFUSED else None,
        )
        for message in window.messages
    ]
    (recorded,) = await record_outcomes([Answered(lease, window, outcomes)])
    assert recorded.is_ours
    clock.set_offset(timedelta(seconds=5))
    assert await return_due() == (20 if comes_back else 0)
    found = [b for b in await batches_of(tenant_id, session_id) if b[0] == other]
    assert found == ([(other, ("NO", "SE"), 20)] if comes_back else [])


async def test_returning_messages_that_nobody_serves_wait_on(stranded):
    tenant_id, session_id, gone, other = stranded
    await change(gone, countries=["SE"])
    await change(other, countries=["SE"])
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    outcomes = [
        Outcome((tenant_id, lease.session_day, session_id, m.n, 1), 0, OutcomeKind.NOT_WRITTEN)
        for m in window.messages
    ]
    await record_outcomes([Answered(lease, window, outcomes)])
    clock.set_offset(timedelta(seconds=5))
    assert await return_due() == 10
    assert await return_due() == 0
    await change(gone, countries=None)
    clock.set_offset(timedelta(seconds=45))
    await note_working([gone, other])
    assert await return_due() == 0
    clock.set_offset(timedelta(seconds=120))
    await note_working([gone, other])
    assert await return_due() == 10


async def test_a_retry_that_nobody_serves_leaves_its_session_settling(stranded):
    """Else it goes to sending and back each time the clock looks."""
    tenant_id, session_id, gone, other = stranded
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    outcomes = [
        Outcome(
            SubmissionKey(tenant_id, lease.session_day, session_id, message.n, 1),
            0,
            OutcomeKind.ACCEPTED,
            carrier_id=f"c{message.n}",
        )
        for message in window.messages
    ]
    await record_outcomes([Answered(lease, window, outcomes)])
    async with tenant_scope(system("test", tenant_id)) as scope:
        await batches.give_back(scope, session_id, 1, lease.fence, "done", scope.now)
        await scope.execute(
            "UPDATE messages SET state = 'undelivered', retry_at = $1 WHERE session_id = $2",
            scope.now,
            session_id,
        )
        waits = [(message.n, "retry", 1, scope.now) for message in window.messages]

    async def state():
        async with tenant_scope(system("test", tenant_id)) as scope:
            found = await read_session(scope, session_id)
            return found.state, found.state_version

    assert await settle_session(tenant_id, session_id)
    before = await state()
    assert before[0] == "settling"
    async with tenant_scope(system("test", tenant_id)) as scope:
        await put_waiting(scope, session_id, waits)
    for gateway_id in (gone, other):
        await change(gateway_id, countries=["DK"])
    for minutes in range(3):
        clock.set_offset(timedelta(minutes=2 * minutes))
        await note_working([gone, other])
        assert await return_due() == 0
        assert not await settle_session(tenant_id, session_id)
        assert await state() == before
    await change(other, countries=["SE"])
    clock.set_offset(timedelta(minutes=8))
    await note_working([gone, other])
    assert await return_due() == 10
    assert (await state())[0] == "sending"


@asynccontextmanager
async def two_ways(tmp_path, first: str, second: str):
    """Two carriers with a truth log each, their gateways open in this process."""
    async with AsyncExitStack() as stack:
        way = await stack.enter_async_context(sending(tmp_path / "a", first))
        carrier = await stack.enter_async_context(simulator(second, tmp_path / "b"))
        gateway_id, config = await make_gateway(carrier.smpp_port)
        gateway = connect(config, listeners_of(way.carriers, gateway_id))
        way.carriers.gateways[gateway_id] = gateway
        await gateway.start()
        assert await gateway.ready(timeout_seconds=10)
        yield way, gateway_id, carrier


async def test_a_carrier_that_fails_is_taken_out_and_everybody_is_reached_once(database, tmp_path):
    """The oracle is what the carriers themselves wrote down."""
    for name in "ab":
        (tmp_path / name).mkdir()
    people = 120
    tenant_id, session_id = await session_to([recipient(n) for n in range(people)])
    broken = "perfect,system_error_rate=1"
    async with two_ways(tmp_path, broken, "perfect") as (way, other, carrier):
        await change(way.gateway_id, weight=1_000)
        await change(other, weight=1)
        await prepare_session(tenant_id, session_id)

        async def delivered():
            await judge_gateways()
            await Rescuer().rescue()
            await return_due()
            for batch in await due_batches(20):
                await send_batch(way.carriers, *batch.key)
            await tell_health(way.carriers)
            async with tenant_scope(system("test", tenant_id)) as scope:
                done = await scope.value(
                    "SELECT count(*) FROM messages WHERE session_id = $1 AND state = 'delivered'",
                    session_id,
                )
            return done == people

        await until(delivered, 40)
        took = [r.destination for r in carrier.truth() if r.kind == "accepted"]
        refused = [r for r in way.simulator.truth() if r.kind == "accepted"]
        assert not refused
        assert len(took) == len(set(took)) == people
        async with platform_scope(system("test"), "test") as scope:
            health, cause = await scope.one(
                "SELECT health, health_cause FROM gateways WHERE id = $1", way.gateway_id
            )
        assert (health, cause) == ("out", "errors")


async def test_receipts_are_timed_here_or_where_they_were_stored(database, tmp_path):
    async with sending(tmp_path) as way:
        tenant_id, session_id = await session_to([recipient(1)])
        await prepare_session(tenant_id, session_id)
        for batch in await due_batches(5):
            await send_batch(way.carriers, *batch.key)

        async def came():
            async with platform_scope(system("test"), "test") as scope:
                return await scope.value("SELECT count(*) FROM raw_receipts") == 1

        await until(came)
        (carrier_id,) = [r.carrier_id for r in way.simulator.truth() if r.kind == "accepted"]
        # Another process got it: this one knows when it was accepted, the row when it came.
        long_ago = clock_seconds() - RECEIPT_SLOW_SECONDS - 30
        way.carriers.meter.accepted(way.gateway_id, carrier_id, long_ago)
        way.carriers.meter.accepted(way.gateway_id, "never came", long_ago)
        await tell_health(way.carriers)
        async with platform_scope(system("test"), "test") as scope:
            timed = await scope.value("SELECT sum(receipts_timed) FROM gateway_health")
            slow = await scope.value("SELECT sum(receipts_slow) FROM gateway_health")
            receipts = await scope.value("SELECT sum(receipts) FROM gateway_health")
    assert receipts == 1
    assert timed in (2, 3)  # the one it saw itself too, if it did not come before the commit
    assert slow >= 1
