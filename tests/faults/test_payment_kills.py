"""kill -9 between every two steps of buying and of giving money back: one effect, at the provider,
in our rows and in the ledger.
"""

import signal
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest

from backend.billing.payment_facts import CheckoutFacts, PaymentFacts, RefundFacts
from backend.billing.payments import use_payments
from backend.billing.purchase_states import SINGLE_CLERK_REFUND_CREDITS_MAX
from backend.billing.schemas.purchases import PurchaseView
from backend.billing.schemas.refunds import RefundCreate
from backend.billing.service import refunds
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole
from tests.billing.buying import bought, later_by, make_buyer, of_platform, told
from tests.billing.stripe_account import FiledAccount
from tests.factories import staff
from tests.faults.deeds import Item, run_deed
from tests.faults.oracle import broken_promises
from tests.faults.rounds import ITEMS, SECONDS_A_TEST_MAX, in_rounds, passes
from tests.faults.test_deed_kills import LEASES_OVER_SECONDS
from tests.ledger.factories import balance_of

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(SECONDS_A_TEST_MAX)]


class Till(NamedTuple):
    tenant_id: UUID
    account: FiledAccount


async def ready_to_buy(till: Till) -> list[Item]:
    return [{"tenant_id": str(till.tenant_id), "key": f"key-{n}"} for n in range(ITEMS)]


async def all_bought(till: Till) -> None:
    rows = await of_platform("SELECT state, checkout_id FROM purchases")
    assert [row["state"] for row in rows] == ["pending"] * ITEMS
    assert len({row["checkout_id"] for row in rows}) == ITEMS
    assert till.account.count(CheckoutFacts) == ITEMS


async def ready_to_buy_again(till: Till) -> list[Item]:
    """They bought before, and their customer was deleted at the provider since."""
    await some_bought(till)
    till.account.delete_customers()
    return await ready_to_buy(till)


async def all_bought_again(till: Till) -> None:
    rows = await of_platform("SELECT state, checkout_id FROM purchases")
    assert [row["state"] for row in rows] == ["pending"] * 2 * ITEMS
    assert till.account.count(CheckoutFacts) == 2 * ITEMS
    replaced = await of_platform("SELECT replaces FROM payment_customers ORDER BY made_at")
    assert [row["replaces"] is None for row in replaced] == [True, False]


async def some_bought(till: Till, credits_asked: int = 1000) -> list[PurchaseView]:
    return [await bought(till.tenant_id, credits_asked) for _ in range(ITEMS)]


def said_since(till: Till, start: int) -> Item:
    events = [list(event[1:]) for event in till.account.events[start:]]
    return {"events": msgspec.json.encode(events).decode()}


async def ready_to_hear(till: Till) -> list[Item]:
    items = []
    for view in await some_bought(till):
        start = len(till.account.events)
        till.account.refund_there(till.account.pay(view), 1599)
        items.append(said_since(till, start))
    return items


async def all_paid(_till: Till) -> None:
    rows = await of_platform("SELECT state FROM purchases")
    assert [row["state"] for row in rows] == ["paid"] * ITEMS
    rows = await of_platform("SELECT state FROM stripe_inbox")
    assert {row["state"] for row in rows} == {"done"}


async def all_paid_and_refunded(till: Till) -> None:
    await all_paid(till)
    rows = await of_platform("SELECT state, credits FROM refunds")
    assert [tuple(row.values()) for row in rows] == [("succeeded", 200)] * ITEMS
    assert (await balance_of(till.tenant_id)).available == 800 * ITEMS
    for topic, times in (("purchase.paid", ITEMS), ("purchase.refunded", ITEMS)):
        assert len(await of_platform("SELECT id FROM outbox WHERE topic = $1", topic)) == times


async def ready_to_dispute(till: Till) -> list[Item]:
    items = []
    for view in await some_bought(till):
        start = len(till.account.events)
        till.account.close_dispute(till.account.dispute_it(till.account.pay(view)), "lost")
        items.append(said_since(till, start))
    return items


async def all_lost(till: Till) -> None:
    await all_paid(till)
    rows = await of_platform("SELECT state FROM disputes")
    assert [row["state"] for row in rows] == ["lost"] * ITEMS
    balance = await balance_of(till.tenant_id)
    assert (balance.available, balance.frozen) == (0, 0)


