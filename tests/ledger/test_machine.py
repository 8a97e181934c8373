"""The ledger on the real server, in any order Hypothesis finds, beside a model of it.

After every step, before its commit, all ten checks of the proof run and every account and lot is as
the model says; a refused step, or one told twice, leaves every row identical. Where a sequence
ends, a ring of transactions at once, each with verbs of its own in an order of its own, ends as one
of their orders would have.
`CLEARSEND_LEDGER_SEQUENCES` and `CLEARSEND_LEDGER_STEPS` set how many and how long.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, seed, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.db.engine import DATABASE
from backend.db.scope import Scope, tenant_scope
from backend.kernel import clock
from backend.kernel.errors import Conflict
from backend.kernel.principal import system
from backend.ledger.queries.proof import CHECKS
from backend.ledger.service import disputes, holds, lines, lots, refunds
from tests.database import CleanDatabase
from tests.factories import make_tenant
from tests.ledger.at_once import AT_ONCE, Chooser, done_at_once, orders_that_fit
from tests.ledger.factories import TABLES, violations_of
from tests.ledger.model import Model, Refused

SEQUENCES = int(os.environ.get("CLEARSEND_LEDGER_SEQUENCES", "500"))
SHARDS = 5
"""Tests, so that several workers share them."""
STEPS = int(os.environ.get("CLEARSEND_LEDGER_STEPS", "20"))
AMOUNTS = st.integers(1, 60)
RECENT = 3
"""Verbs meet in what they act on: mostly something new, so that deep states are reached."""
Verb = Callable[[Scope], Awaitable[Any]]

_VIOLATIONS = " UNION ALL ".join(
    f"SELECT '{name}: ' || v.subject FROM ({sql}) v" for name, sql in CHECKS.items()
)
_ROWS = " UNION ALL ".join(
    f"SELECT '{table}', t::text FROM {table} t WHERE tenant_id = $1" for table in TABLES
)
_FIGURES = (
    "kind, amount, available, priority, reserved, spent, frozen, expired, reversed, refunded,"
    " adjusted, repaid, settled, charged_back, dispute"
)
STATE = f"""
SELECT array({_VIOLATIONS}) AS violations,
    (SELECT md5(string_agg(r.name || r.line, '|' ORDER BY r.name, r.line))
        FROM ({_ROWS}) r (name, line)) AS digest,
    (SELECT coalesce(jsonb_object_agg(account, balance), '{{}}') FROM ledger_accounts
        WHERE tenant_id = $1) AS accounts,
    (SELECT coalesce(jsonb_agg(to_jsonb(l) ORDER BY l.created_at, l.id), '[]') FROM (
        SELECT {_FIGURES}, created_at, id FROM ledger_lots WHERE tenant_id = $1) l) AS lots,
    (SELECT coalesce(sum(captured - returned), 0)::bigint FROM pub_ledger_sessions
        WHERE tenant_id = $1 AND session_id = $2) AS charged
