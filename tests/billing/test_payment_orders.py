"""Every order and every repetition of a purchase's events ends in the same rows, the same ledger
and the same news (promise 11).

A life is what happened at the provider. At each of its events we may see the provider as it was
when that event was said, or as it is at the end. Both are tried, and everything that can follow is
enumerated: what is done with an event depends on our rows and on what is seen, so from each such
state that is reached, each event of the life is brought once more. That table of steps holds every
order and every repetition, however often and however late. Whole orders are brought besides, which
trust no table.
"""

import asyncio
import itertools
import math
import os
from typing import Any
from uuid import UUID

import pytest

from backend.billing.service import inbox
from backend.db.scope import tenant_scope
from backend.kernel.principal import system
from backend.ledger.service.holds import capture
from tests.billing.buying import account, bought, deliver, make_buyer, of_platform, work_off
from tests.billing.stripe_account import StripeAccount
from tests.ledger.factories import make_hold, violations_of

__all__ = ["account"]
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]
ORDERS_MAX = int(os.environ.get("CLEARSEND_PAYMENT_ORDERS", "12"))
"""Of a life, besides the table of steps; evenly out of all. `make soak` raises it."""
STATES_MAX = 100
"""Of a life. More would be rows that repetition multiplies."""

Facts = dict[str, Any]


def paid(account: StripeAccount, view: Any) -> Any:
    return account.pay(view)


def delayed(account: StripeAccount, view: Any) -> Any:
    payment = account.pay(view, delayed=True)
    account.arrive(payment)
    return account.newest(payment.id)


def bounced(account: StripeAccount, view: Any) -> None:
    account.bounce(account.pay(view, delayed=True))


def expired(account: StripeAccount, view: Any) -> None:
    account.expire(view.id)


def refunded(account: StripeAccount, view: Any) -> None:
    account.refund_there(paid(account, view), view.gross_minor)


def refunded_in_part(account: StripeAccount, view: Any) -> None:
    account.refund_there(paid(account, view), 1000)


def refund_failed(account: StripeAccount, view: Any) -> None:
    account.fail_refund(account.refund_there(paid(account, view), 1000))


def won(account: StripeAccount, view: Any) -> None:
    account.close_dispute(account.dispute_it(paid(account, view)), "won")


def lost(account: StripeAccount, view: Any) -> None:
    account.close_dispute(account.dispute_it(paid(account, view)), "lost")


def refunded_then_lost(account: StripeAccount, view: Any) -> None:
    payment = paid(account, view)
    account.refund_there(payment, 1000)
    account.close_dispute(account.dispute_it(payment), "lost")


def delayed_then_won(account: StripeAccount, view: Any) -> None:
    account.close_dispute(account.dispute_it(delayed(account, view)), "won")


LIVES = {
    paid: ["paid"],
    delayed: ["paid"],
    bounced: ["failed"],
    expired: ["expired"],
    refunded: ["paid", "refund succeeded"],
    refunded_in_part: ["paid", "refund succeeded"],
    refund_failed: ["paid", "refund failed"],
    won: ["paid", "dispute won"],
    lost: ["paid", "dispute lost"],
    refunded_then_lost: ["paid", "refund succeeded", "dispute lost"],
    delayed_then_won: ["paid", "dispute won"],
}


def states_of(found: Facts) -> list[str]:
    return [
        *(one["state"] for one in found["purchases"]),
        *(f"refund {one['state']}" for one in found["refunds"]),
        *(f"dispute {one['state']}" for one in found["disputes"]),
    ]


