"""Money back for what is unspent: credits first, once, by two people above the limit."""

import asyncio

import pytest
from msgspec.structs import replace

from backend.billing.purchase_states import (
    SINGLE_CLERK_REFUND_CREDITS_MAX,
    SINGLE_CLERK_REFUND_MINOR_MAX,
    RefundState,
)
from backend.billing.schemas.refunds import RefundCreate, RefundDecision, RefundPayment
from backend.billing.schemas.top_ups import TopUpCreate
from backend.billing.service import refunds
from backend.billing.service.sales import settle_top_up
from backend.billing.service.top_ups import create_top_up
from backend.billing.states import TopUpMethod
from backend.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, StateConflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import Idempotency, StaffRole
from tests.billing.buying import (
    account,
    bought,
    later_by,
    make_buyer,
    of_platform,
    problems,
    told,
    topics,
)
from tests.factories import staff
from tests.ledger.factories import balance_of, make_hold, violations_of

__all__ = ["account"]
pytestmark = pytest.mark.anyio
TOO_MUCH_FOR_ONE = SINGLE_CLERK_REFUND_CREDITS_MAX + 1


def clerk():
    return staff(StaffRole.FINANCE)


async def paid(account, credits_asked=1000):
    view = await bought(credits_asked=credits_asked)
    payment = account.pay(view)
    await told(account)
    account.events.clear()
    return view, payment


def of(view, credits_asked, **more):
    return RefundCreate(purchase_id=view.id, credits=credits_asked, reason="asked for it", **more)


async def states():
    return [row["state"] for row in await of_platform("SELECT state FROM refunds ORDER BY id")]


async def test_credits_leave_then_money_then_the_news(account):
    view, _ = await paid(account)
    made = await refunds.create_refund(clerk(), view.tenant_id, of(view, 400))
    assert (made.state, made.amount_minor) == (RefundState.SUBMITTED, 3198)
    assert (await balance_of(view.tenant_id)).available == 600
    assert await topics("purchase.refunded") == []
    (refund,) = await account.refunds_of(account.newest(account.page_of(view.id).payment_intent).id)
    account.put(replace(refund, status="succeeded"), "refund.updated")
    await told(account)
    await told(account)
    assert await states() == ["succeeded"]
    assert await topics("purchase.refunded") == ["purchase.refunded"]
    assert await violations_of(view.tenant_id) == []


async def test_parts_sum_to_the_whole(account):
    view, _ = await paid(account)
    for part in (333, 333, 334):
        await refunds.create_refund(clerk(), view.tenant_id, of(view, part))
        refund = (await account.refunds_of(account.page_of(view.id).payment_intent))[-1]
        account.put(replace(refund, status="succeeded"), "refund.updated")
        await told(account)
    rows = await of_platform("SELECT sum(amount_minor)::bigint AS sum FROM refunds")
    assert rows[0]["sum"] == view.gross_minor
    assert (await balance_of(view.tenant_id)).available == 0
    with pytest.raises(Conflict, match="refund_exceeds_unspent"):
        await refunds.create_refund(clerk(), view.tenant_id, of(view, 1))


async def test_no_more_than_is_unspent(account):
    view, _ = await paid(account)
    await make_hold(view.tenant_id, 300)
    with pytest.raises(Conflict, match="refund_exceeds_unspent") as refused:
        await refunds.create_refund(clerk(), view.tenant_id, of(view, 701))
    assert (refused.value.facts["requested"], refused.value.facts["unspent"]) == (701, 700)
    assert await states() == []
    assert "refund" not in account.calls


async def test_two_clerks_at_once_make_one(account):
    view, _ = await paid(account)

    async def ask() -> str:
        try:
            await refunds.create_refund(clerk(), view.tenant_id, of(view, 400))
        except Conflict as refused:
            return refused.code
        return "made"

    assert sorted(await asyncio.gather(ask(), ask(), ask())) == [
        "made",
        "refund_under_way",
        "refund_under_way",
    ]
    assert (await balance_of(view.tenant_id)).available == 600


