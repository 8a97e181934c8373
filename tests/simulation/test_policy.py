"""The order of the queue against first in, first out: twenty seeds of five thousand cases each."""

import pytest

from tests.simulation.desk import RULES, arrivals, first_in_first_out, least_slack, simulate

SEEDS = range(20)
CASES = 5_000


@pytest.mark.parametrize("load", [0.7, 0.9])
def test_fewer_deadlines_are_missed_than_in_order_of_arrival(load):
    ours = theirs = ours_late = theirs_late = 0.0
    for seed in SEEDS:
        cases = arrivals(seed, CASES, load)
        slack, fifo = simulate(seed, cases, least_slack), simulate(seed, cases, first_in_first_out)
        for outcome in (slack, fifo):
            assert (len(outcome.decided), outcome.twice) == (CASES, 0)
        assert slack.missed <= fifo.missed, f"seed {seed}: {slack.missed} and {fifo.missed}"
        assert slack.wait_hours_max <= RULES.case_wait_hours_max, f"seed {seed}"
        ours, theirs = ours + slack.missed, theirs + fifo.missed
        ours_late, theirs_late = ours_late + slack.late_minutes, theirs_late + fifo.late_minutes
    assert ours <= theirs
    print(
        f"load {load:.0%}: {ours:.0f} of {CASES * len(SEEDS):,} late by {ours_late:.0f} min,"
        f" in order of arrival {theirs:.0f} by {theirs_late:.0f} min"
    )


@pytest.mark.parametrize("load", [1.15])
def test_nobody_starves_when_there_is_too_much(load):
    """Nobody can be in time then: figures are printed, only the longest wait is asserted."""
    worst = 0.0
    for seed in SEEDS:
        cases = arrivals(seed, CASES, load)
        slack, fifo = simulate(seed, cases, least_slack), simulate(seed, cases, first_in_first_out)
        assert (len(slack.decided), slack.twice) == (CASES, 0)
        assert slack.wait_hours_max <= RULES.case_wait_hours_max, f"seed {seed}"
        worst = max(worst, slack.wait_hours_max)
        print(
            f"load {load:.0%}, seed {seed}: late {slack.missed} (in order of arrival"
            f" {fifo.missed}), longest wait {slack.wait_hours_max:.1f} h"
            f" ({fifo.wait_hours_max:.1f} h)"
        )
    print(f"longest wait of all: {worst:.1f} h")
