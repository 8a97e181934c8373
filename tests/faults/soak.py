"""`python -m tests.faults.soak MINUTES`: what `make test` runs a slice of, with ever new seeds.

A round is every kill with the next seeds, 500 sessions of one second under dying clocks, the next
2,000 races of opt-outs, stops and claims, a thousand races of moderators for one case, a desk of
5,000 cases whose moderators vanish, one phishing link among 100,000 people, the ledger's machine on
sequences of its own, its races and the broken journeys. The first failure ends it, names its seed
and how to repeat it.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEEDS_PER_ROUND = 3
LEDGER_SEQUENCES_PER_ROUND = 5_000
RACE_ROUNDS_PER_ROUND = 2_000
VOTING_ROUNDS_PER_ROUND = 1_000
CLOCK_SESSIONS_PER_ROUND = 500
DESK_CASES_PER_ROUND = 5_000
PHISHING_ROWS_PER_ROUND = 100_000
PAYMENT_ORDERS_PER_ROUND = 3_600
"""Every order of six events; of eight, one in fifty-six."""
ROUND = (
    "tests/faults",
    "tests/delivery/test_races.py",
    "tests/moderation/test_vote_races.py",
    "tests/moderation/test_hold_races.py",
    "tests/moderation/test_case_facts.py",
    "tests/simulation/test_at_the_door.py",
    "tests/billing/test_payment_orders.py",
    "tests/ledger/test_machine.py",
    "tests/ledger/test_concurrency.py",
    "tests/journeys/test_broken_journeys.py",
)


def run_round(first_seed: int) -> int:
    environ = {
        **os.environ,
        "CLEARSEND_FAULT_FIRST_SEED": str(first_seed),
        "CLEARSEND_FAULT_SEEDS": str(SEEDS_PER_ROUND),
        "CLEARSEND_PAYMENT_ORDERS": str(PAYMENT_ORDERS_PER_ROUND),
        "CLEARSEND_CLOCK_SESSIONS": str(CLOCK_SESSIONS_PER_ROUND),
        "CLEARSEND_RACE_FIRST_SEED": str(first_seed // SEEDS_PER_ROUND * RACE_ROUNDS_PER_ROUND),
        "CLEARSEND_RACE_ROUNDS": str(RACE_ROUNDS_PER_ROUND),
        "CLEARSEND_VOTING_ROUNDS": str(VOTING_ROUNDS_PER_ROUND),
        "CLEARSEND_DESK_CASES": str(DESK_CASES_PER_ROUND),
        "CLEARSEND_DESK_SEED": str(first_seed + SEEDS_PER_ROUND + 1),
        "CLEARSEND_PHISHING_ROWS": str(PHISHING_ROWS_PER_ROUND),
        "CLEARSEND_LEDGER_SEQUENCES": str(LEDGER_SEQUENCES_PER_ROUND),
    }
    command = [sys.executable, "-m", "pytest", "-x", "-n", "2", "--dist", "worksteal", *ROUND]
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


def soak(minutes: float) -> int:
    end = time.monotonic() + minutes * 60
    rounds = 0
    while time.monotonic() < end:
        first_seed = rounds * SEEDS_PER_ROUND
        code = run_round(first_seed)
        if code:
            print(
                f"failed in round {rounds + 1}; again: CLEARSEND_FAULT_FIRST_SEED={first_seed}"
                f" CLEARSEND_FAULT_SEEDS={SEEDS_PER_ROUND} python -m pytest tests/faults"
            )
            return code
        rounds += 1
        print(f"round {rounds} passed: seeds {first_seed} to {first_seed + SEEDS_PER_ROUND - 1}")
    return 0


if __name__ == "__main__":
    sys.exit(soak(float(sys.argv[1])))
