"""Seeds of kills in rounds: as many deaths as one test has work for, however many seeds are asked
for. The limits a tenant or a clerk has in a day end what could be done in one.
"""

import os
from collections.abc import Iterator

import pytest

KILLS_A_TEST = 3
ITEMS = KILLS_A_TEST + 1
"""One for each death, and one that is done at last."""
SECONDS_A_TEST_MAX = 180
_first = int(os.environ.get("CLEARSEND_FAULT_FIRST_SEED", "0"))
SEEDS = range(_first, _first + int(os.environ.get("CLEARSEND_FAULT_SEEDS", "3")))
ROUNDS = [range(start, start + KILLS_A_TEST) for start in SEEDS[::KILLS_A_TEST]]
in_rounds = pytest.mark.parametrize(
    "seeds", ROUNDS, ids=[f"{seeds[0]}-{seeds[-1]}" for seeds in ROUNDS]
)


def passes(seeds: range) -> Iterator[int]:
    """At which pass through its point each of them dies; the last has one item left to pass it."""
    yield from (1 + seed % 2 for seed in seeds[:-1])
    yield 1
