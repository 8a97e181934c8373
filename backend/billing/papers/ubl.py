"""A document as UBL 2.1, the syntax EN 16931 invoices are exchanged in between programs."""

from typing import Final
from xml.etree import ElementTree as ET

from backend.billing.document_states import DocumentKind
from backend.billing.papers.words import notes_of
from backend.billing.pricing import CURRENCY_DIGITS, MICRO
from backend.billing.schemas.documents import DocumentView, LineView, Party, VatRow
from backend.billing.states import TaxCategory
from backend.billing.vat_numbers import prefix_of
from backend.kernel.errors import Conflict

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd"
CBC: Final = f"{_UBL}:CommonBasicComponents-2"
CAC: Final = f"{_UBL}:CommonAggregateComponents-2"
CUSTOMIZATION: Final = "urn:cen.eu:en16931:2017"
INVOICE_CODE: Final = "380"
CREDIT_NOTE_CODE: Final = "381"
BANK_TRANSFER_CODE: Final = "30"
CREDIT_TERMS: Final = "Given back as the document it corrects was paid."
UNIT_ONE: Final = "C62"
"""UN/ECE Recommendation 20: one piece, here a credit."""


def ubl_of(document: DocumentView) -> bytes:
    """Raises Conflict `no_structured_invoice` for a receipt, which is no VAT invoice."""
    if document.kind is DocumentKind.RECEIPT:
        raise Conflict("no_structured_invoice", "a receipt is no invoice: take its JSON")
    is_credit = document.kind is DocumentKind.CREDIT_NOTE
    name = "CreditNote" if is_credit else "Invoice"
    spaces = {"xmlns": f"{_UBL}:{name}-2", "xmlns:cac": CAC, "xmlns:cbc": CBC}
    root = ET.Element(name, spaces)
    _head(root, document, is_credit=is_credit)
    # BR-O-02: outside the scope of VAT neither side is named by its VAT id.
    is_outside = any(row.tax_category is TaxCategory.OUTSIDE_SCOPE for row in document.vat)
    _party(_into(root, "AccountingSupplierParty"), document.seller, "TAX" if is_outside else "VAT")
    _party(_into(root, "AccountingCustomerParty"), document.buyer, "" if is_outside else "VAT")
    delivery = _into(root, "Delivery")
    _say(delivery, "ActualDeliveryDate", document.supplied_on.isoformat())
    if document.due_on is not None and document.seller.iban:
        _payment(root, document)
    if is_credit:
        # BR-CO-25: what is to be paid says when.
        _say(_into(root, "PaymentTerms"), "Note", CREDIT_TERMS)
    _tax_total(root, document)
    _sums(root, document)
    for line in document.lines:
        _line(root, line, document.currency, is_credit=is_credit)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _into(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"cac:{name}")


def _say(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"cbc:{name}", attributes).text = text


