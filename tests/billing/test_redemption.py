"""Credits that are taxed when they are used: each used credit is invoiced once, with its tax, at
what was paid for it.
"""

import asyncio
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from backend.billing.document_states import DocumentKind, DocumentState
from backend.billing.payment_facts import PaymentFacts
from backend.billing.proof import prove_purchases
from backend.billing.schemas.documents import DocumentView, InvoiceCreate
from backend.billing.schemas.purchases import PurchaseView
from backend.billing.schemas.refunds import RefundCreate
from backend.billing.service import (
    credit_notes,
    documents,
    postpaid,
    redemption,
    refunds,
    sales,
)
from backend.billing.service.sales import settle_top_up
from backend.db.scope import tenant_scope
from backend.kernel import faults
from backend.kernel.principal import StaffRole, system
from backend.ledger.proof import prove_ledger
from backend.ledger.service.holds import return_spent
from tests.billing.buying import account, bought, make_buyer, told
from tests.billing.factories import credit_line, to_next_month, topped_up, use_credits
from tests.billing.stripe_account import StripeAccount
from tests.database import CleanDatabase
from tests.factories import member_of, staff
from workers import billing_documents as papers

__all__ = ["account"]
pytestmark = pytest.mark.anyio
RATE = 230
"""Permille, of the specimen's country."""


async def taxed(database: CleanDatabase, tax_point: str) -> None:
    connection = await database.connect()
    try:
        await connection.execute("UPDATE legal_entities SET tax_point = $1", tax_point)
    finally:
        await connection.close()


@pytest.fixture
async def when_used(database: CleanDatabase) -> CleanDatabase:
    await taxed(database, "at_redemption")
    return database


async def all_of(tenant: UUID) -> list[DocumentView]:
    """The oldest first."""
    page = await documents.list_documents(member_of(tenant))
    return [await documents.read_document(member_of(tenant), row.id) for row in page.items[::-1]]


async def months_of(tenant: UUID) -> list[DocumentView]:
    found = await all_of(tenant)
    return [one for one in found if one.kind is DocumentKind.MONTHLY_INVOICE]


async def paid(tenant: UUID, reference: str = "bank 1", credits_paid: int = 1_000) -> UUID:
    """By bank, with its receipt; 1,000 credits cost 65 EUR and its tax."""
    top_up_id = await topped_up(tenant, reference, credits_paid)
    assert await settle_top_up(tenant, top_up_id) is not None
    return top_up_id


async def month_ended() -> int:
    to_next_month()
    return await redemption.redeem_months()


async def holds(tenant: UUID) -> None:
    assert [line async for line in prove_purchases(system("test"))] == []
    assert [line async for line in prove_ledger(system("test"))] == []
    found = await all_of(tenant)
    advance = sum(one.gross_minor for one in found if one.kind is DocumentKind.RECEIPT)
    used = sum(one.gross_minor for one in await months_of(tenant))
    assert used <= advance


async def test_what_was_used_in_a_month_is_invoiced_with_its_tax(when_used):
    tenant = await make_buyer()
    await paid(tenant)
    await use_credits(tenant, 400)
    assert await redemption.redeem_months() == 0, "the month has not ended"
    assert await month_ended() == 1
    assert await redemption.redeem_months() == 0
    [receipt, invoice] = await all_of(tenant)
    assert (receipt.kind, receipt.gross_minor, receipt.tax_minor) == ("receipt", 7995, 0)
    assert (invoice.kind, invoice.state) == (DocumentKind.MONTHLY_INVOICE, DocumentState.PAID)
    assert (invoice.number, invoice.credits, invoice.due_on) == ("INV-000001", 400, None)
    assert (invoice.gross_minor, invoice.tax_minor) == (3198, 598)
    assert invoice.lines[0].rate_permille == RATE
    assert receipt.number in " ".join(invoice.notes)
    assert invoice.supplied_on == invoice.period_to
    await holds(tenant)


async def test_months_sum_to_what_was_paid_to_the_cent(when_used):
    tenant = await make_buyer()
    await paid(tenant)
    for used in (333, 0, 333, 334):
        if used:
            await use_credits(tenant, used)
        await month_ended()
    invoices = await months_of(tenant)
    assert [one.credits for one in invoices] == [333, 333, 334]
    assert sum(one.gross_minor for one in invoices) == 7995
    assert await month_ended() == 1, "a month of nothing is done, and has no invoice"
    assert len(await months_of(tenant)) == 3
    await holds(tenant)


async def test_where_tax_falls_due_at_sale_nothing_follows(database):
    tenant = await make_buyer()
    await paid(tenant)
    await use_credits(tenant, 400)
    assert await month_ended() == 0
    [invoice] = await all_of(tenant)
    assert (invoice.kind, invoice.tax_minor) == (DocumentKind.INVOICE, 1495)


async def test_each_lot_keeps_the_tax_point_it_was_sold_at(database):
    """A setting that changes in between taxes nothing twice and forgets nothing."""
    tenant = await make_buyer()
    await paid(tenant, "at sale", 1_000)
    await taxed(database, "at_redemption")
    await paid(tenant, "when used", 2_000)
    await taxed(database, "at_sale")
    await use_credits(tenant, 1_500)
    assert await month_ended() == 1
    [sold, receipt, invoice] = await all_of(tenant)
    assert (sold.kind, receipt.kind) == (DocumentKind.INVOICE, DocumentKind.RECEIPT)
    assert invoice.credits == 500
    assert invoice.gross_minor == receipt.gross_minor * 500 // 2_000
    await use_credits(tenant, 1_500)
    await month_ended()
    assert sum(one.gross_minor for one in await months_of(tenant)) == receipt.gross_minor
    await holds(tenant)


