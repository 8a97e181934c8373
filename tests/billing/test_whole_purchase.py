"""A purchase from the first click to the last credit note, at the real simulator: what the
provider, the ledger, the purchase and the papers say is the same money.
"""

import io
from collections.abc import AsyncIterator
from uuid import UUID

import pypdf
import pytest

from backend.billing.document_states import DocumentKind
from backend.billing.pricing import money
from backend.billing.proof import prove_purchases
from backend.billing.purchase_states import DisputeState, PurchaseState, RefundState
from backend.billing.schemas.documents import DocumentRow
from backend.billing.schemas.purchases import PurchaseCreate, PurchaseView
from backend.billing.schemas.refunds import RefundCreate
from backend.billing.service import purchases, refunds
from backend.billing.service.documents import document_pdf, list_documents
from backend.db.scope import platform_scope
from backend.kernel import clock
from backend.kernel.principal import StaffRole, system
from backend.ledger.proof import prove_ledger
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from tests.billing.buying import later_by
from tests.billing.factories import make_profile, use_credits
from tests.billing.reloads import URL, Shop
from tests.database import CleanDatabase
from tests.factories import make_tenant, member_of, staff
from tests.ledger.factories import balance_of
from tests.paying import Paying
from workers import billing_documents as papers

pytestmark = pytest.mark.anyio
THREE_D_SECURE = "4000002760003184"
CONSUMERS = {
    Topic.PURCHASE_PAID: papers.document_purchase,
    Topic.PURCHASE_REFUNDED: papers.credit_refund,
    Topic.PURCHASE_DISPUTE_LOST: papers.credit_dispute,
}


@pytest.fixture
async def shop(database: CleanDatabase, paying: Paying) -> AsyncIterator[Shop]:
    """Of a buyer whose credits are taxed."""
    del database
    before = clock.offset()
    tenant_id = await make_tenant()
    await make_profile(tenant_id, country="IE")
    yield Shop(paying, tenant_id)
    clock.set_offset(before)


async def bought(shop: Shop, credits_asked: int, number: str = "4242424242424242") -> PurchaseView:
    view = await purchases.create_purchase(shop.owner, URL, PurchaseCreate(credits=credits_asked))
    assert view.checkout_url is not None
    assert await shop.paying.pay(view.checkout_url, number)
    return view


async def papers_written(tenant_id: UUID) -> list[DocumentRow]:
    """The announcements consumed twice, in their order; the oldest document first."""
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT id, tenant_id, topic, payload FROM outbox WHERE tenant_id = $1"
            " AND topic = ANY($2) ORDER BY id",
            tenant_id,
            list(CONSUMERS),
        )
    for row in rows:
        told = Announcement(row["id"], row["tenant_id"], Topic(row["topic"]), row["payload"], 0, 0)
        for _ in range(2):
            await CONSUMERS[told.topic](told)
    page = await list_documents(member_of(tenant_id))
    return list(reversed(page.items))


async def broken() -> list[str]:
    """What `clearsend prove` would say of the money, two hours later."""
    with later_by(hours=2):
        lines = [line async for line in prove_purchases(system("test"))]
        return lines + [str(wrong) async for wrong in prove_ledger(system("test"))]


async def check_page(shop: Shop, row: DocumentRow) -> None:
    """Every sum of the document stands on its page."""
    _, content = await document_pdf(shop.owner, row.id)
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = " ".join(page.extract_text() for page in pages)
    for minor in (row.net_minor, row.tax_minor, row.gross_minor):
        assert money(minor, row.currency) in text, (row.number, minor)
    assert row.number in text


async def payment_of(view: PurchaseView) -> str:
    async with platform_scope(system("test"), "test") as scope:
        found: str = await scope.value("SELECT payment_id FROM purchases WHERE id = $1", view.id)
    return found


async def test_bought_with_three_d_secure_and_refunded_in_part(shop: Shop) -> None:
    view = await bought(shop, 1_000, THREE_D_SECURE)
    await shop.hear_provider()
    await shop.hear_provider()  # all of it again
    assert (await balance_of(shop.tenant_id)).available == 1_000
    [receipt] = await papers_written(shop.tenant_id)
    assert (receipt.credits, receipt.net_minor, receipt.tax_minor, receipt.gross_minor) == (
        view.credits,
        view.net_minor,
        view.tax_minor,
        view.gross_minor,
    )
    assert receipt.tax_minor > 0
    [charge] = shop.charges()
    assert charge["amount"] == receipt.gross_minor
    await check_page(shop, receipt)

    await use_credits(shop.tenant_id, 600)
    asked = RefundCreate(purchase_id=view.id, credits=400, reason="moved away")
    refund = await refunds.create_refund(staff(StaffRole.FINANCE), shop.tenant_id, asked)
    assert refund.state is RefundState.SUCCEEDED
    await shop.hear_provider()
    assert (await balance_of(shop.tenant_id)).available == 0
    [given] = await shop.paying.payments.refunds_of(await payment_of(view))
    assert (given.amount_minor, given.refund_id) == (refund.amount_minor, refund.id)
    _, note = await papers_written(shop.tenant_id)
    assert (note.kind, note.original_id) == (DocumentKind.CREDIT_NOTE, receipt.id)
    assert (note.gross_minor, note.credits) == (refund.amount_minor, 400)
    assert note.tax_minor == pytest.approx(
        note.gross_minor * receipt.tax_minor / view.gross_minor, abs=1
    )
    await check_page(shop, note)
    assert await broken() == []


async def test_paid_unheard_and_lost_to_a_dispute(shop: Shop) -> None:
    """No event arrives until the clock asks; then the bank takes back what was half spent."""
    view = await bought(shop, 1_000)
    with later_by(minutes=20):
        assert await purchases.check_unfinished() == 1
    assert (await balance_of(shop.tenant_id)).available == 1_000
    await use_credits(shop.tenant_id, 500)
    dispute = await shop.paying.control("disputes", payment_intent=await payment_of(view))
    await shop.hear_provider()
    assert (await balance_of(shop.tenant_id)).frozen == 500
    await shop.paying.control(f"disputes/{dispute['id']}/close", outcome="lost")
    await shop.hear_provider()
    left = await balance_of(shop.tenant_id)
    assert (left.available, left.frozen, left.receivable) == (0, 0, 500)
    found = await purchases.read_purchase(shop.owner, view.id)
    assert found.purchase.state is PurchaseState.PAID
    assert [one.state for one in found.disputes] == [DisputeState.LOST]
    receipt, note = await papers_written(shop.tenant_id)
    assert (note.original_id, note.gross_minor) == (receipt.id, view.gross_minor)
    await check_page(shop, note)
    assert await broken() == []


async def test_three_d_secure_refused_buys_nothing(shop: Shop) -> None:
    view = await purchases.create_purchase(shop.owner, URL, PurchaseCreate(credits=1_000))
    assert view.checkout_url is not None
    assert not await shop.paying.pay(view.checkout_url, THREE_D_SECURE, approves=False)
    await shop.hear_provider()
    assert (await balance_of(shop.tenant_id)).available == 0
    assert await papers_written(shop.tenant_id) == []
    assert await shop.paying.pay(view.checkout_url)  # the page is still open: another card
    await shop.hear_provider()
    assert (await balance_of(shop.tenant_id)).available == 1_000
    assert len(await papers_written(shop.tenant_id)) == 1
    assert await broken() == []