async def ended(tenant_id: UUID) -> Facts:
    """Everything that must be equal, without ids and times."""
    one = tenant_id
    return {
        "purchases": await of_platform(
            "SELECT state, credits, gross_minor, failure_code, payment_id IS NULL AS unpaid,"
            " checkout_id IS NULL AS no_page FROM purchases WHERE tenant_id = $1",
            one,
        ),
        "refunds": await of_platform(
            "SELECT state, credits, missing_credits, amount_minor, origin FROM refunds"
            " WHERE tenant_id = $1 ORDER BY id",
            one,
        ),
        "disputes": await of_platform(
            "SELECT state, amount_minor FROM disputes WHERE tenant_id = $1", one
        ),
        "ledger": await of_platform(
            "SELECT kind, from_account, to_account, amount FROM ledger_transfers"
            " WHERE tenant_id = $1 ORDER BY kind, from_account, to_account, amount",
            one,
        ),
        "balances": await of_platform(
            "SELECT account, balance FROM ledger_accounts WHERE tenant_id = $1 ORDER BY 1", one
        ),
        "news": await of_platform(
            "SELECT topic, count(*) AS times FROM outbox WHERE tenant_id = $1"
            " GROUP BY topic ORDER BY topic",
            one,
        ),
        "problems": await of_platform(
            "SELECT kind, count(*) AS times FROM payment_problems WHERE tenant_id = $1"
            " GROUP BY kind ORDER BY kind",
            one,
        ),
        "moves": await of_platform(
            "SELECT machine, event, to_state, count(*) AS times FROM payment_events"
            " WHERE tenant_id = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            one,
        ),
    }


SEEN_BETWEEN = {refund_failed}
"""Where success was seen before the failure, a credit note was written and finance is told."""


def end_of(found: Facts, life: Any) -> Facts:
    """Whether the money was ever heard to be on its way depends on the order."""
    if life in SEEN_BETWEEN:
        return {name: found[name] for name in ("purchases", "refunds", "disputes", "balances")}
    moves = [one for one in found["moves"] if one["event"] != "wait_for_money"]
    return {**found, "moves": moves}


