"""Verbs of several transactions at once, and what the model would do for each in some order.

A step names places and no objects, so that a copy of the model can be asked as well. Chance and not
Hypothesis chooses them: which order came about is not to be repeated, and would be taken for a test
that draws otherwise each time.
"""

import asyncio
import copy
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import Conflict
from backend.kernel.principal import system
from backend.ledger.service import disputes, holds, lines, lots, refunds
from tests.ledger.model import Model, Refused

AT_ONCE = 3
"""Transactions, of one verb or two each: six orders to compare with."""
RECENT = 3
AMOUNT_MAX = 60
OF_A_HOLD = ("capture", "release", "return", "rest")
OF_A_LOT = ("refund", "dispute", "win", "lose")


class Step(NamedTuple):
    kind: str
    reference: str
    verb: Callable[[Scope], Awaitable[Any]]
    predict: Callable[[Model], None]


class Outcome(NamedTuple):
    answer: Any
    code: str | None


Chains = list[list[Step]]


class Chooser(NamedTuple):
    """What there is to act on: session, holds, and bought lots with their places."""

    chance: random.Random
    refer: Callable[[str], str]
    session: UUID
    holds: list[UUID]
    bought: list[tuple[str, int]]
    has_line: bool

    def chains(self) -> Chains:
        """One verb at most opens a lot: of two begun at once either may be called the older."""
        made = []
        for number in range(AT_ONCE):
            opens = number == 0 and self.chance.random() < 0.5
            size = self.chance.randint(1, 2)
            made.append([self.step(opens_a_lot=opens and at == 0) for at in range(size)])
        return made

    def step(self, *, opens_a_lot: bool) -> Step:
        names = ["hold", "withdraw", "sweep", *(["line"] if self.has_line else [])]
        names += OF_A_HOLD if self.holds else ()
        names += OF_A_LOT if self.bought else ()
        kind = "buy" if opens_a_lot else self.chance.choice(names)
        told, amount = self.refer(kind), self.chance.randint(1, AMOUNT_MAX)
        if kind in OF_A_HOLD:
            place = self.chance.choice(range(len(self.holds))[-RECENT:])
            return Step(kind, told, *_of_hold(kind, told, amount, self.holds[place], place))
        if kind in OF_A_LOT:
            bought, place = self.chance.choice(self.bought[-RECENT:])
            return Step(kind, told, *_of_lot(kind, told, amount, bought, place))
        return Step(kind, told, *_of_all(kind, told, amount, self.session))


Deed = tuple[Callable[[Scope], Awaitable[Any]], Callable[[Model], None]]


def _of_all(kind: str, told: str, amount: int, session: UUID) -> Deed:
    deeds: dict[str, Deed] = {
        "buy": (
            lambda scope: lots.top_up(scope, amount, told),
            lambda model: model.buy(amount, None),
        ),
        "hold": (
            lambda scope: holds.place_hold(scope, told, session, amount),
            lambda model: model.place_hold(amount),
        ),
        "withdraw": (
            lambda scope: lots.adjust(scope, -amount, told, "machine"),
            lambda model: model.withdraw(amount),
        ),
        "line": (
            lambda scope: lines.set_credit_line(scope, amount, told, "machine"),
            lambda model: model.set_line(amount),
        ),
        "sweep": (lots.expire_due, lambda model: model.expire()),
    }
    return deeds[kind]


def _of_hold(kind: str, told: str, amount: int, hold: UUID, place: int) -> Deed:
    deeds: dict[str, Deed] = {
        "capture": (
            lambda scope: holds.capture(scope, hold, amount, told),
            lambda model: model.capture(model.holds[place], amount),
        ),
        "release": (
            lambda scope: holds.release(scope, hold, amount, told),
            lambda model: model.release(model.holds[place], amount, ours=False),
        ),
        "return": (
            lambda scope: holds.return_spent(scope, hold, amount, told),
            lambda model: model.give_back(model.holds[place], amount),
        ),
        "rest": (
            lambda scope: holds.release_rest(scope, hold, told),
            lambda model: model.release_rest(model.holds[place]),
        ),
    }
    return deeds[kind]


def _of_lot(kind: str, told: str, amount: int, bought: str, place: int) -> Deed:
    deeds: dict[str, Deed] = {
        "refund": (
            lambda scope: refunds.refund(scope, bought, amount, told, "machine"),
            lambda model: model.refund(model.lots[place], amount),
        ),
        "dispute": (
            lambda scope: disputes.freeze_top_up(scope, bought, told),
            lambda model: model.dispute(model.lots[place]),
        ),
        "win": (
            lambda scope: disputes.thaw_top_up(scope, bought, told),
            lambda model: model.win(model.lots[place]),
        ),
        "lose": (
            lambda scope: disputes.reverse_top_up(scope, bought, told),
            lambda model: model.lose(model.lots[place]),
        ),
    }
    return deeds[kind]


async def done_at_once(tenant: UUID, chains: Chains) -> list[list[Outcome]]:
    async def done(chain: list[Step]) -> list[Outcome]:
        outcomes = []
        async with tenant_scope(system("machine", tenant)) as scope:
            for step in chain:
                try:
                    outcomes.append(Outcome(await step.verb(scope), None))
                except Conflict as refused:
                    outcomes.append(Outcome(None, refused.code))
        return outcomes

    return await asyncio.gather(*(done(chain) for chain in chains))


def orders_that_fit(
    before: Model, chains: Chains, outcomes: list[list[Outcome]]
) -> Iterator[Model]:
    """The model after each order in which it answers as the ledger did."""
    for order in itertools.permutations(range(len(chains))):
        model = copy.deepcopy(before)
        done = [pair for at in order for pair in zip(chains[at], outcomes[at], strict=True)]
        if all(_code(model, step) == outcome.code for step, outcome in done):
            yield model


def _code(model: Model, step: Step) -> str | None:
    try:
        step.predict(model)
    except Refused as refused:
        return refused.code
    return None
