"""Receipts against real rows: order, repetition, retries, parts, and the ones nobody owned."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from backend.campaigns.service.progress import session_progress
from backend.db.engine import DATABASE
from backend.db.scope import tenant_scope
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.claiming import submission
from backend.delivery.service.matching import apply_parked, match_parked
from backend.delivery.service.outcomes import Answered, record_outcomes
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.receipts import store_receipts
from backend.delivery.service.returning import return_due
from backend.delivery.service.sending import send_batch
from backend.delivery.service.settling import settle_session
from backend.gateways.port import Outcome, OutcomeKind as K, ReceiptStatus
from backend.gateways.service import note_working
from backend.kernel import clock
from backend.kernel.principal import system
from backend.ledger.service.balance import balance
from tests.delivery.factories import (
    ListedEvaluator,
    lease_of,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    sending,
    until,
    use,
    window_of,
)
from tests.delivery.test_states import receipt

pytestmark = pytest.mark.anyio
LONG_AFTER_MINUTES = 60 * 24 * 365 * 50


async def look(tenant_id, session_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        rows = await scope.rows(
            "SELECT n, state, charged, ranks, cause, error_code, parts_accepted, attempt,"
            " retry_at IS NOT NULL AS waits, done_at >= submitted_at AS is_in_order,"
            " CASE WHEN done_at > submitted_at THEN done_at END AS done_at FROM messages"
            " WHERE session_id = $1 ORDER BY n",
            session_id,
        )
        progress = await session_progress(scope, session_id)
        view = await balance(scope)
    times = {"first_submitted_at", "last_submitted_at", "last_receipt_at"}
    figures = {
        name: getattr(progress, name) for name in progress.__struct_fields__ if name not in times
    }
    return [tuple(row.values()) for row in rows], figures, (view.held, view.spent_total)


async def windowed(recipients, kinds=None):
    """A session whose one window was answered; (tenant, session, gateway)."""
    gateway_id, _ = await make_gateway(1)
    tenant_id = await make_paying_tenant(1_000)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator(recipients))
    await prepare_session(tenant_id, session_id)
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    outcomes = [
        Outcome(submission(lease, m).key, part, kind, f"{m.n}.{part}" if kind is K.ACCEPTED else "")
        for m in window.messages
        for part in range(m.segments)
        for kind in [(kinds or {}).get((m.n, part), K.ACCEPTED)]
    ]
    (recorded,) = await record_outcomes([Answered(lease, window, outcomes)])
    assert recorded.is_ours
    return tenant_id, session_id, gateway_id


def told(n: int, part: int, status: ReceiptStatus, *, temporary: bool = False):
    """The first part's done date is before every submission of these tests, the others' after."""
    minute = LONG_AFTER_MINUTES if part else 0
    code = "027" if temporary else "000"
    one = receipt(status, temporary=temporary, code=code, minute=minute)
    return msgspec.structs.replace(one, carrier_id=f"{n}.{part}")


async def test_any_permutation_and_repetition_gives_the_same_rows(migrated, tmp_path):
    """Promise 10 on rows, progress and credits: each example on a session of its own."""
    statuses = st.sampled_from([ReceiptStatus.DELIVERED, ReceiptStatus.UNDELIVERED,
                                ReceiptStatus.EXPIRED, ReceiptStatus.ENROUTE])  # fmt: skip
    drawn = st.lists(
        st.builds(told, st.integers(1, 3), st.integers(0, 1), statuses, temporary=st.booleans()),
        min_size=1,
        max_size=8,
    )

    async def run(batches) -> object:
        await migrated.clean()
        await DATABASE.open(migrated.login_url, connections_max=4)
        try:
            people = [recipient(n, segments=2) for n in range(3)]
            tenant_id, session_id, gateway_id = await windowed(people)
            carriers = Carriers(tmp_path)
            for batch in batches:
                await store_receipts(carriers, gateway_id, batch)
            return await look(tenant_id, session_id)
        finally:
            await DATABASE.close()

    @settings(max_examples=6, suppress_health_check=list(HealthCheck))
    @given(drawn, st.data())
    def check(receipts, data):
        other = data.draw(
            st.permutations(receipts + data.draw(st.lists(st.sampled_from(receipts))))
        )
        cut = data.draw(st.integers(0, len(other)))
        one = asyncio.run(run([receipts]))
        several = asyncio.run(run([[r] for r in other[:cut]] + [other[cut:]]))
        assert one == several

    await asyncio.to_thread(check)


async def test_no_message_is_done_before_it_was_submitted(database, tmp_path):
    """The plain way and the long one: delivered of an accepted message, and what else is told."""
    people = [recipient(n, segments=2) for n in range(3)]
    tenant_id, session_id, gateway_id = await windowed(people)
    carriers = Carriers(tmp_path)
    first = [told(n, 0, status) for n, status in ((1, ReceiptStatus.DELIVERED),
                                                  (2, ReceiptStatus.EXPIRED))]  # fmt: skip
    await store_receipts(carriers, gateway_id, first)
    rows, _, _ = await look(tenant_id, session_id)
    assert [row[-2:] for row in rows] == [(True, None), (True, None), (None, None)]
    await store_receipts(carriers, gateway_id, [told(1, 1, ReceiptStatus.DELIVERED)])
    rows, _, _ = await look(tenant_id, session_id)
    assert (rows[0][1], rows[0][-1]) == ("delivered", told(1, 1, ReceiptStatus.DELIVERED).done_at)


async def test_partly_refused_is_rejected_and_only_accepted_parts_are_paid(database):
    people = [recipient(1, segments=3), recipient(2, segments=3)]
    tenant_id, session_id, _ = await windowed(people, {(1, 2): K.NOT_WRITTEN})
    rows, figures, money = await look(tenant_id, session_id)
    assert [row[1] for row in rows] == ["rejected", "accepted"]
    assert figures["rejected"] == figures["accepted"] == 1
    assert money == (0, 2 + 3)


async def test_a_receipt_before_its_answer_waits_for_it(database, tmp_path):
    gateway_id, _ = await make_gateway(1)
    carriers = Carriers(tmp_path)
    await store_receipts(carriers, gateway_id, [told(1, 0, ReceiptStatus.DELIVERED)])
    assert await apply_parked() == 0
    use(ListedEvaluator([recipient(1)]))
    tenant_id = await make_paying_tenant(10)
    session_id = await make_session(tenant_id)
    await prepare_session(tenant_id, session_id)
    lease = await lease_of(tenant_id, session_id)
    window = await window_of(lease)
    key = submission(lease, window.messages[0]).key
    assert lease.gateway_id == gateway_id
    await record_outcomes([Answered(lease, window, [Outcome(key, 0, K.ACCEPTED, "1.0")])])
    assert await apply_parked() == 1
    rows, _, _ = await look(tenant_id, session_id)
    assert rows[0][1] == "delivered"


async def test_an_unconfirmed_one_is_confirmed_by_its_receipt(database, tmp_path):
    """Rule X3, on the wire: the carrier takes it, drops the line, and its receipt comes later."""
    async with sending(tmp_path, "perfect,has_magic_numbers=true") as way:
        tenant_id = await make_paying_tenant(10)
        session_id = await make_session(tenant_id)
        use(ListedEvaluator([recipient(1, suffix="0011"), recipient(2)]))
        await prepare_session(tenant_id, session_id)
        for batch in await due_batches(10):
            await send_batch(way.carriers, *batch.key)
        rows, _, money = await look(tenant_id, session_id)
        unconfirmed = [row[1] for row in rows].count("unconfirmed")
        assert unconfirmed >= 1
        assert money[0] == unconfirmed, "its hold stays"

        async def parked():
            async with tenant_scope(system("test", tenant_id)) as scope:
                del scope
            connection = await database.connect()
            try:
                return await connection.fetchval(
                    "SELECT count(*) FROM raw_receipts WHERE state = 'waiting'"
                )
            finally:
                await connection.close()

        await until(parked)
        assert await match_parked() == 0, "not before a minute"
        clock.set_offset(timedelta(seconds=61))
        assert await match_parked() >= 1
        assert await match_parked() == 0
        rows, _, money = await look(tenant_id, session_id)
        assert rows[0][1] == "delivered"
        assert money[1] >= 1
        accepted = [r for r in way.simulator.truth() if r.kind == "accepted"]
        assert len({r.destination for r in accepted}) == len(accepted)


async def test_temporarily_undelivered_is_sent_again_and_paid_once(database, tmp_path):
    async with sending(tmp_path, "perfect,has_magic_numbers=true") as way:
        tenant_id = await make_paying_tenant(10)
        session_id = await make_session(tenant_id)
        use(ListedEvaluator([recipient(1, suffix="0003")]))
        await prepare_session(tenant_id, session_id)

        async def send_all():
            for batch in await due_batches(10):
                await send_batch(way.carriers, *batch.key)

        async def waits():
            return (await look(tenant_id, session_id))[0][0][8]

        await send_all()
        await until(waits)
        assert (await look(tenant_id, session_id))[1]["waiting_retry"] == 1
        assert await settle_session(tenant_id, session_id), "settling until it is due"
        assert await return_due() == 0
        clock.set_offset(timedelta(minutes=16))
        await note_working([way.gateway_id])
        assert await return_due() == 1
        assert await return_due() == 0
        await send_all()

        async def delivered():
            return (await look(tenant_id, session_id))[1]["delivered"]

        await until(delivered)
        rows, figures, money = await look(tenant_id, session_id)
        assert (rows[0][1], rows[0][7]) == ("delivered", 2)
        assert money == (0, 1)
        assert (figures["waiting_retry"], figures["ever_submitted"]) == (0, 1)


@pytest.mark.parametrize("suffix", ["0007", "0019"])
async def test_a_refusal_that_passes_is_sent_again(database, tmp_path, suffix):
    async with sending(tmp_path, "perfect,has_magic_numbers=true") as way:
        tenant_id = await make_paying_tenant(10)
        session_id = await make_session(tenant_id)
        use(ListedEvaluator([recipient(1, suffix=suffix)]))
        await prepare_session(tenant_id, session_id)
        for _ in range(2):
            for batch in await due_batches(10):
                await send_batch(way.carriers, *batch.key)
            clock.set_offset(clock.offset() + timedelta(seconds=10))
            await note_working([way.gateway_id])
            await return_due()

        async def delivered():
            return (await look(tenant_id, session_id))[1]["delivered"]

        await until(delivered)
        assert (await look(tenant_id, session_id))[2] == (0, 1)


async def test_at_the_deadline_what_is_left_is_unreachable_and_late_ones_change_the_row(
    database, tmp_path
):
    people = [recipient(n) for n in range(3)]
    tenant_id, session_id, gateway_id = await windowed(people, {(3, 0): K.IN_DOUBT})
    carriers = Carriers(tmp_path)
    async with tenant_scope(system("test", tenant_id)) as scope:
        await scope.execute("UPDATE batches SET state = 'done', lease_until = NULL")
    assert await settle_session(tenant_id, session_id)
    assert not await settle_session(tenant_id, session_id)
    clock.set_offset(timedelta(hours=49))
    while await settle_session(tenant_id, session_id):
        pass
    rows, figures, money = await look(tenant_id, session_id)
    assert {row[1] for row in rows} == {"unreachable"}
    assert figures["unreachable"] == 3
    assert money == (0, 2), "the unconfirmed one costs nothing"
    await store_receipts(carriers, gateway_id, [told(1, 0, ReceiptStatus.DELIVERED)])
    rows, figures, money = await look(tenant_id, session_id)
    assert rows[0][1] == "delivered"
    assert (figures["delivered"], figures["late_receipts"], money) == (0, 1, (0, 2))
