"""Documents on paper and as data: the same bytes, every figure, every accent."""

import io
import time
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import msgspec
import pypdf
import pytest

from backend.billing.document_states import DocumentKind, DocumentState, PaymentMethod
from backend.billing.papers.pdf import pdf_of
from backend.billing.papers.ubl import CAC, CBC, ubl_of
from backend.billing.papers.words import unit_price
from backend.billing.pricing import NOTE_OUTSIDE_EU, NOTE_REVERSE_CHARGE
from backend.billing.schemas.documents import DocumentView, LineView, Party
from backend.billing.service.issuing import NOTE_SPECIMEN, vat_rows
from backend.billing.states import TaxCategory
from backend.kernel.errors import Conflict
from backend.kernel.ids import uuid7
from tests.billing.en16931 import broken_rules

SELLER = Party(
    name="Clearsend Ireland Ltd",
    address_lines=["1 Sample Quay", "Docklands"],
    postal_code="D02 XY45",
    city="Dublin",
    country="IE",
    vat_id="IE1234567T",
    email="billing@clearsend.example",
    registration="CRO 123456",
    bank_name="Bank of Samples",
    iban="IE64IRCE92050112345678",
    bic="IRCEIE2D",
)
BUYER = Party(
    name="Παπαδόπουλος & Čapek Žluťoučký OÜ, ТОВ «Київ Їжак»",
    address_lines=["Łódzka 12", "c/o Ångström Straße", "Đường Nguyễn Huệ"],
    postal_code="10557",
    city="Αθήνα",
    country="GR",
    vat_id="EL094259216",
    email="logistirio@example.gr",
    purchase_reference="PO-4711",
)


def line_of(**changed: object) -> LineView:
    facts: dict[str, object] = {
        "line_no": 1,
        "description": "Prepaid message credits (tariff 1)",
        "quantity": 20_000,
        "unit_price_micro": 59_000,
        "net_minor": 118_000,
        "tax_category": TaxCategory.STANDARD,
        "rate_permille": 230,
        "tax_minor": 27_140,
        "tax_note": "",
    }
    return msgspec.convert(facts | changed, LineView)


def document_of(*lines: LineView, **changed: object) -> DocumentView:
    found = list(lines) or [line_of()]
    net, tax = sum(x.net_minor for x in found), sum(x.tax_minor for x in found)
    facts: dict[str, object] = {
        "id": uuid7(),
        "tenant_id": uuid7(),
        "kind": DocumentKind.INVOICE,
        "number": "INV-000042",
        "state": DocumentState.PAID,
        "source": "purchase:1",
        "original_id": None,
        "original_number": None,
        "issued_at": datetime(2026, 11, 22, 17, 0, tzinfo=UTC),
        "issued_on": date(2026, 11, 22),
        "supplied_on": date(2026, 11, 22),
        "due_on": None,
        "period_from": None,
        "period_to": None,
        "paid_at": datetime(2026, 11, 22, 16, 59, tzinfo=UTC),
        "payment_method": PaymentMethod.CARD,
        "currency": "EUR",
        "credits": 20_000,
        "net_minor": net,
        "tax_minor": tax,
        "gross_minor": net + tax,
        "seller": SELLER,
        "buyer": BUYER,
        "lines": found,
        "vat": vat_rows(found),
        "notes": [],
        "is_specimen": False,
    }
    return DocumentView(**(facts | changed))  # type: ignore[arg-type] # each has its type above


REVERSE = line_of(
    tax_category=TaxCategory.REVERSE_CHARGE,
    rate_permille=0,
    tax_minor=0,
    tax_note=NOTE_REVERSE_CHARGE,
)
OUTSIDE = line_of(
    tax_category=TaxCategory.OUTSIDE_SCOPE, rate_permille=0, tax_minor=0, tax_note=NOTE_OUTSIDE_EU
)
UNPAID = {
    "state": DocumentState.OPEN,
    "paid_at": None,
    "payment_method": None,
    "due_on": date(2026, 12, 6),
}


def text_of(document: DocumentView) -> str:
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(document)))
    return "\n".join(page.extract_text() for page in reader.pages)