"""


def some(data: st.DataObject, most: int) -> int:
    """Often all there is, at times too much."""
    most = max(1, most)
    return data.draw(st.one_of(st.just(most), st.integers(1, most + 3)))


def found_in(state: Any) -> dict[str, Any]:
    lots_found = [
        {k: v for k, v in lot.items() if k not in {"created_at", "id"}} for lot in state["lots"]
    ]
    accounts = state["accounts"] or dict.fromkeys(Model().accounts(), 0)
    return {"accounts": accounts, "lots": lots_found, "charged": state["charged"]}


def expected_of(model: Model) -> dict[str, Any]:
    accounts = model.accounts()
    figures = [lot.figures() for lot in model.lots]
    return {"accounts": accounts, "lots": figures, "charged": accounts["spent"]}


class LedgerMachine(RuleBasedStateMachine):
    runner: ClassVar[asyncio.Runner]
    tenant: UUID

    @initialize(
        beginning=st.sampled_from(["new", "on credit", "in debt", "in dispute"]),
        ring=st.integers(0, 2**32),
    )
    def open(self, beginning: str, ring: int) -> None:
        self.ring, self.is_sound = random.Random(ring), False
        clock.set_offset(timedelta(0))
        self.tenant = self.runner.run(make_tenant())
        self.session = uuid4()
        self.model = Model()
        self.done: list[Verb] = []
        self.digest: str | None = None
        self.holds: list[UUID] = []
        self.bought: list[tuple[str, int]] = []  # reference and place among the lots
        self.refunded: list[str] = []
        if beginning == "on credit":
            self.set_the_line(40)
            self.use(25)
        elif beginning != "new":
            self.buy(40, None)
            self.use(25)
            self.open_dispute(*self.bought[0])
            if beginning == "in debt":
                self.close_dispute(*self.bought[0], is_won=False)

    def use(self, amount: int) -> None:
        self.hold(amount)
        self.capture(0, amount - 5)

    def teardown(self) -> None:
        if getattr(self, "is_sound", False):
            self.several_at_once()
        clock.set_offset(timedelta(0))
        if hasattr(self, "tenant"):
            assert self.runner.run(violations_of(self.tenant)) == []

    def reference(self, name: str) -> str:
        self.model.tick += 1
        return f"{name}:{self.model.tick}"

    async def _ask(self, verb: Verb) -> tuple[Any, str | None, str]:
        """Answer, code of the refusal, and the digest of all rows; what is refused is committed
        on purpose: a caller that goes on must find nothing changed.
        """
        answer = code = None
        async with tenant_scope(system("machine", self.tenant)) as scope:
            try:
                answer = await verb(scope)
            except Conflict as refused:
                code = refused.code
            state = await scope.one(STATE, self.tenant, self.session)
            self.check(state)
        return answer, code, state["digest"]

    def check(self, state: Any) -> None:
        assert state["violations"] == []
        assert found_in(state) == expected_of(self.model)

    def attempt(self, verb: Verb, predict: Callable[[], None]) -> Any:
        """What the verb answered, or None where the model and the ledger refuse it alike."""
        expected, self.is_sound = None, False
        try:
            predict()
        except Refused as refused:
            expected = refused.code
        answer, code, digest = self.runner.run(self._ask(verb))
        assert code == expected
        if code is None:
            self.done.append(verb)
        else:
            assert digest == self.digest
        self.digest, self.is_sound = digest, True
        return answer

    @rule(amount=AMOUNTS, days=st.sampled_from([None, 1, 5]))
    def buy(self, amount: int, days: int | None) -> None:
        reference = self.reference("buy")
        expires_at = None
        if days is not None:
            expires_at = datetime.now(UTC) + clock.offset() + timedelta(days=days)
        self.bought.append((reference, len(self.model.lots)))
        self.attempt(
            lambda scope: lots.top_up(scope, amount, reference, expires_at=expires_at),
            lambda: self.model.buy(amount, days),
        )

    @rule(amount=AMOUNTS, priority=st.integers(1, 3))
    def give(self, amount: int, priority: int) -> None:
        reference = self.reference("give")
        self.bought.append((reference, len(self.model.lots)))
        self.attempt(
            lambda scope: lots.grant(scope, amount, reference, priority=priority),
            lambda: self.model.give("promotional", amount, priority),
        )

    @rule(amount=st.integers(-30, 30).filter(bool))
    def correct(self, amount: int) -> None:
        reference = self.reference("correct")
        self.attempt(
            lambda scope: lots.adjust(scope, amount, reference, "machine"),
            lambda: (
                self.model.give("granted", amount) if amount > 0 else self.model.withdraw(-amount)
            ),
        )

    @rule(limit=st.sampled_from([0, 10, 40, 80]))
    def set_the_line(self, limit: int) -> None:
        reference = self.reference("line")
        self.attempt(
            lambda scope: lines.set_credit_line(scope, limit, reference, "machine"),
            lambda: self.model.set_line(limit),
        )

    @rule(data=st.data())
    def reserve(self, data: st.DataObject) -> None:
        self.hold(some(data, sum(lot.available for lot in self.model.usable())))

    def hold(self, amount: int) -> None:
        reference = self.reference("hold")
        held = self.attempt(
            lambda scope: holds.place_hold(scope, reference, self.session, amount),
            lambda: self.model.place_hold(amount),
        )
        if held is not None:
            self.holds.append(held.id)

    def pick(self, data: st.DataObject) -> int:
        return data.draw(st.integers(max(0, len(self.holds) - RECENT), len(self.holds) - 1))

    def of(self, number: int) -> tuple[UUID, Any]:
        return self.holds[number], self.model.holds[number]

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def spend(self, data: st.DataObject) -> None:
        number = self.pick(data)
        self.capture(number, some(data, self.model.holds[number].open))

    def capture(self, number: int, amount: int) -> None:
        (hold_id, hold), reference = self.of(number), self.reference("capture")
        self.attempt(
            lambda scope: holds.capture(scope, hold_id, amount, reference),
            lambda: self.model.capture(hold, amount),
        )

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), ours=st.booleans())
    def let_go(self, data: st.DataObject, ours: bool) -> None:
        (hold_id, hold), reference = self.of(self.pick(data)), self.reference("release")
        amount = some(data, hold.open)
        self.attempt(
            lambda scope: holds.release(scope, hold_id, amount, reference, failed_through_us=ours),
            lambda: self.model.release(hold, amount, ours=ours),
        )

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        (hold_id, hold), reference = self.of(self.pick(data)), self.reference("rest")
        self.attempt(
            lambda scope: holds.release_rest(scope, hold_id, reference),
            lambda: self.model.release_rest(hold),
        )

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        (hold_id, hold), reference = self.of(self.pick(data)), self.reference("return")
        amount = some(data, hold.kept)
        self.attempt(
            lambda scope: holds.return_spent(scope, hold_id, amount, reference),
            lambda: self.model.give_back(hold, amount),
        )

    def pick_lot(self, data: st.DataObject) -> tuple[str, Any]:
        reference, place = data.draw(st.sampled_from(self.bought[-RECENT:]))
        return reference, self.model.lots[place]

    @precondition(lambda self: self.bought)
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        (bought, lot), reference = self.pick_lot(data), self.reference("refund")
        amount = some(data, self.model.unspent(lot))
        answer = self.attempt(
            lambda scope: refunds.refund(scope, bought, amount, reference, "machine"),
            lambda: self.model.refund(lot, amount),
        )
        if answer is not None:
            self.refunded.append(reference)

    @precondition(lambda self: self.refunded)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.refunded) - 1))
        refunded, reference = self.refunded[number], self.reference("restore")
        self.attempt(
            lambda scope: refunds.restore(scope, refunded, reference, "machine"),
            lambda: self.model.restore(number),
        )

    @precondition(lambda self: self.bought)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        (bought, lot), reference = self.pick_lot(data), self.reference("reversal")
        self.attempt(
            lambda scope: refunds.reverse(scope, bought, reference, "machine"),
            lambda: self.model.reverse(lot),
        )

    @precondition(lambda self: self.bought)
    @rule(data=st.data())
    def dispute(self, data: st.DataObject) -> None:
        self.open_dispute(*data.draw(st.sampled_from(self.bought[-RECENT:])))

    def open_dispute(self, bought: str, place: int) -> None:
        reference = self.reference("opened")
        self.attempt(
            lambda scope: disputes.freeze_top_up(scope, bought, reference),
            lambda: self.model.dispute(self.model.lots[place]),
        )

    @precondition(lambda self: any(lot.dispute for lot in self.model.lots))
    @rule(data=st.data(), is_won=st.booleans())
    def end_dispute(self, data: st.DataObject, is_won: bool) -> None:
        disputed = [pair for pair in self.bought if self.model.lots[pair[1]].dispute]
        opened = [pair for pair in disputed if self.model.lots[pair[1]].dispute == "open"]
        self.close_dispute(*data.draw(st.sampled_from(opened or disputed)), is_won=is_won)

    def close_dispute(self, bought: str, place: int, *, is_won: bool) -> None:
        lot, reference = self.model.lots[place], self.reference("ended")
        verb = disputes.thaw_top_up if is_won else disputes.reverse_top_up
        self.attempt(
            lambda scope: verb(scope, bought, reference),
            lambda: self.model.win(lot) if is_won else self.model.lose(lot),
        )

    @precondition(lambda self: self.model.owed)
    @rule(data=st.data())
    def write_off(self, data: st.DataObject) -> None:
        amount, reference = some(data, self.model.owed), self.reference("off")
        self.attempt(
            lambda scope: disputes.write_off(scope, amount, reference, "machine"),
            lambda: self.model.write_off(amount),
        )

    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        self.model.day += days
        clock.set_offset(timedelta(days=self.model.day))

    @rule()
    def sweep(self) -> None:
        self.model.tick += 1
        self.model.expire()
        _, code, self.digest = self.runner.run(self._ask(lots.expire_due))
        assert code is None

    def several_at_once(self) -> None:
        """None waits for ever, and what they answered and left is what one order would have."""
        has_line = self.model.line is not None
        chooser = Chooser(
            self.ring, self.reference, self.session, self.holds, self.bought, has_line
        )
        chains = chooser.chains()
        outcomes = self.runner.run(done_at_once(self.tenant, chains))
        state = self.runner.run(self._state())
        assert state["violations"] == []
        found = found_in(state)
        after = [expected_of(model) for model in orders_that_fit(self.model, chains, outcomes)]
        assert found in after, (chains, outcomes, found, after)

    async def _state(self) -> Any:
        async with tenant_scope(system("machine", self.tenant)) as scope:
            return await scope.one(STATE, self.tenant, self.session)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def repeat_an_earlier_verb(self, data: st.DataObject) -> None:
        verb = data.draw(st.sampled_from(self.done))
        _, code, digest = self.runner.run(self._ask(verb))
        assert (code, digest) == (None, self.digest)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_ledger_keeps_its_promises_in_any_order(migrated: CleanDatabase, shard: int) -> None:
    machine: Any = type("LedgerMachine", (LedgerMachine,), {})
    with asyncio.Runner() as runner:
        runner.run(migrated.clean())
        runner.run(DATABASE.open(migrated.login_url, connections_max=AT_ONCE))
        machine.runner = runner
        if "CLEARSEND_LEDGER_SEQUENCES" not in os.environ:
            machine = seed(shard)(machine)
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=-(-SEQUENCES // SHARDS),
                    stateful_step_count=STEPS,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(DATABASE.close())
