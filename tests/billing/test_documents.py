"""Documents: numbered without a gap, frozen, once per source, corrected by credit notes alone."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import given, strategies as st

from backend.billing.document_states import (
    TRANSITIONS,
    DocumentKind,
    DocumentState,
    PaymentMethod,
)
from backend.billing.pricing import half_up
from backend.billing.purchase_states import PurchaseSource, RefundMethod, RefundOrigin, RefundState
from backend.billing.queries import refunds
from backend.billing.schemas.documents import CreditNoteCreate, InvoiceCreate
from backend.billing.service import credit_notes, documents, issuing, sales
from backend.billing.service.profiles import save_billing_profile
from backend.billing.service.purchases import open_purchase
from backend.billing.service.tariffs import price_purchase
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel import clock
from backend.kernel.errors import Conflict, InvalidInput, NotFound, StateConflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole, system
from tests.billing.factories import VAT_IDS, make_profile, profile_input, topped_up
from tests.billing.test_papers import document_of, line_of
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio


async def buyer(**profile):
    tenant = await make_tenant()
    await make_profile(tenant, **profile)
    return tenant


async def purchase_of(tenant, bought=1_000):
    async with tenant_scope(system("test", tenant)) as scope:
        price = await price_purchase(scope, bought)
        return (await open_purchase(scope, price, PurchaseSource.CHECKOUT)).id


async def view_of(tenant, document_id):
    return await documents.read_document(member_of(tenant), document_id)


async def numbers_of(series="invoice"):
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT seq FROM document_numbers WHERE series = $1 ORDER BY seq", series
        )
        last = await scope.value("SELECT last FROM document_counters WHERE series = $1", series)
    found = [row["seq"] for row in rows]
    assert last == (found[-1] if found else 0)
    return found


async def test_a_purchase_gets_one_invoice_with_what_was_frozen(database):
    tenant = await buyer(country="DE", vat_id=VAT_IDS["DE"], is_confirmed=True)
    purchase = await purchase_of(tenant)
    first = await credit_notes.document_purchase(tenant, purchase)
    assert await credit_notes.document_purchase(tenant, purchase) == first
    found = await view_of(tenant, first)
    assert (found.kind, found.state) == (DocumentKind.INVOICE, DocumentState.PAID)
    assert (found.number, found.payment_method) == ("INV-000001", PaymentMethod.CARD)
    assert (found.net_minor, found.tax_minor, found.gross_minor) == (6500, 0, 6500)
    assert (found.seller.vat_id, found.buyer.vat_id) == ("IE1234567T", VAT_IDS["DE"])
    assert found.buyer.vat_check_reference == "WAPIAAAA"
    (row,) = found.vat
    assert "Reverse charge" in row.tax_note
    # Another address afterwards changes nothing that was issued.
    await save_billing_profile(member_of(tenant), profile_input(version=1, company_name="Other"))
    assert await view_of(tenant, first) == found


async def test_what_is_taxed_when_used_gets_a_receipt_for_the_same_money(database):
    tenant = await buyer(country="IE")
    connection = await database.connect()
    await connection.execute("UPDATE legal_entities SET tax_point = 'at_redemption'")
    await connection.close()
    found = await view_of(
        tenant, await credit_notes.document_purchase(tenant, await purchase_of(tenant))
    )
    assert (found.kind, found.state) == (DocumentKind.RECEIPT, DocumentState.ISSUED)
    assert (found.number, found.tax_minor, found.gross_minor) == ("RCP-000001", 0, 7995)
    assert "Article 30b" in found.lines[0].tax_note


async def test_twenty_at_once_have_no_gap_and_no_double(database):
    tenants = [await buyer() for _ in range(4)]
    bought = [(tenant, await purchase_of(tenant)) for tenant in tenants for _ in range(5)]
    made = await asyncio.gather(*(credit_notes.document_purchase(*each) for each in bought))
    assert len(set(made)) == 20
    assert await numbers_of() == list(range(1, 21))


async def test_the_same_announcement_at_once_is_one_document(database):
    tenant = await buyer()
    purchase = await purchase_of(tenant)
    made = await asyncio.gather(
        *(credit_notes.document_purchase(tenant, purchase) for _ in range(4))
    )
    assert len(set(made)) == 1
    assert await numbers_of() == [1]


async def test_a_rollback_leaves_no_gap(database):
    tenant = await buyer()
    purchase = await purchase_of(tenant)
    with pytest.raises(RuntimeError, match="after the number"):
        async with tenant_scope(system("test", tenant)) as scope:
            await credit_notes._purchase_document(scope, purchase)
            raise RuntimeError("after the number was taken")
    assert await numbers_of() == []
    await credit_notes.document_purchase(tenant, purchase)
    assert await numbers_of() == [1]


async def test_the_tables_themselves_keep_the_numbers(database):
    tenant = await buyer()
    await credit_notes.document_purchase(tenant, await purchase_of(tenant))
    bump = "UPDATE document_counters SET last = last + 1 WHERE series = 'invoice'"
    with pytest.raises(asyncpg.RestrictViolationError):  # at the commit: a number for no document
        async with tenant_scope(system("test", tenant)) as scope:
            await scope.execute(bump)
    for statement in (
        "UPDATE document_counters SET last = last + 2 WHERE series = 'invoice'",
        "UPDATE document_counters SET last = 0 WHERE series = 'invoice'",
        (
            "INSERT INTO document_numbers SELECT legal_entity, series, 7, tenant_id, document_id,"
            " taken_at FROM document_numbers"
        ),
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            async with tenant_scope(system("test", tenant)) as scope:
                await scope.execute(statement)
    connection = await database.connect()
    try:
        for statement in (
            "DELETE FROM document_numbers",
            "UPDATE document_numbers SET seq = 9",
            "DELETE FROM documents",
            "DELETE FROM document_lines",
            "UPDATE document_lines SET net_minor = 1",
            "UPDATE documents SET gross_minor = 1, net_minor = 1",
            "UPDATE documents SET state = 'open', paid_at = NULL",
            (
                "INSERT INTO document_lines SELECT tenant_id, document_id, 2, description,"
                " quantity, unit_price_micro, net_minor, tax_category, rate_permille,"
                " tax_minor, tax_note FROM document_lines"
            ),
        ):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(statement)
    finally:
        await connection.close()
    for statement in ("UPDATE documents SET number = 'X'", "DELETE FROM documents"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tenant_scope(system("test", tenant)) as scope:
                await scope.execute(statement)


async def test_nothing_is_issued_to_nobody(database):
    with pytest.raises(Conflict, match="billing_profile_required"):
        await sales.create_invoice(
            staff(StaffRole.FINANCE),
            await make_tenant(),
            InvoiceCreate(credits=1_000, reason="asked by mail"),
        )


async def invoice_of(tenant, bought=1_000):
    asked = InvoiceCreate(credits=bought, reason="asked by mail")
    return await sales.create_invoice(staff(StaffRole.FINANCE), tenant, asked)


async def test_an_invoice_is_paid_by_the_top_up_that_names_it(database):
    tenant = await buyer()
    invoice = await invoice_of(tenant)
    assert (invoice.state, invoice.number) == (DocumentState.OPEN, "INV-000001")
    assert invoice.due_on == invoice.issued_on + timedelta(days=14)
    top_up = await topped_up(tenant, "SEPA inv 000001 ACME")
    for _ in range(2):
        assert await sales.settle_top_up(tenant, top_up) == invoice.id
    paid = await view_of(tenant, invoice.id)
    assert (paid.state, paid.payment_method) == (DocumentState.PAID, PaymentMethod.BANK_TRANSFER)
    assert await numbers_of() == [1]
    # What the page says stays what it said when it was sent.
    _, before = await documents.document_pdf(member_of(tenant), invoice.id)
    assert before == (await documents.document_pdf(member_of(tenant), invoice.id))[1]


async def test_a_wrong_amount_pays_no_invoice(database):
    tenant = await buyer()
    invoice = await invoice_of(tenant)
    top_up = await topped_up(tenant, "INV-000001", 900)
    own = await sales.settle_top_up(tenant, top_up)
    assert own not in (None, invoice.id)
    assert (await view_of(tenant, invoice.id)).state is DocumentState.OPEN


async def test_money_by_bank_gets_an_invoice_and_other_top_ups_by_wish(database):
    tenant = await buyer(country="IE")
    top_up = await topped_up(tenant, "cash in advance", 1_000)
    made = await sales.settle_top_up(tenant, top_up)
    assert made is not None
    assert await sales.settle_top_up(tenant, top_up) == made
    assert (await view_of(tenant, made)).gross_minor == 7995
    other = await topped_up(tenant, "a voucher", 500, "other")
    assert await sales.settle_top_up(tenant, other) is None
    clerk = staff(StaffRole.FINANCE)
    wished = await sales.create_top_up_document(clerk, other)
    assert (wished.payment_method, wished.state) == (PaymentMethod.OTHER, DocumentState.PAID)
    assert (await sales.create_top_up_document(clerk, other)).id == wished.id
    without = await make_tenant()
    assert await sales.settle_top_up(without, await topped_up(without, "early")) is None


async def refund_of(tenant, purchase, amount_minor, credits_back):
    async with tenant_scope(system("test", tenant)) as scope:
        made = await refunds.insert(
            scope,
            {
                "id": uuid7(),
                "purchase_id": purchase,
                "origin": RefundOrigin.STRIPE.value,
                "method": RefundMethod.STRIPE.value,
                "state": RefundState.SUCCEEDED.value,
                "credits": credits_back,
                "amount_minor": amount_minor,
                "currency": "EUR",
                "reason": "unused",
                "requested_by": "test",
                "requested_at": scope.now,
                "settled_at": scope.now,
            },
        )
    assert made is not None
    return made.id


async def test_refunds_become_credit_notes_that_add_up_to_the_invoice(database):
    tenant = await buyer(country="IE")
    purchase = await purchase_of(tenant)
    notes = []
    for amount, back in ((3333, 400), (3333, 400), (5000, 200)):  # the last is more than is left
        refund = await refund_of(tenant, purchase, amount, back)
        note_id = await credit_notes.credit_refund(tenant, refund)
        assert note_id is not None
        assert await credit_notes.credit_refund(tenant, refund) == note_id
        notes.append(await view_of(tenant, note_id))
    original = await view_of(tenant, await credit_notes.document_purchase(tenant, purchase))
    assert [note.number for note in notes] == ["CN-000001", "CN-000002", "CN-000003"]
    assert {note.original_number for note in notes} == {original.number}
    assert sum(note.net_minor for note in notes) == original.net_minor
    assert sum(note.tax_minor for note in notes) == original.tax_minor
    further = await refund_of(tenant, purchase, 1, 1)
    assert await credit_notes.credit_refund(tenant, further) is None
    (row,) = (await documents.list_documents(member_of(tenant), kind=DocumentKind.INVOICE)).items
    assert row.credited_minor == row.gross_minor


@given(
    st.integers(1, 10**9),
    st.integers(0, 500),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=8),
)
def test_any_sum_of_credit_notes_carries_its_share_of_the_tax(net, rate, parts):
    tax = half_up(net * rate, 1000)
    original = document_of(line_of(net_minor=net, tax_minor=tax, rate_permille=rate))
    gross, done = net + tax, 0
    nets = taxes = 0
    for part in [*parts, gross]:
        amount = min(part, gross - done)
        if amount == 0:
            break
        line = issuing.credit_line(original, done, amount, 0)
        assert min(line.net_minor, line.tax_minor) >= 0
        done, nets, taxes = done + amount, nets + line.net_minor, taxes + line.tax_minor
        assert taxes == half_up(tax * done, gross)
    assert (nets, taxes) == (net, tax)


async def test_finance_corrects_in_part_and_voids_as_a_whole(database):
    tenant, clerk = await buyer(country="IE"), staff(StaffRole.FINANCE)
    invoice = await invoice_of(tenant)
    part = CreditNoteCreate(amount_minor=100, reason="agreed by telephone")
    with pytest.raises(Conflict, match="credit_note_of_unpaid"):
        await credit_notes.create_credit_note(clerk, invoice.id, part)
    void = await credit_notes.create_credit_note(
        clerk, invoice.id, CreditNoteCreate(reason="ordered twice")
    )
    assert void.gross_minor == invoice.gross_minor
    assert (await view_of(tenant, invoice.id)).state is DocumentState.VOID
    for document_id in (invoice.id, void.id):
        with pytest.raises(Conflict, match="document_not_creditable"):
            await credit_notes.create_credit_note(
                clerk, document_id, CreditNoteCreate(reason="again")
            )
    paid = await credit_notes.document_purchase(tenant, await purchase_of(tenant))
    note = await credit_notes.create_credit_note(clerk, paid, part)
    assert (note.gross_minor, note.credits) == (100, 0)
    too_much = CreditNoteCreate(amount_minor=7_996 - 100, reason="more than is left")
    with pytest.raises(InvalidInput, match="credit_exceeds_document"):
        await credit_notes.create_credit_note(clerk, paid, too_much)
    with pytest.raises(NotFound):
        await credit_notes.create_credit_note(clerk, uuid7(), part)


async def test_an_invoice_is_overdue_after_its_day_in_the_sellers_zone(database):
    tenant = await buyer()
    invoice = await invoice_of(tenant)
    clock.set_offset(timedelta(days=13))
    assert await credit_notes.mark_overdue() == 0
    clock.set_offset(timedelta(days=15))
    assert await credit_notes.mark_overdue() == 1
    assert await credit_notes.mark_overdue() == 0
    assert (await view_of(tenant, invoice.id)).state is DocumentState.OVERDUE
    top_up = await topped_up(tenant, "INV-000001")
    assert await sales.settle_top_up(tenant, top_up) == invoice.id
    with pytest.raises(StateConflict, match="document_not_open"):
        async with tenant_scope(system("test", tenant)) as scope:
            await issuing.move_document(scope, invoice.id, DocumentState.VOID)


async def test_the_table_knows_the_same_moves(database):
    connection = await database.connect()
    source = await connection.fetchval(
        "SELECT prosrc FROM pg_proc WHERE proname = 'billing_keep_document'"
    )
    await connection.close()
    said = {(a, b) for a in DocumentState for b in DocumentState if f"('{a}', '{b}')" in source}
    assert said == {(a, b) for a, to in TRANSITIONS.items() for b in to}


async def test_a_list_by_kind_and_state_page_by_page(database):
    tenant, other = await buyer(), await buyer()
    mine = [await credit_notes.document_purchase(tenant, await purchase_of(tenant)) for _ in "123"]
    await credit_notes.document_purchase(other, await purchase_of(other))
    await invoice_of(tenant)
    owner, clerk = member_of(tenant), staff(StaffRole.FINANCE)
    first = await documents.list_documents(owner, state=DocumentState.PAID, limit=2)
    rest = await documents.list_documents(
        owner, state=DocumentState.PAID, limit=2, cursor=first.next_cursor
    )
    assert [row.id for row in (*first.items, *rest.items)] == mine[::-1]
    assert len((await documents.list_documents(clerk)).items) == 5
    assert len((await documents.list_documents(clerk, other)).items) == 1
    with pytest.raises(NotFound):
        await documents.list_documents(owner, other)
    with pytest.raises(NotFound):
        await documents.read_document(member_of(other), mine[0])
    assert (await documents.read_document(clerk, mine[0])).tenant_id == tenant
    name, content = await documents.document_pdf(clerk, mine[0])
    assert (name, content[:5]) == ("INV-000001.pdf", b"%PDF-")
    name, content = await documents.document_xml(owner, mine[0])
    assert name == "INV-000001.xml"
    assert b"INV-000001" in content
