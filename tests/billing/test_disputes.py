"""Disputes freeze exactly that purchase; warnings stop the sending until finance has looked."""

import pytest
from msgspec.structs import replace

from backend.billing.schemas.refunds import RefundCreate
from backend.billing.service import refunds
from backend.billing.service.disputes import check_disputes
from backend.db.scope import tenant_scope
from backend.identity.schemas import Suspension
from backend.identity.service.suspending import reactivate_tenant
from backend.identity.service.tenants import read_tenant_view
from backend.kernel.errors import Conflict
from backend.kernel.principal import StaffRole, system
from backend.ledger.service.holds import capture
from tests.billing.buying import account, bought, of_platform, problems, told, topics
from tests.factories import staff
from tests.ledger.factories import balance_of, make_hold, violations_of

__all__ = ["account"]
pytestmark = pytest.mark.anyio


async def paid(account, spent=0):
    view = await bought()
    payment = account.pay(view)
    await told(account)
    if spent:
        hold = await make_hold(view.tenant_id, spent)
        async with tenant_scope(system("test", view.tenant_id)) as scope:
            await capture(scope, hold.id, spent, "window:1")
    account.events.clear()
    return view, payment


async def of_tenant(tenant_id):
    async with tenant_scope(system("test", tenant_id)) as scope:
        return await read_tenant_view(scope, tenant_id)


async def disputes():
    return [row["state"] for row in await of_platform("SELECT state FROM disputes")]


async def test_opened_freezes_and_won_thaws(account):
    view, payment = await paid(account, spent=400)
    dispute = account.dispute_it(payment)
    await told(account)
    balance = await balance_of(view.tenant_id)
    assert (balance.available, balance.frozen) == (0, 600)
    assert await disputes() == ["open"]
    refund = RefundCreate(purchase_id=view.id, credits=1, reason="x")
    with pytest.raises(Conflict, match="disputed"):
        await refunds.create_refund(staff(StaffRole.FINANCE), view.tenant_id, refund)
    account.close_dispute(dispute, "won")
    await told(account)
    balance = await balance_of(view.tenant_id)
    assert (balance.available, balance.frozen) == (600, 0)
    assert await topics("purchase.disputed", "purchase.dispute_won") == [
        "purchase.disputed",
        "purchase.dispute_won",
    ]
    assert await violations_of(view.tenant_id) == []


async def test_lost_reverses_and_what_was_spent_is_owed(account):
    view, payment = await paid(account, spent=400)
    account.close_dispute(account.dispute_it(payment), "lost")
    await told(account)
    await told(account)
    balance = await balance_of(view.tenant_id)
    assert (balance.available, balance.frozen, balance.receivable) == (0, 0, 400)
    assert await disputes() == ["lost"]
    assert await topics("purchase.dispute_lost") == ["purchase.dispute_lost"]
    assert await violations_of(view.tenant_id) == []


async def test_an_inquiry_freezes_nothing(account):
    view, payment = await paid(account)
    dispute = account.dispute_it(payment, "warning_needs_response")
    await told(account)
    assert (await balance_of(view.tenant_id)).available == 1000
    account.close_dispute(dispute, "warning_closed")
    await told(account)
    assert await disputes() == ["closed"]
    assert await topics("purchase.disputed") == []


async def test_a_dispute_of_a_payment_that_credited_nothing_is_for_finance(account):
    view = await bought()
    payment = account.pay(view, amount_minor=1, received_minor=1)
    account.dispute_it(payment)
    await told(account)
    assert set(await problems()) == {"amount_differs", "unknown_dispute"}
    assert await disputes() == []


async def test_a_warning_suspends_once(account):
    view, payment = await paid(account)
    account.warn(payment)
    await told(account)
    assert (await of_tenant(view.tenant_id)).status == "suspended"
    assert await problems() == ["early_fraud_warning"]
    finance, given = staff(StaffRole.FINANCE), Suspension(reason="called them: it is theirs")
    await reactivate_tenant(finance, view.tenant_id, given)
    account.say("radar.early_fraud_warning.created", account.events[-1][3])
    await told(account)
    assert (await of_tenant(view.tenant_id)).status == "active"


@pytest.mark.parametrize("first_won", [0, 1])
async def test_one_dispute_won_frees_nothing_another_still_holds(account, first_won):
    view, payment = await paid(account)
    both = [account.dispute_it(payment) for _ in range(2)]
    await told(account)
    account.close_dispute(both[first_won], "won")
    await told(account)
    assert (await balance_of(view.tenant_id)).frozen == 1000
    account.close_dispute(both[1 - first_won], "won")
    await told(account)
    balance = await balance_of(view.tenant_id)
    assert (balance.available, balance.frozen) == (1000, 0)
    assert await violations_of(view.tenant_id) == []


async def test_a_dispute_whose_events_never_came_is_asked_after(account):
    view, payment = await paid(account, spent=400)
    dispute = account.dispute_it(payment)
    stranger = account.dispute_it(replace(payment, id="pi_of_another_product"))
    account.put(replace(payment, id=stranger.payment, tenant_id=None, purchase_id=None))
    account.is_down = True
    assert await check_disputes() == 0
    account.is_down = False
    assert await check_disputes() == 2
    assert (await balance_of(view.tenant_id)).frozen == 600
    assert await check_disputes() == 1  # the stranger's, of which nothing is kept
    account.close_dispute(dispute, "lost")
    await check_disputes()
    assert await disputes() == ["lost"]
    assert (await balance_of(view.tenant_id)).receivable == 400
    assert await violations_of(view.tenant_id) == []


async def test_a_bank_that_takes_less_than_was_bought_leaves_the_rest_to_finance(account):
    view, payment = await paid(account)
    dispute = account.dispute_it(replace(payment, amount_minor=1000))
    account.close_dispute(dispute, "lost")
    await told(account)
    await told(account)
    assert await problems() == ["amount_differs"]
    assert (await balance_of(view.tenant_id)).available == 0
