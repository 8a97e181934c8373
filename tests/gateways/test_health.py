"""Out by errors, back by proof, with room between; the same rows for every process."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from backend.db.scope import platform_scope
from backend.gateways.health import (
    BACK_ERROR_RATIO,
    FORGOTTEN_AFTER,
    OUT_ERROR_RATIO,
    OUT_SECONDS_MAX,
    OUT_SECONDS_MIN,
    RECEIPT_WINDOW,
    SUBMITTED_MIN,
    Standing,
    Sums,
    judge,
)
from backend.gateways.meter import RECEIPT_SLOW_SECONDS, Meter, is_gateways_fault
from backend.gateways.port import Cause, Outcome, OutcomeKind, Permanence, Receipt, ReceiptStatus
from backend.gateways.schemas import Tally
from backend.gateways.service import standing_gateways
from backend.gateways.states import Health
from backend.gateways.watching import fold_health, forget_old_health, judge_gateways
from backend.kernel import clock
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from tests.delivery.factories import make_gateway


@pytest.fixture(autouse=True)
def _own_clock():
    yield
    clock.set_offset(timedelta())


NOW = datetime(2026, 3, 1, tzinfo=UTC)
counts = st.integers(0, 10_000)


def standing(health: Health, outs: int = 0, ago: timedelta = timedelta(hours=1)) -> Standing:
    until = NOW if health is Health.OUT else None
    return Standing(health, NOW - ago, until, outs)


def sums(submitted: int = 0, **changes: int) -> Sums:
    accepted = submitted - sum(changes.get(n, 0) for n in ("errors", "in_doubt", "throttled"))
    return Sums(submitted=submitted, **({"accepted": accepted} | changes))


@given(counts, st.integers(0, 50))
def test_no_recipients_fault_takes_a_gateway_out(refused, accepted):
    """Refused numbers and texts count as answers."""
    found = judge(standing(Health.HEALTHY), Sums(submitted=refused + accepted), NOW)
    assert found is None


@pytest.mark.parametrize("kind", ["errors", "in_doubt"])
def test_half_of_the_answers_wrong_is_out(kind):
    parts = 2 * SUBMITTED_MIN
    wrong = int(parts * OUT_ERROR_RATIO)
    assert judge(standing(Health.HEALTHY), sums(parts, **{kind: wrong - 1}), NOW) is None
    out = judge(standing(Health.HEALTHY), sums(parts, **{kind: wrong}), NOW)
    assert out is not None
    assert (out.health, out.cause, out.outs) == (Health.OUT, "errors", 1)
    assert out.out_until == NOW + timedelta(seconds=OUT_SECONDS_MIN)


def test_few_parts_prove_nothing():
    few = SUBMITTED_MIN - 1
    assert judge(standing(Health.HEALTHY), sums(few, errors=few), NOW) is None


def test_throttling_is_out_only_where_nothing_else_comes():
    assert judge(standing(Health.HEALTHY), sums(100, throttled=99), NOW) is None
    found = judge(standing(Health.HEALTHY), sums(100, throttled=100), NOW)
    assert found is not None
    assert found.health is Health.OUT


def test_each_time_out_lasts_twice_as_long_and_is_forgotten_at_last():
    seconds = []
    now = standing(Health.HEALTHY)
    for _ in range(8):
        found = judge(now, sums(SUBMITTED_MIN, errors=SUBMITTED_MIN), NOW)
        assert found is not None
        assert found.out_until is not None
        seconds.append((found.out_until - NOW).total_seconds())
        now = Standing(Health.PROBATION, NOW, None, found.outs)
    assert seconds[:4] == [60, 120, 240, 480]
    assert max(seconds) == OUT_SECONDS_MAX
    again = Standing(Health.HEALTHY, NOW - FORGOTTEN_AFTER - timedelta(seconds=1), None, 8)
    found = judge(again, sums(SUBMITTED_MIN, errors=SUBMITTED_MIN), NOW)
    assert found is not None
    assert found.outs == 1


@given(st.integers(SUBMITTED_MIN, 10_000), st.floats(0, 1))
def test_between_out_and_back_nothing_changes(submitted, share):
    """A share that takes nobody out lets nobody back, and the other way round."""
    errors = int(submitted * share)
    of = sums(submitted, errors=errors)
    proving = judge(standing(Health.PROBATION, outs=1), of, NOW)
    if BACK_ERROR_RATIO < of.error_ratio < OUT_ERROR_RATIO:
        assert proving is None
        assert judge(standing(Health.HEALTHY), of, NOW) is None
    elif of.error_ratio <= BACK_ERROR_RATIO:
        assert proving is not None
        assert proving.health is Health.HEALTHY
    else:
        assert proving is not None
        assert (proving.health, proving.outs) == (Health.OUT, 2)


def test_out_until_its_time_is_over_whatever_is_seen():
    early = Standing(Health.OUT, NOW, NOW + timedelta(seconds=1), 1)
    assert judge(early, sums(1_000), NOW) is None
    found = judge(standing(Health.OUT, outs=3), sums(), NOW)
    assert found is not None
    assert (found.health, found.outs, found.out_until) == (Health.PROBATION, 3, None)


def test_late_receipts_are_slow_and_quick_ones_healthy_again():
    late = Sums(receipts_timed=20, receipts_slow=11)
    found = judge(standing(Health.HEALTHY), late, NOW)
    assert found is not None
    assert (found.health, found.cause) == (Health.SLOW, "receipts_late")
    phones_off = Sums(receipts_timed=20, receipts_slow=9)
    assert judge(standing(Health.HEALTHY), phones_off, NOW) is None
    assert judge(standing(Health.SLOW), phones_off, NOW - timedelta(minutes=59)) is None
    back = judge(standing(Health.SLOW), Sums(receipts_timed=20, receipts_slow=4), NOW)
    assert back is not None
    assert back.health is Health.HEALTHY


def test_a_slow_one_nobody_chooses_gets_a_chance():
    young = standing(Health.SLOW, ago=RECEIPT_WINDOW - timedelta(seconds=1))
    assert judge(young, Sums(), NOW) is None
    found = judge(standing(Health.SLOW, ago=RECEIPT_WINDOW), Sums(), NOW)
    assert found is not None
    assert found.health is Health.PROBATION
    still = judge(standing(Health.PROBATION), Sums(receipts_timed=10, receipts_slow=10), NOW)
    assert still is not None
    assert still.health is Health.SLOW


def outcome(kind: OutcomeKind, cause: Cause = Cause.NONE) -> Outcome:
    return Outcome("key", 0, kind, "id", "", cause, Permanence.TEMPORARY)


def receipt(carrier_id: str) -> Receipt:
    cause, permanence = Cause.NONE, Permanence.PERMANENT
    status = ReceiptStatus.DELIVERED
    return Receipt(carrier_id, status, "", cause, permanence, None, "", "", None, b"")


def test_a_meter_counts_what_it_sees_and_whose_fault_it_is():
    meter, one = Meter(), uuid7()
    refused = OutcomeKind.REFUSED
    meter.answered(
        one,
        [
            outcome(OutcomeKind.ACCEPTED),
            outcome(OutcomeKind.IN_DOUBT),
            outcome(OutcomeKind.NOT_WRITTEN),
            outcome(refused, Cause.CARRIER_FAULT),
            outcome(refused, Cause.THROTTLED),
            *(outcome(refused, cause) for cause in (Cause.UNKNOWN, Cause.NUMBER_NOT_IN_SERVICE)),
            outcome(refused, Cause.CONTENT_REJECTED),
        ],
    )
    meter.accepted(one, "a", 0.0)
    meter.accepted(one, "b", 0.0)
    meter.accepted(one, "c", 100.0)
    meter.received(one, [receipt("a"), receipt("unknown")], 2.5)
    assert meter.overdue(RECEIPT_SLOW_SECONDS + 1) == [(one, "b", RECEIPT_SLOW_SECONDS + 1)]
    assert meter.overdue(RECEIPT_SLOW_SECONDS + 1) == [], "each is asked about once"
    meter.judged(one, RECEIPT_SLOW_SECONDS + 1)
    taken = meter.take()
    expected = Tally(1, 3, 1, 1, 1, 1, 2, 2, 1, 2_500 + int(RECEIPT_SLOW_SECONDS + 1) * 1_000)
    assert taken == {one: expected}
    assert meter.take() == {}
    meter.put_back(taken)
    assert meter.take() == {one: expected}


def test_a_window_is_the_gateways_fault_only_where_nothing_else_is_in_it():
    faulty = outcome(OutcomeKind.REFUSED, Cause.CARRIER_FAULT)
    assert is_gateways_fault([faulty, outcome(OutcomeKind.NOT_WRITTEN)])
    for other in (
        outcome(OutcomeKind.ACCEPTED),
        outcome(OutcomeKind.IN_DOUBT),
        outcome(OutcomeKind.REFUSED, Cause.NUMBER_NOT_IN_SERVICE),
        outcome(OutcomeKind.REFUSED, Cause.THROTTLED),
    ):
        assert not is_gateways_fault([faulty, other])


async def health_of(gateway_id):
    async with platform_scope(system("test"), "test") as scope:
        found = {one.id: one for one in await standing_gateways(scope)}
    return found[gateway_id].health


@pytest.mark.anyio
async def test_several_processes_fold_into_one_row_and_clocks_agree(database):
    gateway_id, _ = await make_gateway(1)
    other_id, _ = await make_gateway(2)
    half = Tally(accepted=5, errors=5, receipts=3, receipts_timed=1, receipt_delay_ms_sum=900)
    await fold_health({gateway_id: half})
    assert await judge_gateways() == 0, "ten parts prove nothing"
    await fold_health({gateway_id: half, other_id: Tally(accepted=100), uuid7(): half})
    async with platform_scope(system("test"), "test") as scope:
        (row,) = await scope.rows(
            "SELECT submitted, accepted, errors, receipts, receipt_delay_ms_sum"
            " FROM gateway_health WHERE gateway_id = $1",
            gateway_id,
        )
    assert tuple(row) == (20, 10, 10, 6, 1_800)
    assert await judge_gateways() == 1
    assert await judge_gateways() == 0, "twice is once"
    assert (await health_of(gateway_id), await health_of(other_id)) == ("out", "healthy")
    clock.set_offset(timedelta(seconds=OUT_SECONDS_MIN + 1))
    assert await judge_gateways() == 1
    assert await health_of(gateway_id) == "probation"
    assert await judge_gateways() == 0, "what was seen before its time out counts no more"
    await fold_health({gateway_id: Tally(accepted=SUBMITTED_MIN)})
    assert await judge_gateways() == 1
    assert await health_of(gateway_id) == "healthy"
    clock.set_offset(timedelta(days=9))
    assert await forget_old_health() == 3
