"""Postpaid months: what was used on credit, once a month, whatever the clock missed."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.billing.document_states import DocumentKind, DocumentState
from backend.billing.months import next_month, start_of
from backend.billing.schemas.profiles import TermsUpdate
from backend.billing.service import documents, postpaid, sales
from backend.billing.service.profiles import set_billing_terms
from backend.billing.states import Terms
from backend.db.scope import tenant_scope
from backend.kernel import faults
from backend.kernel.principal import StaffRole, system
from backend.ledger.service.holds import return_spent
from backend.ledger.service.lots import top_up
from tests.billing.factories import (
    MONTHLY_CREDITS,
    credit_line,
    make_profile,
    postpaid_user,
    to_next_month,
    topped_up,
    use_credits,
)
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio


async def invoices_of(tenant):
    page = await documents.list_documents(member_of(tenant), kind=DocumentKind.MONTHLY_INVOICE)
    return [await documents.read_document(member_of(tenant), row.id) for row in page.items[::-1]]


async def test_each_month_once_whoever_comes_again(database):
    tenant = await make_tenant()
    await postpaid_user(tenant, months=2)
    assert await postpaid.bill_months() == 2
    assert await postpaid.bill_months() == 0
    first, second = await invoices_of(tenant)
    assert (first.number, second.number) == ("INV-000001", "INV-000002")
    assert first.period_to is not None
    assert second.period_from == first.period_to + timedelta(days=1)
    assert {first.credits, second.credits} == {MONTHLY_CREDITS}
    # 120 credits at 0.065 EUR, to a buyer outside the EU.
    assert (first.gross_minor, first.state) == (780, DocumentState.OPEN)
    assert first.supplied_on == first.period_to


async def test_two_clocks_at_once_bill_a_month_once(database):
    tenant = await make_tenant()
    await postpaid_user(tenant, months=1)
    done = await asyncio.gather(*(postpaid.bill_tenant(tenant) for _ in range(3)))
    assert sorted(done) == [0, 0, 1]
    assert len(await invoices_of(tenant)) == 1


async def test_a_clock_that_died_in_between_leaves_no_half_month(database):
    tenant = await make_tenant()
    await postpaid_user(tenant, months=3)
    with faults.armed("raise:billing.month_billed:2"), pytest.raises(faults.FaultInjected):
        await postpaid.bill_months()
    assert len(await invoices_of(tenant)) == 1
    assert await postpaid.bill_months() == 2
    assert [each.number for each in await invoices_of(tenant)] == [
        "INV-000001",
        "INV-000002",
        "INV-000003",
    ]


async def test_the_month_that_runs_is_not_billed_and_months_of_nothing_have_no_invoice(database):
    tenant = await make_tenant()
    await postpaid_user(tenant, months=1)
    to_next_month()
    await use_credits_of_a_lot(tenant)
    assert await postpaid.bill_months() == 2
    assert len(await invoices_of(tenant)) == 1
    assert await postpaid.bill_months() == 0


async def use_credits_of_a_lot(tenant):
    """Bought before it was used: the invoice was written then."""
    async with tenant_scope(system("test", tenant)) as scope:
        await top_up(scope, 1_000, "first")
    await use_credits(tenant, 50)


async def test_what_was_bought_before_is_not_billed_again(database):
    tenant = await make_tenant()
    await make_profile(tenant)
    async with tenant_scope(system("test", tenant)) as scope:
        await top_up(scope, 100, "bought")
    await credit_line(tenant, 500)
    asked = TermsUpdate(terms=Terms.POSTPAID, reason="contract 12")
    await set_billing_terms(staff(StaffRole.FINANCE), tenant, asked)
    await use_credits(tenant, 130)
    to_next_month()
    assert await postpaid.bill_months() == 1
    (invoice,) = await invoices_of(tenant)
    assert invoice.credits == 30


async def test_what_comes_back_late_lowers_a_later_month(database):
    tenant = await make_tenant()
    await postpaid_user(tenant, months=1)
    used = await use_credits(tenant, 100)
    to_next_month()
    assert await postpaid.bill_months() == 2
    async with tenant_scope(system("test", tenant)) as scope:
        await return_spent(scope, used, 60, "undelivered")
    await use_credits(tenant, 50)
    to_next_month()
    assert await postpaid.bill_months() == 1, "10 less than nothing: no invoice"
    await use_credits(tenant, 70)
    to_next_month()
    assert await postpaid.bill_months() == 1
    assert [each.credits for each in await invoices_of(tenant)] == [MONTHLY_CREDITS, 100, 60]


async def test_who_becomes_prepaid_again_is_billed_for_what_was_used(database):
    tenant = await make_tenant()
    await postpaid_user(tenant, months=1)
    asked = TermsUpdate(terms=Terms.PREPAID, reason="contract ended")
    await set_billing_terms(staff(StaffRole.FINANCE), tenant, asked)
    assert await postpaid.bill_months() == 1
    assert len(await invoices_of(tenant)) == 1


async def test_the_payment_of_a_month_is_the_top_up_that_repays_the_line(database):
    tenant = await make_tenant()
    await postpaid_user(tenant, months=1)
    assert await postpaid.bill_months() == 1
    (invoice,) = await invoices_of(tenant)
    paid = await topped_up(tenant, f"{invoice.number} thanks", MONTHLY_CREDITS)
    assert await sales.settle_top_up(tenant, paid) == invoice.id
    (invoice,) = await invoices_of(tenant)
    assert invoice.state is DocumentState.PAID
    # Other money of a postpaid tenant is no sale of its own: its months are what is invoiced.
    other = await topped_up(tenant, "on account")
    assert await sales.settle_top_up(tenant, other) is None


def test_months_by_the_sellers_zone():
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
    assert next_month(date(2028, 1, 31)) == date(2028, 2, 1)
    start = start_of(date(2026, 7, 1), "Europe/Oslo")
    assert start == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert start.tzinfo == ZoneInfo("Europe/Oslo")