async def ready_to_refund(till: Till) -> list[Item]:
    views = await some_bought(till)
    for view in views:
        till.account.pay(view)
    await told(till.account)
    clerk = str(uuid7())
    return [
        {
            "tenant_id": str(till.tenant_id),
            "purchase_id": str(view.id),
            "clerk_id": clerk,
            "key": f"key-{view.id}",
        }
        for view in views
    ]


async def all_refunded(till: Till) -> None:
    with later_by(hours=1):
        await refunds.submit_approved()
    rows = await of_platform("SELECT state FROM refunds")
    assert [row["state"] for row in rows] == ["submitted"] * ITEMS
    assert till.account.count(RefundFacts) == till.account.count(PaymentFacts) == ITEMS
    gone = await of_platform("SELECT amount FROM ledger_transfers WHERE kind = 'refunded'")
    assert len(gone) == ITEMS


async def ready_to_approve(till: Till) -> list[Item]:
    much = SINGLE_CLERK_REFUND_CREDITS_MAX + 1
    views = await some_bought(till, much)
    for view in views:
        till.account.pay(view)
    await told(till.account)
    first, second = staff(StaffRole.FINANCE), str(uuid7())
    items = []
    for view in views:
        asked = RefundCreate(purchase_id=view.id, credits=much, reason="leaves us")
        made = await refunds.create_refund(first, till.tenant_id, asked)
        items.append({"refund_id": str(made.id), "clerk_id": second})
    return items


async def ready_to_document(till: Till) -> list[Item]:
    views = await some_bought(till)
    for view in views:
        till.account.pay(view)
    await told(till.account)
    return [{"tenant_id": str(till.tenant_id), "purchase_id": str(view.id)} for view in views]


async def all_documented(_till: Till) -> None:
    rows = await of_platform("SELECT seq FROM document_numbers ORDER BY seq")
    assert [row["seq"] for row in rows] == list(range(1, ITEMS + 1))
    assert len(await of_platform("SELECT id FROM documents")) == ITEMS


class Deed(NamedTuple):
    name: str
    ready: Callable[[Till], Awaitable[list[Item]]]
    check: Callable[[Till], Awaitable[None]]


BUYING = Deed("buy", ready_to_buy, all_bought)
HEARING = Deed("hear", ready_to_hear, all_paid_and_refunded)
REFUNDING = Deed("give_money_back", ready_to_refund, all_refunded)
DEEDS = {
    "billing.purchase_opened": BUYING,
    "billing.customer_made": BUYING,
    "billing.customer_replaced": Deed("buy", ready_to_buy_again, all_bought_again),
    "billing.checkout_opened": BUYING,
    "billing.event_kept": HEARING,
    "billing.event_claimed": HEARING,
    "billing.read_again": HEARING,
    "billing.paid": HEARING,
    "ledger.issued": HEARING,
    "billing.document_issued": Deed("write_papers", ready_to_document, all_documented),
    "billing.settled": HEARING,
    "billing.refunds_settled": HEARING,
    "billing.event_settled": HEARING,
    "billing.dispute_settled": Deed("hear", ready_to_dispute, all_lost),
    "billing.refund_credits_left": REFUNDING,
    "billing.refund_entered": REFUNDING,
    "billing.refund_submitted": REFUNDING,
    "billing.refund_approved": Deed("approve_money_back", ready_to_approve, all_refunded),
}
POINTS = tuple(DEEDS)
ONCE_A_TENANT = {"billing.customer_made", "billing.customer_replaced"}


@pytest.fixture
async def till(database, tmp_path):
    del database
    account = FiledAccount(tmp_path / "account")
    use_payments(account)
    yield Till(await make_buyer(), account)
    use_payments(None)
    await account.close()


@in_rounds
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_it_has_one_effect(database, tmp_path, till, point, seeds):
    deed = DEEDS[point]
    plan: dict[str, Any] = {
        "deed": deed.name,
        "items": await deed.ready(till),
        "database_url": database.login_url,
        "directory": str(tmp_path),
    }
    offset = 0
    for nth in passes(seeds):
        nth_here = 1 if point in ONCE_A_TENANT else nth
        plan["items"] = plan["items"][1:] + plan["items"][:1]
        plan["offset_seconds"] = offset
        assert await run_deed(plan, f"kill:{point}:{nth_here}") == -signal.SIGKILL, "never hit"
        offset += LEASES_OVER_SECONDS
    assert await run_deed({**plan, "offset_seconds": offset}) == 0
    filed = till._replace(account=FiledAccount(tmp_path / "account"))
    use_payments(filed.account)
    try:
        await deed.check(filed)
    finally:
        await filed.account.close()
    assert await broken_promises() == []