def amount(minor: int, currency: str) -> str:
    digits = CURRENCY_DIGITS[currency]
    whole, rest = divmod(minor, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if digits else str(whole)


def _money(parent: ET.Element, name: str, minor: int, currency: str) -> None:
    _say(parent, name, amount(minor, currency), currencyID=currency)


def _head(root: ET.Element, document: DocumentView, *, is_credit: bool) -> None:
    _say(root, "CustomizationID", CUSTOMIZATION)
    _say(root, "ID", document.number)
    _say(root, "IssueDate", document.issued_on.isoformat())
    if document.due_on is not None and not is_credit:
        _say(root, "DueDate", document.due_on.isoformat())
    code = CREDIT_NOTE_CODE if is_credit else INVOICE_CODE
    _say(root, "CreditNoteTypeCode" if is_credit else "InvoiceTypeCode", code)
    for note in notes_of(document):
        _say(root, "Note", note)
    _say(root, "DocumentCurrencyCode", document.currency)
    if document.buyer.purchase_reference:
        _say(root, "BuyerReference", document.buyer.purchase_reference)
    if document.period_from and document.period_to:
        period = _into(root, "InvoicePeriod")
        _say(period, "StartDate", document.period_from.isoformat())
        _say(period, "EndDate", document.period_to.isoformat())
    if document.original_number:
        reference = _into(_into(root, "BillingReference"), "InvoiceDocumentReference")
        _say(reference, "ID", document.original_number)


def _party(parent: ET.Element, party: Party, scheme_id: str) -> None:
    """`scheme_id`: what kind of number the VAT id is here; empty: the register's of companies."""
    inside = _into(parent, "Party")
    _say(_into(inside, "PartyName"), "Name", party.name)
    address = _into(inside, "PostalAddress")
    names = ("StreetName", "AdditionalStreetName")
    for name, line in zip(names, party.address_lines, strict=False):
        _say(address, name, line)
    _say(address, "CityName", party.city)
    if party.postal_code:
        _say(address, "PostalZone", party.postal_code)
    further = party.address_lines[len(names) :]
    if further:
        _say(_into(address, "AddressLine"), "Line", ", ".join(further))
    _say(_into(address, "Country"), "IdentificationCode", party.country)
    if party.vat_id and scheme_id:
        # EN 16931 (BR-CO-09) wants the country's prefix, which ids outside the EU may lack.
        prefix = prefix_of(party.country)
        vat_id = party.vat_id if party.vat_id.startswith(prefix) else f"{prefix}{party.vat_id}"
        scheme = _into(inside, "PartyTaxScheme")
        _say(scheme, "CompanyID", vat_id)
        _say(_into(scheme, "TaxScheme"), "ID", scheme_id)
    legal = _into(inside, "PartyLegalEntity")
    _say(legal, "RegistrationName", party.name)
    # BR-CO-26: a seller that is named by no VAT id is by its register's number.
    number = party.registration or ("" if scheme_id else party.vat_id)
    if number:
        _say(legal, "CompanyID", number)
    _say(_into(inside, "Contact"), "ElectronicMail", party.email)


def _payment(root: ET.Element, document: DocumentView) -> None:
    means = _into(root, "PaymentMeans")
    _say(means, "PaymentMeansCode", BANK_TRANSFER_CODE)
    _say(means, "PaymentID", document.number)
    account = _into(means, "PayeeFinancialAccount")
    _say(account, "ID", document.seller.iban)
    if document.seller.bic:
        _say(_into(account, "FinancialInstitutionBranch"), "ID", document.seller.bic)


def _tax_total(root: ET.Element, document: DocumentView) -> None:
    total = _into(root, "TaxTotal")
    _money(total, "TaxAmount", document.tax_minor, document.currency)
    for row in document.vat:
        part = _into(total, "TaxSubtotal")
        _money(part, "TaxableAmount", row.net_minor, document.currency)
        _money(part, "TaxAmount", row.tax_minor, document.currency)
        _category(part, "TaxCategory", row)


def _category(parent: ET.Element, name: str, row: VatRow | LineView) -> None:
    category = _into(parent, name)
    _say(category, "ID", row.tax_category.value)
    if row.tax_category is not TaxCategory.OUTSIDE_SCOPE:  # BR-O-05: without a rate
        _say(category, "Percent", f"{row.rate_permille // 10}.{row.rate_permille % 10}")
    if name == "TaxCategory" and row.tax_category is not TaxCategory.STANDARD:
        codes = {
            TaxCategory.REVERSE_CHARGE: "VATEX-EU-AE",
            TaxCategory.OUTSIDE_SCOPE: "VATEX-EU-O",
        }
        _say(category, "TaxExemptionReasonCode", codes[row.tax_category])
        _say(category, "TaxExemptionReason", row.tax_note)
    _say(_into(category, "TaxScheme"), "ID", "VAT")


def _sums(root: ET.Element, document: DocumentView) -> None:
    sums, currency = _into(root, "LegalMonetaryTotal"), document.currency
    # Money that came before the document was issued: an invoice of a purchase is paid.
    is_prepaid = document.kind is not DocumentKind.CREDIT_NOTE and document.due_on is None
    paid = document.gross_minor if is_prepaid else 0
    _money(sums, "LineExtensionAmount", document.net_minor, currency)
    _money(sums, "TaxExclusiveAmount", document.net_minor, currency)
    _money(sums, "TaxInclusiveAmount", document.gross_minor, currency)
    if paid:
        _money(sums, "PrepaidAmount", paid, currency)
    _money(sums, "PayableAmount", document.gross_minor - paid, currency)


def _line(root: ET.Element, line: LineView, currency: str, *, is_credit: bool) -> None:
    inside = _into(root, "CreditNoteLine" if is_credit else "InvoiceLine")
    _say(inside, "ID", str(line.line_no))
    quantity = "CreditedQuantity" if is_credit else "InvoicedQuantity"
    _say(inside, quantity, str(line.quantity), unitCode=UNIT_ONE)
    _money(inside, "LineExtensionAmount", line.net_minor, currency)
    item = _into(inside, "Item")
    _say(item, "Name", line.description)
    _category(item, "ClassifiedTaxCategory", line)
    whole, rest = divmod(line.unit_price_micro, MICRO)
    _say(_into(inside, "Price"), "PriceAmount", f"{whole}.{rest:06d}", currencyID=currency)