async def test_a_refund_leaves_its_money_untaxed(account: StripeAccount, when_used):
    tenant = await make_buyer()
    view, _ = await buy(account, tenant)
    await use_credits(tenant, 400)
    data = RefundCreate(purchase_id=view.id, credits=600, reason="leaves")
    made = await refunds.create_refund(staff(StaffRole.FINANCE), tenant, data)
    await credit_notes.credit_refund(tenant, made.id)
    await month_ended()
    [receipt, note, invoice] = await all_of(tenant)
    assert invoice.gross_minor + note.gross_minor == receipt.gross_minor
    await month_ended()
    assert len(await all_of(tenant)) == 3


async def buy(account: StripeAccount, tenant: UUID) -> tuple[PurchaseView, PaymentFacts]:
    view = await bought(tenant)
    payment = account.pay(view)
    await told(account)
    await credit_notes.document_purchase(tenant, view.id)
    return view, payment


async def test_a_payment_taken_back_takes_back_the_tax_of_what_was_used(
    account: StripeAccount, when_used
):
    tenant = await make_buyer()
    view, payment = await buy(account, tenant)
    await use_credits(tenant, 400)
    await month_ended()
    dispute = account.dispute_it(payment)
    account.close_dispute(dispute, "lost")
    await told(account)
    await credit_notes.credit_dispute(tenant, view.id, dispute.id)
    await month_ended()
    receipt, invoice, receipt_note, invoice_note = await all_of(tenant)
    assert (receipt_note.original_id, receipt_note.gross_minor) == (receipt.id, 7995)
    assert (invoice_note.original_id, invoice_note.gross_minor) == (invoice.id, 3198)
    assert invoice_note.tax_minor == invoice.tax_minor
    assert await month_ended() == 1
    assert len(await all_of(tenant)) == 4
    await holds(tenant)


async def test_what_comes_back_late_lowers_a_later_month(when_used):
    tenant = await make_buyer()
    await paid(tenant)
    hold = await use_credits(tenant, 400)
    await month_ended()
    async with tenant_scope(system("test", tenant)) as scope:
        await return_spent(scope, hold, 100, "undelivered")
    await use_credits(tenant, 300)
    await month_ended()
    first, second = await months_of(tenant)
    assert (first.credits, second.credits) == (400, 200)
    assert first.gross_minor + second.gross_minor == 7995 * 600 // 1000
    await holds(tenant)


async def test_what_was_used_on_credit_before_is_taxed_as_it_is_paid(when_used):
    """A prepaid tenant's line: the top-up that repays it was used already."""
    tenant = await make_buyer()
    await credit_line(tenant, 500)
    await use_credits(tenant, 300)
    await paid(tenant)
    await use_credits(tenant, 100)
    await month_ended()
    [invoice] = await months_of(tenant)
    assert invoice.credits == 400
    await holds(tenant)


async def test_an_invoice_that_was_paid_later_is_an_advance_as_well(when_used):
    tenant = await make_buyer()
    asked = InvoiceCreate(credits=1_000, reason="asked for by phone")
    invoice = await sales.create_invoice(staff(StaffRole.FINANCE), tenant, asked)
    top_up_id = await topped_up(tenant, f"{invoice.number} thanks")
    assert await settle_top_up(tenant, top_up_id) == invoice.id
    await use_credits(tenant, 500)
    await month_ended()
    [month] = await months_of(tenant)
    assert (month.credits, month.gross_minor) == (500, invoice.gross_minor // 2)


async def test_a_receipt_written_late_forgets_nothing(when_used):
    tenant = await make_buyer()
    await paid(tenant, "bank 1", 500)
    late = await topped_up(tenant, "bank 2", 500)
    await use_credits(tenant, 900)
    await month_ended()
    assert await settle_top_up(tenant, late) is not None
    await month_ended()
    assert [one.credits for one in await months_of(tenant)] == [500, 400]
    await holds(tenant)


async def test_two_clocks_and_a_dead_one_invoice_a_month_once(when_used):
    tenant = await make_buyer()
    await paid(tenant)
    await use_credits(tenant, 400)
    to_next_month()
    with faults.armed("raise:billing.month_redeemed:1"), pytest.raises(faults.FaultInjected):
        await redemption.redeem_months()
    assert await months_of(tenant) == []
    done = await asyncio.gather(*(redemption.redeem_tenant(tenant) for _ in range(3)))
    assert sorted(done) == [0, 0, 1]
    [invoice] = await months_of(tenant)
    assert invoice.number == "INV-000001"


async def test_the_clock_does_both_kinds_of_months(when_used):
    tenant = await make_buyer()
    await paid(tenant)
    await use_credits(tenant, 400)
    to_next_month()
    await papers.bill_ended_months()
    assert len(await months_of(tenant)) == 1
    assert await postpaid.bill_months() == 0


@given(
    paid_minor=st.integers(1, 10**9),
    paid_credits=st.integers(1, 10**7),
    uses=st.lists(st.integers(0, 10**6), max_size=8),
    back=st.integers(0, 10**7),
)
def test_parts_never_exceed_the_whole(paid_minor, paid_credits, uses, back):
    back = min(back, paid_credits)
    facts = {
        "paid_minor": paid_minor,
        "paid_credits": paid_credits,
        "back_minor": paid_minor * back // paid_credits,
        "back_credits": back,
    }
    used = before = 0
    for more in uses:
        used = min(used + more, paid_credits - back)
        worth = redemption.worth_minor(**facts, used_credits=used)
        assert before <= worth <= paid_minor - facts["back_minor"]
        before = worth
    whole = redemption.worth_minor(**facts, used_credits=paid_credits - back)
    assert whole == paid_minor - facts["back_minor"]