def test_every_figure_and_name_is_on_the_page():
    text = text_of(document_of()).replace("\n", " ")
    for said in (
        "Invoice",
        "INV-000042",
        "2026-11-22",
        "Clearsend Ireland Ltd",
        "IE1234567T",
        "Παπαδόπουλος & Čapek Žluťoučký",
        "ТОВ «Київ Їжак»",
        "Łódzka 12",
        "Ångström Straße",
        "Đường Nguyễn Huệ",
        "Αθήνα",
        "EL094259216",
        "PO-4711",
        "20,000",
        "0.059 EUR",
        "23 %",
        "1,180.00 EUR",
        "271.40 EUR",
        "1,451.40 EUR",
        "Paid on 2026-11-22 by card",
        "page 1 of 1",
    ):
        assert said in text, said


def test_what_is_open_says_how_it_is_paid():
    text = text_of(document_of(**UNPAID))
    for said in ("2026-12-06", "IE64IRCE92050112345678", "IRCEIE2D", "reference: INV-000042"):
        assert said in text, said
    assert "Paid on" not in text


@pytest.mark.parametrize(
    ("line", "said"), [(REVERSE, "Reverse charge"), (OUTSIDE, "Outside the scope of EU VAT")]
)
def test_why_no_tax_is_charged_is_written(line, said):
    text = text_of(document_of(line)).replace("\n", " ")
    assert said in text
    assert "Article" in text


def test_a_credit_note_names_what_it_corrects():
    note = document_of(
        kind=DocumentKind.CREDIT_NOTE,
        state=DocumentState.ISSUED,
        original_number="INV-000041",
        number="CN-000001",
        paid_at=None,
        payment_method=None,
    )
    text = text_of(note)
    for said in ("Credit note", "CN-000001", "INV-000041", "Total credited"):
        assert said in text, said


def test_the_same_document_gives_the_same_bytes():
    document = document_of()
    first = pdf_of(document)
    time.sleep(1.1)  # a second later, where a date of making would differ
    assert first == pdf_of(document)
    assert ubl_of(document) == ubl_of(document)


def test_what_the_typeface_lacks_is_said_and_kept_in_the_data():
    strange = msgspec.structs.replace(BUYER, name="შპს თბილისი 東京", purchase_reference="")
    document = document_of(buyer=strange)
    assert "cannot print" in text_of(document).replace("\n", " ")
    assert "cannot print" not in text_of(document_of())
    assert "შპს თბილისი 東京" in ubl_of(document).decode()


def test_many_lines_go_over_pages_with_their_numbers():
    lines = [line_of(line_no=at, description=f"Line {at} " + "word " * 40) for at in range(1, 41)]
    document = document_of(*lines)
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(document)))
    assert len(reader.pages) > 2
    for at, page in enumerate(reader.pages, 1):
        assert f"page {at} of {len(reader.pages)}" in page.extract_text()
    text = "".join(page.extract_text() for page in reader.pages)
    assert "Line 40" in text
    assert "58,056.00 EUR" in text


def test_a_specimen_says_so():
    text = text_of(document_of(notes=[NOTE_SPECIMEN], is_specimen=True)).replace("\n", " ")
    assert "This is no invoice" in text


@pytest.mark.parametrize(
    ("micro", "shown"),
    [(65_000, "0.065 EUR"), (1_000_000, "1.00 EUR"), (1, "0.000001 EUR"), (2_500_000, "2.50 EUR")],
)
def test_a_unit_price_has_the_decimals_it_needs(micro, shown):
    assert unit_price(micro, "EUR") == shown


SPACES = {"cac": CAC, "cbc": CBC}


def said_in(root: ET.Element, path: str) -> str:
    found = root.find(path, SPACES)
    assert found is not None, path
    return found.text or ""


