"""Documents and prices as browsers and programs meet them."""

import io

import pypdf
import pytest

from backend.kernel.principal import StaffRole
from tests.browserless import World

pytestmark = pytest.mark.anyio
PROFILE = {
    "version": 0,
    "company_name": "Nordlys Retail AS",
    "address_lines": ["Storgata 1"],
    "postal_code": "0155",
    "city": "Oslo",
    "country": "NO",
    "email": "billing@nordlys.example",
}


async def test_from_a_price_to_a_paid_invoice(world: World):
    owner = await world.tenant()
    finance = await world.staff(StaffRole.FINANCE)
    shown = (await owner.get("/v1/credit-price", params={"credits": 1000})).json()
    assert (shown["is_estimate"], shown["price"]["gross_minor"]) == (True, 7995)
    assert (await owner.get("/v1/billing-profile")).json()["code"] == "billing_profile_absent"
    path = f"/v1/tenants/{owner.tenant_id}/invoices"
    asked = {"credits": 1000, "reason": "asked by mail"}
    refused = await finance.post(path, json=asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "billing_profile_required")
    assert (await owner.put("/v1/billing-profile", json=PROFILE)).status_code == 200
    made = await finance.post(path, json=asked, headers={"idempotency-key": "one"})
    again = await finance.post(path, json=asked, headers={"idempotency-key": "one"})
    assert made.status_code == 201, made.text
    assert made.json() == again.json()
    (listed,) = (await owner.get("/v1/documents")).json()["items"]
    assert (listed["number"], listed["state"]) == ("INV-000001", "open")
    document = f"/v1/documents/{listed['id']}"
    paper = await owner.get(f"{document}/document.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.headers["content-disposition"] == 'attachment; filename="INV-000001.pdf"'
    text = pypdf.PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert "65.00 EUR" in text
    data = await finance.get(f"{document}/document.xml")
    assert data.headers["content-type"].startswith("application/xml")
    assert b"<cbc:PayableAmount" in data.content
    for wrong in ("kind=x", "document_state=x", "tenant_id=x"):
        assert (await owner.get(f"/v1/documents?{wrong}")).status_code == 422


async def test_whoever_does_not_pay_sees_no_document(world: World):
    owner = await world.tenant()
    moderator = await world.staff(StaffRole.MODERATOR)
    other = await world.tenant("Fjord")
    for path in ("/v1/documents", "/v1/tariffs", "/v1/billing-profile"):
        assert (await moderator.get(path)).status_code == 403
    assert (await owner.get("/v1/tariffs")).status_code == 403
    foreign = await owner.get("/v1/documents", params={"tenant_id": other.tenant_id})
    assert foreign.status_code == 404
