"""A desk in virtual time: moderators who take the next case, and vanish in the middle of one."""

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from backend.moderation.placing import CaseFacts, priority_at
from backend.moderation.schemas.desk import DeskRules
from backend.moderation.states import LEASE_MINUTES, CaseKind

START = datetime(2026, 3, 2, tzinfo=UTC)
MODERATORS = 6
REVIEW_SECONDS_MEAN = 120
VANISH_CHANCE = 0.02
VANISHED_MINUTES = 20
RULES = DeskRules()


class Waiting(NamedTuple):
    number: int
    opened_at: datetime
    due_at: datetime | None
    review_seconds: float


class Outcome(NamedTuple):
    decided: dict[int, datetime]
    """When each case was decided."""
    twice: int
    missed: int
    late_minutes: float
    wait_hours_max: float


Order = Callable[[Waiting], datetime]


def first_in_first_out(case: Waiting) -> datetime:
    return case.opened_at


def least_slack(case: Waiting) -> datetime:
    """The product's own function: what `queue_rows.priority_at` holds."""
    facts = CaseFacts(
        kind=CaseKind.CAMPAIGN_SESSION,
        opened_at=case.opened_at,
        due_at=case.due_at,
        recipients=0,
        segments=0,
        score=0,
        rules_hit=frozenset(),
    )
    return priority_at(RULES, facts, REVIEW_SECONDS_MEAN)


def arrivals(seed: int, cases: int, load: float) -> list[Waiting]:
    """`load` is work that comes in ÷ what six people can do, their absences counted."""
    dice = random.Random(seed)
    # A vanished moderator costs the look, the lease and the absence.
    lost = VANISH_CHANCE * (REVIEW_SECONDS_MEAN / 2 + VANISHED_MINUTES * 60)
    gap = (REVIEW_SECONDS_MEAN + lost) / MODERATORS / load
    at, found = START, []
    for number in range(cases):
        at += timedelta(seconds=dice.expovariate(1 / gap))
        kind = dice.random()
        minutes = dice.uniform(5, 45) if kind < 0.35 else dice.uniform(60, 1_440)
        due = at + timedelta(minutes=minutes) if kind < 0.8 else None
        review = dice.expovariate(1 / REVIEW_SECONDS_MEAN)
        found.append(Waiting(number, at, due, review))
    return found


def simulate(seed: int, cases: list[Waiting], order: Order) -> Outcome:
    dice = random.Random(seed * 7919)
    queue: list[tuple[datetime, datetime, int]] = []
    free = [(START, one) for one in range(MODERATORS)]
    heapq.heapify(free)
    # (when, number) of cases whose holder vanished: back when the lease is over.
    leases: list[tuple[datetime, int]] = []
    decided: dict[int, datetime] = {}
    twice = upcoming = 0

    def put(number: int) -> None:
        heapq.heappush(queue, (order(cases[number]), cases[number].opened_at, number))

    while len(decided) < len(cases):
        now, who = heapq.heappop(free)
        while upcoming < len(cases) and cases[upcoming].opened_at <= now:
            put(upcoming)
            upcoming += 1
        while leases and leases[0][0] <= now:
            put(heapq.heappop(leases)[1])
        if not queue:
            nexts = [one[0] for one in leases[:1]]
            nexts += [cases[upcoming].opened_at] if upcoming < len(cases) else []
            busy = [one[0] for one in free[:1]]
            wake = min(nexts) if nexts else min(busy)
            heapq.heappush(free, (max(wake, now + timedelta(milliseconds=1)), who))
            continue
        number = heapq.heappop(queue)[2]
        if dice.random() < VANISH_CHANCE:
            heapq.heappush(leases, (now + timedelta(minutes=LEASE_MINUTES), number))
            heapq.heappush(free, (now + timedelta(minutes=VANISHED_MINUTES), who))
            continue
        done = now + timedelta(seconds=cases[number].review_seconds)
        twice += number in decided
        decided[number] = done
        heapq.heappush(free, (done, who))
    return _outcome(cases, decided, twice)


def _outcome(cases: list[Waiting], decided: dict[int, datetime], twice: int) -> Outcome:
    late = [
        (decided[case.number] - case.due_at).total_seconds() / 60
        for case in cases
        if case.due_at is not None and decided[case.number] > case.due_at
    ]
    waits = [(decided[case.number] - case.opened_at).total_seconds() / 3600 for case in cases]
    return Outcome(decided, twice, len(late), sum(late), max(waits))
