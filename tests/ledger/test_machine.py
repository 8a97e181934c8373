"""The ledger on the real server, in any order Hypothesis finds.

After every step all ten checks of the proof run and the balances equal the model's; a refused step
leaves every row identical. `CLEARSEND_LEDGER_SEQUENCES` sets how many sequences are tried.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.db.engine import DATABASE
from backend.db.scope import Scope, tenant_scope
from backend.kernel import clock
from backend.kernel.errors import Conflict
from backend.kernel.principal import system
from backend.ledger.service.balance import balance, totals_by_session
from backend.ledger.service.holds import (
    capture,
    place_hold,
    release,
    release_rest,
    return_spent,
)
from backend.ledger.service.lots import adjust, expire_due, grant, top_up
from tests.database import CleanDatabase
from tests.factories import make_tenant
from tests.ledger.factories import rows_of, violations_of

SEQUENCES = int(os.environ.get("CLEARSEND_LEDGER_SEQUENCES", "40"))
STEPS = 20
AMOUNTS = st.integers(1, 60)
Verb = Callable[[Scope], Awaitable[Any]]


class LedgerMachine(RuleBasedStateMachine):
    runner: ClassVar[asyncio.Runner]
    tenant: UUID

    @initialize()
    def open(self) -> None:
        clock.set_offset(timedelta(0))
        self.tenant = self.runner.run(make_tenant())
        self.session = uuid4()
        self.number = 0
        self.done: list[Verb] = []
        self.holds: list[UUID] = []
        self.issued = 0

    def teardown(self) -> None:
        clock.set_offset(timedelta(0))

    def reference(self, name: str) -> str:
        self.number += 1
        return f"{name}:{self.number}"

    async def _ask(self, verb: Verb) -> Any:
        async with tenant_scope(system("machine", self.tenant)) as scope:
            return await verb(scope)

    async def _try(self, verb: Verb) -> Any:
        """The answer, or None after a refusal that is seen to have changed nothing."""
        before = await rows_of(self.tenant)
        async with tenant_scope(system("machine", self.tenant)) as scope:
            try:
                return await verb(scope)
            except Conflict as conflict:
                refused = conflict
        # Committed on purpose: a caller that goes on after a refusal must find nothing changed.
        assert refused.facts["missing"] > 0 or refused.code == "hold_closed"
        assert await rows_of(self.tenant) == before
        return None

    def attempt(self, verb: Verb) -> Any:
        answer = self.runner.run(self._try(verb))
        if answer is not None:
            self.done.append(verb)
        return answer

    @rule(amount=AMOUNTS, days=st.sampled_from([None, 1, 5]))
    def buy(self, amount: int, days: int | None) -> None:
        reference = self.reference("buy")
        expires_at = None
        if days is not None:
            expires_at = datetime.now(UTC) + clock.offset() + timedelta(days=days)
        self.attempt(lambda scope: top_up(scope, amount, reference, expires_at=expires_at))
        self.issued += amount

    @rule(amount=AMOUNTS, priority=st.integers(1, 3))
    def give(self, amount: int, priority: int) -> None:
        reference = self.reference("give")
        self.attempt(lambda scope: grant(scope, amount, reference, priority=priority))
        self.issued += amount

    @rule(amount=st.integers(-30, 30).filter(bool))
    def correct(self, amount: int) -> None:
        reference = self.reference("correct")
        if self.attempt(lambda scope: adjust(scope, amount, reference, "machine")) is not None:
            self.issued += amount

    @rule(amount=AMOUNTS)
    def reserve(self, amount: int) -> None:
        reference = self.reference("hold")
        held = self.attempt(lambda scope: place_hold(scope, reference, self.session, amount))
        if held is not None:
            self.holds.append(held.id)

    def pick(self, data: st.DataObject) -> UUID:
        return data.draw(st.sampled_from(self.holds))

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), amount=AMOUNTS)
    def spend(self, data: st.DataObject, amount: int) -> None:
        hold_id, reference = self.pick(data), self.reference("capture")
        self.attempt(lambda scope: capture(scope, hold_id, amount, reference))

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), amount=AMOUNTS, ours=st.booleans())
    def let_go(self, data: st.DataObject, amount: int, ours: bool) -> None:
        hold_id, reference = self.pick(data), self.reference("release")
        self.attempt(
            lambda scope: release(scope, hold_id, amount, reference, failed_through_us=ours)
        )

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        hold_id, reference = self.pick(data), self.reference("rest")
        self.attempt(lambda scope: release_rest(scope, hold_id, reference))

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), amount=AMOUNTS)
    def refund(self, data: st.DataObject, amount: int) -> None:
        hold_id, reference = self.pick(data), self.reference("return")
        self.attempt(lambda scope: return_spent(scope, hold_id, amount, reference))

    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        clock.set_offset(clock.offset() + timedelta(days=days))

    @rule()
    def sweep(self) -> None:
        self.runner.run(self._ask(expire_due))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def repeat_an_earlier_verb(self, data: st.DataObject) -> None:
        before = self.runner.run(rows_of(self.tenant))
        verb = data.draw(st.sampled_from(self.done))
        self.runner.run(self._ask(verb))
        assert self.runner.run(rows_of(self.tenant)) == before

    @invariant()
    def every_promise_holds(self) -> None:
        if hasattr(self, "tenant"):
            assert self.runner.run(violations_of(self.tenant)) == []
            self.runner.run(self._ask(self._the_balance_and_the_session_add_up))

    async def _the_balance_and_the_session_add_up(self, scope: Scope) -> None:
        view = await balance(scope)
        totals = await totals_by_session(scope, self.session)
        assert view.spent_total == totals.charged
        assert view.held == totals.held - totals.captured - totals.released
        rows = await scope.rows("SELECT account, balance FROM ledger_accounts")
        of = {row["account"]: row["balance"] for row in rows}
        assert -of.get("issued", 0) == self.issued
        assert sum(of.values()) == 0


@pytest.mark.timeout(600)
def test_the_ledger_keeps_its_promises_in_any_order(migrated: CleanDatabase) -> None:
    with asyncio.Runner() as runner:
        runner.run(migrated.clean())
        runner.run(DATABASE.open(migrated.login_url, connections_max=2))
        LedgerMachine.runner = runner
        try:
            run_state_machine_as_test(
                LedgerMachine,
                settings=settings(
                    max_examples=SEQUENCES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    derandomize="CLEARSEND_LEDGER_SEQUENCES" not in os.environ,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(DATABASE.close())