def test_the_structured_invoice_carries_the_same_figures():
    root = ET.fromstring(ubl_of(document_of(**UNPAID)))  # noqa: S314 - our own bytes
    assert root.tag == "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
    expected = {
        "cbc:CustomizationID": "urn:cen.eu:en16931:2017",
        "cbc:ID": "INV-000042",
        "cbc:IssueDate": "2026-11-22",
        "cbc:DueDate": "2026-12-06",
        "cbc:InvoiceTypeCode": "380",
        "cbc:DocumentCurrencyCode": "EUR",
        "cbc:BuyerReference": "PO-4711",
        "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID": "IE1234567T",
        "cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID": "EL094259216",
        "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cac:Country"
        "/cbc:IdentificationCode": "GR",
        "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cac:AddressLine/cbc:Line": (
            "Đường Nguyễn Huệ"
        ),
        "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID": "IE64IRCE92050112345678",
        "cac:TaxTotal/cbc:TaxAmount": "271.40",
        "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount": "1180.00",
        "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent": "23.0",
        "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount": "1451.40",
        "cac:LegalMonetaryTotal/cbc:PayableAmount": "1451.40",
        "cac:InvoiceLine/cbc:InvoicedQuantity": "20000",
        "cac:InvoiceLine/cac:Price/cbc:PriceAmount": "0.059000",
    }
    assert {path: said_in(root, path) for path in expected} == expected


def test_what_is_paid_leaves_nothing_payable():
    root = ET.fromstring(ubl_of(document_of()))  # noqa: S314 - our own bytes
    assert said_in(root, "cac:LegalMonetaryTotal/cbc:PrepaidAmount") == "1451.40"
    assert said_in(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == "0.00"


def test_outside_the_scope_nobody_is_named_by_a_vat_id():
    """BR-O-02 of EN 16931."""
    root = ET.fromstring(ubl_of(document_of(OUTSIDE)))  # noqa: S314 - our own bytes
    schemes = [each.text for each in root.findall(".//cac:PartyTaxScheme/cac:TaxScheme/*", SPACES)]
    assert schemes == ["TAX"]
    legal = "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID"
    assert said_in(root, legal) == "EL094259216"
    category = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"
    assert said_in(root, f"{category}/cbc:TaxExemptionReasonCode") == "VATEX-EU-O"
    assert root.find(f"{category}/cbc:Percent", SPACES) is None


def test_a_credit_note_is_one_in_the_data_too():
    note = document_of(
        REVERSE,
        kind=DocumentKind.CREDIT_NOTE,
        state=DocumentState.ISSUED,
        original_number="INV-000041",
    )
    root = ET.fromstring(ubl_of(note))  # noqa: S314 - our own bytes
    assert root.tag.endswith("CreditNote-2}CreditNote")
    path = "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"
    assert said_in(root, path) == "INV-000041"
    assert said_in(root, "cbc:CreditNoteTypeCode") == "381"
    assert said_in(root, "cac:CreditNoteLine/cbc:CreditedQuantity") == "20000"


def test_a_receipt_is_no_structured_invoice():
    receipt = document_of(kind=DocumentKind.RECEIPT, state=DocumentState.ISSUED)
    with pytest.raises(Conflict, match="no_structured_invoice"):
        ubl_of(receipt)


CREDITED = {
    "kind": DocumentKind.CREDIT_NOTE,
    "state": DocumentState.ISSUED,
    "original_number": "INV-000041",
    "paid_at": None,
    "payment_method": None,
}
MONTH = {
    **UNPAID,
    "kind": DocumentKind.MONTHLY_INVOICE,
    "period_from": date(2026, 10, 1),
    "period_to": date(2026, 10, 31),
}


@pytest.mark.parametrize(
    "state", [{}, UNPAID, CREDITED, MONTH], ids=["paid", "open", "note", "month"]
)
@pytest.mark.parametrize(
    "lines",
    [
        (line_of(),),
        (REVERSE,),
        (OUTSIDE,),
        (line_of(), line_of(line_no=2, net_minor=1, tax_minor=0)),
    ],
    ids=["standard", "reverse charge", "outside", "two lines"],
)
def test_the_structured_invoice_keeps_the_rules_of_its_norm(lines, state):
    assert broken_rules(ubl_of(document_of(*lines, **state))) == []


def test_a_broken_rule_is_named():
    made = ubl_of(document_of())
    assert broken_rules(made.replace(b">1451.40</cbc:TaxInc", b">1451.41</cbc:TaxInc")) == [
        "BR-CO-15",
        "BR-CO-16",
    ]
    assert broken_rules(made.replace(b"IE1234567T", b"")) == ["BR-S-02"]
    assert broken_rules(made.replace(b">380<", b">381<")) == ["BR-04"]
