import time

import pytest

from backend.gateways.pacer import Pacer


def _pacer(rate_max: float | None) -> Pacer:
    return Pacer(rate_max, pause_seconds_min=0.02, pause_seconds_max=0.05)


def test_without_a_rate_everything_may_go():
    assert _pacer(None).take(5_000) == 5_000


def test_a_burst_is_a_twentieth_of_a_second():
    pacer = _pacer(1_000)
    time.sleep(0.2)
    assert 0 < pacer.take(5_000) <= 50
    assert pacer.take(5_000) < 50


def test_a_slow_rate_still_moves():
    pacer = _pacer(2)
    assert pacer.take(10) == 1
    assert pacer.take(10) == 0
    assert 0.3 < pacer.wait_seconds() <= 0.5


def test_one_storm_is_one_slowdown():
    pacer = _pacer(100)
    for _ in range(50):
        pacer.throttled(1)
    assert pacer.rate == 50
    assert pacer.throttled_count == 50
    assert pacer.take(10) == 0
    assert 0 < pacer.wait_seconds() <= 0.02
    time.sleep(0.03)
    assert pacer.take(10) >= 1
    pacer.throttled(1)
    assert pacer.rate == 25


def test_the_rate_never_falls_to_nothing_and_grows_back_to_the_contract():
    pacer = _pacer(4)
    for _ in range(8):
        pacer.throttled(1)
        time.sleep(0.055)
    assert pacer.rate == 1
    pacer._grown_at -= 60
    pacer.take(1)
    assert pacer.rate == 4


def test_without_a_contract_the_limit_is_forgotten_in_time():
    pacer = _pacer(None)
    pacer.accepted(100)
    pacer.throttled(1)
    assert pacer.rate is not None
    time.sleep(0.03)
    pacer._grown_at -= 60
    pacer.take(1)
    assert pacer.rate is None


@pytest.mark.parametrize("rate_max", [None, 50])
def test_answers_of_before_the_pause_do_not_shorten_the_next(rate_max):
    pacer = _pacer(rate_max)
    pacer.throttled(1)
    pacer.accepted(10)
    assert pacer._pauses_in_a_row == 1
    time.sleep(0.03)
    pacer.accepted(1)
    assert pacer._pauses_in_a_row == 0
