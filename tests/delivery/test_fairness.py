"""Turns of tenants: counted and ordered, not timed (`clearsend bench fairness` times them)."""

from collections import Counter
from itertools import islice

import pytest

from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.queries import turns
from backend.delivery.service import announcing, sending as lanes
from backend.delivery.service.announcing import LANES_MIN, OUTSTANDING_MAX, due_batches
from backend.delivery.service.claiming import take_lease
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.sending import send_batch
from backend.identity.service.tenants import set_sending_weight
from backend.kernel.errors import NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from tests.delivery.factories import (
    ListedEvaluator,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    sending,
    use,
)

pytestmark = pytest.mark.anyio


async def many_batches(tenant_id, session_id, gateway_id, count: int) -> None:
    """As a preparation of a thousand times as many messages leaves them."""
    async with tenant_scope(system("test", tenant_id)) as scope:
        await scope.execute(
            "INSERT INTO batches (tenant_id, session_id, batch_no, session_day, generation,"
            " gateway_id, sender, state, first_n, last_n, size, segments, credits, not_before)"
            " SELECT $1, $2, n, $3, 1, $4, 'Nordlys', 'queued', n * 1000, n * 1000 + 999, 1000,"
            " 1000, 1000, $5 FROM generate_series(2, $6) AS n",
            tenant_id,
            session_id,
            scope.now.date(),
            gateway_id,
            scope.now,
            count,
        )


async def a_tenant(gateway_id, count: int, weight: int = 100):
    tenant_id = await make_paying_tenant(10)
    session_id = await make_session(tenant_id)
    await many_batches(tenant_id, session_id, gateway_id, count + 1)
    await set_sending_weight(system("test"), tenant_id, weight)
    return tenant_id, session_id


async def test_who_comes_late_with_little_is_among_the_next(database):
    gateway_id, _ = await make_gateway(1)
    large, _ = await a_tenant(gateway_id, 1_000)
    small, _ = await a_tenant(gateway_id, 1)
    due = await due_batches(OUTSTANDING_MAX)
    assert len(due) == OUTSTANDING_MAX
    assert small in {batch.key.tenant_id for batch in due[:2]}
    assert Counter(batch.key.tenant_id for batch in due) == {
        large: OUTSTANDING_MAX - 1,
        small: 1,
    }


async def test_turns_meet_the_weights(database):
    gateway_id, _ = await make_gateway(1)
    heavy, _ = await a_tenant(gateway_id, 100, weight=300)
    light, _ = await a_tenant(gateway_id, 100)
    turns_of = Counter(batch.key.tenant_id for batch in await due_batches(OUTSTANDING_MAX))
    assert turns_of == {heavy: 24, light: 8}


async def test_a_weight_is_of_a_tenant_there_is(database):
    with pytest.raises(NotFound, match="no such tenant"):
        await set_sending_weight(system("test"), uuid7(), 100)


async def test_what_is_being_sent_counts_as_turns_taken(database):
    gateway_id, _ = await make_gateway(1)
    first, session_id = await a_tenant(gateway_id, 100)
    for batch in islice(await due_batches(OUTSTANDING_MAX), 6):
        assert await take_lease(first, session_id, batch.key.batch_no) is not None
    second, _ = await a_tenant(gateway_id, 100)
    due = await due_batches(OUTSTANDING_MAX)
    assert {batch.key.tenant_id for batch in due[:6]} == {second}


async def test_a_slow_gateway_takes_few_batches_of_one_tenant_at_a_time(database):
    slow, _ = await make_gateway(1, throughput_segments_per_second_max=10.0)
    quick, _ = await make_gateway(2)
    tenant_id, session_id = await a_tenant(slow, 50)
    due = await due_batches(OUTSTANDING_MAX)
    assert len(due) == LANES_MIN
    for batch in due:
        assert await take_lease(tenant_id, session_id, batch.key.batch_no) is not None
    assert await due_batches(OUTSTANDING_MAX) == []
    other, _ = await a_tenant(slow, 50)
    assert {batch.key.tenant_id for batch in await due_batches(OUTSTANDING_MAX)} == {other}
    await a_tenant(quick, 50)
    assert len(await due_batches(OUTSTANDING_MAX)) == OUTSTANDING_MAX


async def test_a_lane_leaves_a_long_batch_to_who_waits(database, tmp_path, monkeypatch):
    """It goes on where it stopped, behind what came meanwhile."""
    monkeypatch.setattr(lanes, "LANE_SECONDS_MAX", 0.0)
    tenant_id = await make_paying_tenant(500)
    session_id = await make_session(tenant_id)
    use(ListedEvaluator([recipient(n) for n in range(500)]))
    async with sending(tmp_path) as way:
        await prepare_session(tenant_id, session_id)
        sent = []
        for _ in range(3):
            (batch,) = await due_batches(5)
            sent.append(await send_batch(way.carriers, *batch.key))
    assert sent == [200, 200, 100]


async def test_the_next_turns_are_found_without_reading_the_others(database):
    """A hundred thousand batches wait: what is read is what is returned, not what waits."""
    gateway_id, _ = await make_gateway(1)
    for _ in range(5):
        await a_tenant(gateway_id, 20_000)
    async with platform_scope(system("test"), "test") as scope:
        read = (
            "SELECT coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::bigint"
            " FROM pg_stat_xact_user_tables WHERE relname = 'batches'"
        )
        before = await scope.value(read)
        found = await turns.due(scope, [(gateway_id, OUTSTANDING_MAX)], OUTSTANDING_MAX)
        rows = await scope.value(read) - before
    assert len(found) == OUTSTANDING_MAX
    assert rows <= 5 * (OUTSTANDING_MAX + 10)


def test_lanes_grow_with_the_rate():
    assert announcing.LANE_SEGMENTS_PER_SECOND * LANES_MIN < OUTSTANDING_MAX * 100