async def test_a_second_person_above_the_limit_and_never_the_same(account):
    view, _ = await paid(account, 60_000)
    first, second = clerk(), clerk()
    made = await refunds.create_refund(first, view.tenant_id, of(view, TOO_MUCH_FOR_ONE))
    assert made.state is RefundState.REQUESTED
    assert (await balance_of(view.tenant_id)).available == 60_000
    with pytest.raises(Forbidden, match="second_person_must_differ"):
        await refunds.approve_refund(first, made.id)
    waiting = await refunds.list_refunds(second, waiting=True)
    assert [one.id for one in waiting.items] == [made.id]
    done = await asyncio.gather(
        *(refunds.approve_refund(clerk(), made.id) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(one, StateConflict) for one in done) == 2
    assert (await balance_of(view.tenant_id)).available == 60_000 - TOO_MUCH_FOR_ONE
    assert account.calls.count("refund") == 1


async def test_what_was_spent_meanwhile_is_not_approved(account):
    view, _ = await paid(account, 60_000)
    made = await refunds.create_refund(clerk(), view.tenant_id, of(view, TOO_MUCH_FOR_ONE))
    await make_hold(view.tenant_id, 20_000)
    with pytest.raises(Conflict, match="refund_exceeds_unspent"):
        await refunds.approve_refund(clerk(), made.id)
    assert await states() == ["requested"]
    await refunds.decline_refund(clerk(), made.id, RefundDecision(reason="spent"))
    assert await states() == ["declined"]
    assert (await balance_of(view.tenant_id)).available == 40_000


async def test_a_refund_stripe_refuses_gives_the_credits_back(account):
    view, _ = await paid(account)
    account.refuses_refunds = True
    made = await refunds.create_refund(clerk(), view.tenant_id, of(view, 400))
    assert (made.state, made.failure_code) == (RefundState.FAILED, "charge_disputed")
    assert (await balance_of(view.tenant_id)).available == 1000
    assert await violations_of(view.tenant_id) == []


async def test_a_refund_that_fails_later_gives_them_back_once(account):
    view, payment = await paid(account)
    await refunds.create_refund(clerk(), view.tenant_id, of(view, 400))
    (refund,) = await account.refunds_of(payment.id)
    account.fail_refund(refund)
    await told(account)
    await told(account)
    assert await states() == ["failed"]
    assert (await balance_of(view.tenant_id)).available == 1000


async def test_where_stripe_does_not_answer_the_clock_asks_again_by_the_same_key(account):
    view, payment = await paid(account)
    account.is_down = True
    made = await refunds.create_refund(clerk(), view.tenant_id, of(view, 400))
    assert made.state is RefundState.APPROVED
    account.is_down = False
    assert await refunds.submit_approved() == 0
    with later_by(minutes=2):
        assert await refunds.submit_approved() == 1
        assert await refunds.submit_approved() == 0
    assert await states() == ["submitted"]
    assert len(await account.refunds_of(payment.id)) == 1


async def made_unheard(account, view, payment):
    """Stripe made the refund, and its answer was lost."""
    account.is_down = True
    made = await refunds.create_refund(clerk(), view.tenant_id, of(view, 400))
    account.is_down = False
    asked = {"payment": payment.id, "amount_minor": made.amount_minor, "refund_id": made.id}
    return await account.refund(**asked, tenant_id=view.tenant_id, key=str(made.id))


async def test_money_goes_once_also_when_stripe_forgot_the_key(account):
    view, payment = await paid(account)
    await made_unheard(account, view, payment)
    account.forget_keys()
    with later_by(days=2):
        await refunds.submit_approved()
    assert await states() == ["submitted"]
    assert len(await account.refunds_of(payment.id)) == 1


async def test_credits_stay_away_where_the_refused_refund_was_made_before(account):
    view, payment = await paid(account)
    await made_unheard(account, view, payment)
    account.refuses_refunds = True  # the whole payment went back with the first one
    with later_by(minutes=2):
        await refunds.submit_approved()
    assert await states() == ["submitted"]
    assert (await balance_of(view.tenant_id)).available == 600


async def test_a_refund_nobody_can_make_holds_up_no_other(account):
    views = [await paid(account) for _ in range(2)]
    account.is_down = True
    for view, _ in views:
        await refunds.create_refund(clerk(), view.tenant_id, of(view, 400))
    account.is_down = False
    account.lose(views[0][1].id)
    with later_by(minutes=2):
        assert await refunds.submit_approved() == 2
    assert await states() == ["failed", "submitted"]
    assert (await balance_of(views[0][0].tenant_id)).available == 1000


async def test_a_refund_whose_events_never_came_is_asked_after(account):
    view, payment = await paid(account)
    await refunds.create_refund(clerk(), view.tenant_id, of(view, 400))
    (refund,) = await account.refunds_of(payment.id)
    account.put(replace(refund, status="succeeded"))
    assert await refunds.check_submitted() == 0
    with later_by(hours=2):
        assert await refunds.check_submitted() == 1
        assert await refunds.check_submitted() == 0
    assert await states() == ["succeeded"]


async def test_the_same_request_is_the_same_refund(account):
    view, _ = await paid(account)
    asked = Idempotency("key-1", "create_refund", "a" * 64)
    one = replace(clerk(), idempotency=asked)
    account.is_down = True
    made = await refunds.create_refund(one, view.tenant_id, of(view, 400))
    assert len(await states()) == 1
    assert made.state is RefundState.APPROVED


async def test_a_refund_in_stripes_dashboard_takes_what_is_unspent(account):
    view, payment = await paid(account)
    await make_hold(view.tenant_id, 700)
    account.refund_there(payment, view.gross_minor)
    await told(account)
    await told(account)
    (row,) = await of_platform("SELECT origin, state, credits, missing_credits FROM refunds")
    assert tuple(row.values()) == ("stripe", "succeeded", 300, 700)
    assert (await balance_of(view.tenant_id)).available == 0
    assert await problems() == ["refund_over_unspent"]
    assert await violations_of(view.tenant_id) == []


async def a_top_up(amount=1000):
    tenant = await make_buyer()
    data = TopUpCreate(
        amount_credits=amount,
        method=TopUpMethod.BANK_TRANSFER,
        reference="2026-0314",
        reason="invoice 77",
    )
    return await create_top_up(clerk(), tenant, data)


async def test_a_top_up_goes_back_by_bank_transfer(account):
    top_up = await a_top_up()
    data = RefundCreate(
        top_up_id=top_up.id, credits=400, amount_minor=2600, currency="EUR", reason="leaves"
    )
    made = await refunds.create_refund(clerk(), top_up.tenant_id, data)
    assert made.state is RefundState.APPROVED
    assert (await balance_of(top_up.tenant_id)).available == 600
    with pytest.raises(Conflict, match="refund_under_way"):
        await refunds.create_refund(clerk(), top_up.tenant_id, data)
    done = await refunds.record_payment(clerk(), made.id, RefundPayment(reference="SEPA-1"))
    assert (done.state, done.reference) == (RefundState.SUCCEEDED, "SEPA-1")
    with pytest.raises(StateConflict, match="transfer_not_due"):
        await refunds.record_payment(clerk(), made.id, RefundPayment(reference="SEPA-2"))
    assert await topics("top_up.refunded") == ["top_up.refunded"]
    assert account.calls == []
    back = await refunds.record_failure(clerk(), made.id, RefundDecision(reason="closed account"))
    assert back.state is RefundState.FAILED
    assert (await balance_of(top_up.tenant_id)).available == 1000


async def test_much_money_for_few_credits_takes_a_second_person(account):
    del account
    top_up = await a_top_up()
    data = RefundCreate(
        top_up_id=top_up.id,
        credits=1,
        amount_minor=SINGLE_CLERK_REFUND_MINOR_MAX + 1,
        currency="EUR",
        reason="leaves",
    )
    made = await refunds.create_refund(clerk(), top_up.tenant_id, data)
    assert made.state is RefundState.REQUESTED
    assert (await balance_of(top_up.tenant_id)).available == 1000


async def test_no_more_money_goes_back_than_a_document_says_was_paid(account):
    del account
    top_up = await a_top_up()
    document_id = await settle_top_up(top_up.tenant_id, top_up.id)
    (paid_for,) = await of_platform("SELECT * FROM documents WHERE id = $1", document_id)
    half = paid_for["gross_minor"] // 2
    asked = {"top_up_id": top_up.id, "credits": 500, "reason": "leaves"}
    for wrong in (
        {"amount_minor": half + 1, "currency": "EUR"},
        {"amount_minor": 1, "currency": "USD"},
    ):
        with pytest.raises(InvalidInput, match="more_than_paid"):
            await refunds.create_refund(clerk(), top_up.tenant_id, RefundCreate(**asked, **wrong))
    right = RefundCreate(**asked, amount_minor=half, currency="EUR")
    made = await refunds.create_refund(clerk(), top_up.tenant_id, right)
    assert made.state is RefundState.APPROVED


async def test_what_cannot_be_refunded_says_why(account):
    view = await bought()
    finance = clerk()
    with pytest.raises(Conflict, match="not_paid"):
        await refunds.create_refund(finance, view.tenant_id, of(view, 1))
    top_up = await a_top_up()
    nothing = RefundCreate(credits=1, reason="x")
    both = RefundCreate(purchase_id=view.id, top_up_id=top_up.id, credits=1, reason="x")
    no_money = RefundCreate(top_up_id=top_up.id, credits=1, reason="x")
    no_currency = replace(no_money, amount_minor=1, currency="XXX")
    for wrong, code in (
        (nothing, "one_of"),
        (both, "one_of"),
        (no_money, "required"),
        (no_currency, "currency_unknown"),
    ):
        with pytest.raises(InvalidInput, match=code):
            await refunds.create_refund(finance, top_up.tenant_id, wrong)
    with pytest.raises(NotFound):
        await refunds.create_refund(finance, top_up.tenant_id, of(view, 1))
    with pytest.raises(NotFound):
        await refunds.approve_refund(finance, uuid7())


async def test_many_refunds_of_a_day_are_one_large_one(account):
    tenant, first = await make_buyer(), clerk()
    half = SINGLE_CLERK_REFUND_CREDITS_MAX // 2
    views = [await bought(tenant, half) for _ in range(3)]
    for view in views:
        account.pay(view)
    await told(account)
    for view in views[:2]:
        made = await refunds.create_refund(first, tenant, of(view, half))
        assert made.state is not RefundState.REQUESTED
    over = await refunds.create_refund(first, tenant, of(views[2], 10))
    assert over.state is RefundState.REQUESTED
    await refunds.decline_refund(first, over.id, RefundDecision(reason="another clerk may"))
    alone = await refunds.create_refund(clerk(), tenant, of(views[2], 10))
    assert alone.state is not RefundState.REQUESTED


async def test_typed_money_of_a_day_is_added_up_by_currency(account):
    del account
    first = clerk()
    top_up = await a_top_up()
    half = SINGLE_CLERK_REFUND_MINOR_MAX // 2 + 1
    asked = RefundCreate(
        top_up_id=top_up.id, credits=1, amount_minor=half, currency="EUR", reason="leaves"
    )
    made = await refunds.create_refund(first, top_up.tenant_id, asked)
    await refunds.record_payment(first, made.id, RefundPayment(reference="SEPA-1"))
    in_dollars = replace(asked, currency="USD")
    made = await refunds.create_refund(first, top_up.tenant_id, in_dollars)
    assert made.state is RefundState.APPROVED
    await refunds.record_payment(first, made.id, RefundPayment(reference="ACH-1"))
    made = await refunds.create_refund(first, top_up.tenant_id, asked)
    assert made.state is RefundState.REQUESTED
