"""Which gateway: shares meet the weights, the same wherever it is asked, and only who may."""

from collections import Counter
from math import sqrt
from uuid import UUID

import msgspec
from hypothesis import given, settings, strategies as st

from backend.gateways.choice import PROBATION_SHARE, Shares, pick, serving, share_of, unserved
from backend.gateways.config import GatewayConfig
from backend.gateways.schemas import StandingGateway
from backend.gateways.states import GatewayState, Health

SEEDS = 3_000
weights = st.lists(st.integers(1, 1_000), min_size=1, max_size=5)


def gateway(number: int, weight: int = 100, **changes: object) -> StandingGateway:
    config = GatewayConfig(name=f"g{number}", host="h", port=1, system_id="s", password="p")
    one = StandingGateway(
        id=UUID(int=number + 1),
        config=config,
        throughput_segments_per_second_max=None,
        is_working=True,
        weight=weight,
    )
    return msgspec.structs.replace(one, **changes)


def gateways(weights: list[int]) -> tuple[StandingGateway, ...]:
    return tuple(gateway(number, weight) for number, weight in enumerate(weights))


@given(weights)
@settings(max_examples=30)
def test_single_choices_meet_the_weights(weights):
    among = gateways(weights)
    chosen = Counter(pick(among, seed).id for seed in range(SEEDS))
    for one in among:
        share = one.weight / sum(weights)
        deviation = sqrt(SEEDS * share * (1 - share))
        assert abs(chosen[one.id] - SEEDS * share) <= 5 * deviation + 5


@given(weights, st.integers(0, 10_000), st.lists(st.integers(1, 1_000), min_size=1, max_size=300))
@settings(max_examples=80)
def test_many_choices_of_one_seed_meet_them_in_segments(weights, seed, sizes):
    """However large a batch each gateway takes: nobody is ahead of its share by more than the wait
    it drew at the start and one batch.
    """
    among = gateways(weights)
    shares = Shares(seed, 1_000)
    start = {one.id: shares._turns_of(among)[one.id] for one in among}  # the draw
    got: Counter[UUID] = Counter()
    for size in sizes:
        one = shares.choose(among)
        shares.count(among, one, size)
        got[one.id] += size
    turn = min(start[one.id] + got[one.id] / one.weight for one in among)
    for one in among:
        assert start[one.id] + got[one.id] / one.weight <= max(
            turn + max(sizes) / one.weight, start[one.id]
        )


@given(weights.filter(lambda some: len(some) > 1))
@settings(max_examples=20)
def test_batches_of_many_short_sessions_meet_them_too(weights):
    """Two batches a session: a small gateway must not get the second of each."""
    among = gateways(weights)
    got: Counter[UUID] = Counter()
    for seed in range(SEEDS):
        shares = Shares(seed, 1_000)
        for _ in range(2):
            one = shares.choose(among)
            shares.count(among, one, 1_000)
            got[one.id] += 1
    for one in among:
        share = one.weight / sum(weights)
        assert abs(got[one.id] / (2 * SEEDS) - share) <= 0.06


@given(weights.filter(lambda some: len(some) > 1), st.integers())
@settings(max_examples=100)
def test_who_goes_away_moves_its_own_share_only(weights, seed):
    among = gateways(weights)
    chosen = pick(among, seed)
    gone = next(one for one in among if one.id != chosen.id)
    assert pick(tuple(one for one in among if one.id != gone.id), seed) == chosen
    assert pick(tuple(reversed(among)), seed) == chosen, "the order they stand in says nothing"


def test_what_was_tried_is_avoided_where_there_is_another():
    among = gateways([1_000, 1])
    assert {pick(among, seed, UUID(int=1)).id for seed in range(50)} == {UUID(int=2)}
    assert pick(among[:1], 0, UUID(int=1)).id == UUID(int=1)


def test_only_who_is_active_working_and_healthy_serves():
    able = gateway(0)
    for changes in (
        {"is_working": False},
        {"state": GatewayState.DRAINING},
        {"health": Health.OUT},
        {"countries": frozenset({"SE"})},
    ):
        other = gateway(1, **changes)
        assert serving([able, other], "NO") == (able,)
        assert serving([other], "NO") == ()
    assert unserved([gateway(1, countries=frozenset({"SE"}))], ["NO", "SE"]) == ["NO"]


def test_slow_ones_serve_where_no_other_does():
    slow, quick = gateway(0, health=Health.SLOW), gateway(1, countries=frozenset({"NO"}))
    assert serving([slow, quick], "NO") == (quick,)
    assert serving([slow, quick], "SE") == (slow,)


def test_one_on_probation_gets_a_small_share():
    proving = gateway(0, health=Health.PROBATION)
    assert share_of(proving) == 100 * PROBATION_SHARE
    assert serving([proving, gateway(1)], "NO")[0] == proving