def orders_of(count: int, orders_max: int) -> list[tuple[int, ...]]:
    """Every order where they are few; else as many, evenly out of all, the last first event too."""
    step = max(1, -(-math.factorial(count) // orders_max))
    return list(itertools.islice(itertools.permutations(range(count)), 0, None, step))


async def hear(account: StripeAccount, event: tuple[int, str, str, str]) -> None:
    await deliver(account, event)
    assert await inbox.work_off_next()


class Walk:
    """One tenant's life, brought event by event; each step is kept in a table that all walks of
    the life share, and must be there what it was before.
    """

    def __init__(self, account: StripeAccount, life: Any, *, sees_the_end: bool) -> None:
        self.account, self.life, self.sees_the_end = account, life, sees_the_end
        self.facts: dict[str, Facts] = {}
        self.steps: dict[str, dict[int, str]] = {}

    async def begin(self) -> str:
        account = self.account
        account.events.clear()
        self.tenant = await make_buyer()
        view = await bought(self.tenant)
        self.first = account.step
        self.life(account, view)
        self.events = list(account.events)
        account.shown = 10**9 if self.sees_the_end else self.first
        return await self.state()

    async def state(self) -> str:
        found = await ended(self.tenant)
        name = repr((self.sees_the_end or self.account.shown - self.first, found))
        self.facts[name] = found
        self.steps.setdefault(name, {})
        assert len(self.steps) <= STATES_MAX
        return name

    async def bring(self, at: str, number: int) -> str:
        step, _, kind, object_id = self.events[number]
        self.account.shown = max(self.account.shown, step)
        again = self.account.say(kind, object_id)
        await hear(self.account, (step, again, kind, object_id))
        to = await self.state()
        assert self.steps[at].setdefault(number, to) == to, kind
        return to

    def way_to_the_unknown(self, at: str) -> list[int] | None:
        """The events that lead to the nearest one not brought yet, which is the last of them."""
        ways: dict[str, list[int]] = {at: []}
        for name in (waiting := [at]):
            for number in range(len(self.events)):
                to = self.steps[name].get(number)
                if to is None:
                    return [*ways[name], number]
                if to not in ways:
                    ways[to] = [*ways[name], number]
                    waiting.append(to)
        return None


def ends_of(walk: Walk, start: str) -> set[str]:
    """Where a sequence that holds each event at least once may end, in every order."""
    everything = (1 << len(walk.events)) - 1
    reached, waiting = {(start, 0)}, [(start, 0)]
    while waiting:
        at, heard = waiting.pop()
        for number, to in walk.steps[at].items():
            following = (to, heard | 1 << number)
            if following not in reached:
                reached.add(following)
                waiting.append(following)
    return {at for at, heard in reached if heard == everything}


@pytest.mark.parametrize("sees_the_end", [False, True])
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
async def test_every_order_and_every_repetition_ends_alike(account, life, sees_the_end):
    walk = Walk(account, life, sees_the_end=sees_the_end)
    start = at = await walk.begin()
    while (way := walk.way_to_the_unknown(at) or walk.way_to_the_unknown(start)) is not None:
        if walk.way_to_the_unknown(at) is None:
            at = await walk.begin()
            assert at == start
        for number in way:
            at = await walk.bring(at, number)
    ends = [end_of(walk.facts[name], life) for name in ends_of(walk, start)]
    assert [states_of(found) for found in ends] == [LIVES[life]] * len(ends)
    assert ends == ends[:1] * len(ends)
    assert await violations_of(walk.tenant) == []
    await nothing_waits()


async def nothing_waits() -> None:
    assert await of_platform("SELECT type FROM stripe_inbox WHERE state = 'waiting'") == []


@pytest.mark.parametrize("sees_the_end", [False, True])
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
async def test_whole_orders_end_alike(account, life, sees_the_end):
    expected: Facts | None = None
    tenant = await make_buyer()
    template = await bought(tenant)
    life(account, template)
    for order in orders_of(len(account.events), ORDERS_MAX):
        account.events.clear()
        tenant = await make_buyer()
        view = await bought(tenant)
        life(account, view)
        events = list(account.events)
        for number, at in enumerate(order):
            step = events[at][0]
            account.shown = (
                10**9 if sees_the_end else max(events[i][0] for i in order[: number + 1])
            )
            assert step <= account.shown
            await hear(account, events[at])
            if number % 2:  # and again, as another event about the same object
                again = account.say(*events[at][2:])
                await hear(account, (step, again, *events[at][2:]))
        account.shown = 10**9
        found = end_of(await ended(tenant), life)
        expected = expected or found
        assert found == expected, [events[at][2] for at in order]
        assert states_of(found) == LIVES[life]
    assert await violations_of(tenant) == []
    await nothing_waits()


async def test_after_spending_every_order_owes_the_same(account):
    """Paid and spent, then refunded in the dashboard and lost: balances stay what they must."""
    expected: Facts | None = None
    for order in itertools.permutations(range(3)):
        account.events.clear()
        view = await bought()
        payment = account.pay(view)
        await deliver(account)
        await work_off()
        hold = await make_hold(view.tenant_id, 900)
        async with tenant_scope(system("test", view.tenant_id)) as scope:
            await capture(scope, hold.id, 900, f"window:{hold.id}")
        account.events.clear()
        account.close_dispute(account.dispute_it(payment), "lost")
        events = account.events[:3]
        for at in order:
            await deliver(account, events[at])
            await work_off()
        found = end_of(await ended(view.tenant_id), lost)
        expected = expected or found
        assert found == expected
        assert await violations_of(view.tenant_id) == []


async def test_twenty_parallel_arrivals_of_one_event_credit_once(account):
    view = await bought()
    account.pay(view)
    event = account.events[0]
    await asyncio.gather(*(deliver(account, event) for _ in range(20)))
    (row,) = await of_platform("SELECT count(*) AS kept FROM stripe_inbox")
    assert row["kept"] == 1
    for kind in ("payment_intent.succeeded", "checkout.session.completed") * 10:
        await deliver(account, (1, account.say(kind, event[3]), event[2], event[3]))
    await asyncio.gather(*(inbox.work_off_inbox() for _ in range(8)))
    await work_off()
    (found,) = await of_platform(
        "SELECT count(*) AS times FROM ledger_transfers WHERE tenant_id = $1", view.tenant_id
    )
    assert found["times"] == 1
