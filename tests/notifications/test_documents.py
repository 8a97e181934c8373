"""A document is mailed once to the address its buyer gave, whoever has an account."""

import pytest

from backend.billing.schemas.documents import InvoiceCreate
from backend.billing.service.sales import create_invoice
from tests.billing.desk import clerk
from tests.billing.factories import make_profile
from tests.database import CleanDatabase
from tests.factories import make_tenant
from tests.notifications.post import DESK, Post, mail_rows, send_all, tell_all, text_of

pytestmark = pytest.mark.anyio


async def test_an_invoice_is_mailed_to_the_buyers_address(database: CleanDatabase, post: Post):
    del database
    tenant = await make_tenant()
    await make_profile(tenant, email="accounts@nordlys.example")
    asked = InvoiceCreate(credits=5_000, reason="by bank transfer")
    invoice = await create_invoice(clerk(), tenant, asked)
    await tell_all(times=3)
    await send_all(post)
    [mail] = post.to("accounts@nordlys.example")
    text = text_of(mail)
    assert invoice.number in mail["Subject"]
    assert f"Please pay by {invoice.due_on}" in text
    assert "Nordlys Retail AS" in text
    assert f"{DESK}/credits/documents" in text
    assert [row["kind"] for row in await mail_rows()].count("document_issued") == 1
