"""The business rules of EN 16931 that a document of ours can meet or break, each by its number.

Written from the norm's own wording; `broken_rules` names those a UBL document breaks.
"""

from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree as ET

from backend.billing.papers.ubl import CAC, CBC

SPACES = {"cac": CAC, "cbc": CBC}
CENT = Decimal("0.01")
TOLERANCE = Decimal(1)
"""Of a tax against its base times its rate: the norm's own, for taxes are rounded line by line."""


class Document:
    def __init__(self, content: bytes) -> None:
        self.root = ET.fromstring(content)  # noqa: S314 - our own bytes
        self.is_credit = self.root.tag.endswith("}CreditNote")
        self.lines = self.all("cac:CreditNoteLine" if self.is_credit else "cac:InvoiceLine")
        self.breakdown = self.all("cac:TaxTotal/cac:TaxSubtotal")
        self.categories = {text(row, "cac:TaxCategory/cbc:ID") for row in self.breakdown}

    def all(self, path: str) -> list[ET.Element]:
        return self.root.findall(path, SPACES)

    def said(self, path: str) -> str:
        return text(self.root, path)

    def sum_of(self, name: str) -> Decimal:
        return Decimal(self.said(f"cac:LegalMonetaryTotal/cbc:{name}") or 0)


def text(at: ET.Element, path: str) -> str:
    found = at.find(path, SPACES)
    return (found.text or "").strip() if found is not None else ""


def money(at: ET.Element, path: str) -> Decimal:
    return Decimal(text(at, path))


SELLER = "cac:AccountingSupplierParty/cac:Party"
BUYER = "cac:AccountingCustomerParty/cac:Party"
COUNTRY = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"
NAME = "cac:PartyLegalEntity/cbc:RegistrationName"
NEEDED = {
    "BR-01": "cbc:CustomizationID",
    "BR-02": "cbc:ID",
    "BR-03": "cbc:IssueDate",
    "BR-05": "cbc:DocumentCurrencyCode",
    "BR-06": f"{SELLER}/{NAME}",
    "BR-07": f"{BUYER}/{NAME}",
    "BR-08": f"{SELLER}/cac:PostalAddress/cbc:CityName",
    "BR-09": f"{SELLER}/{COUNTRY}",
    "BR-10": f"{BUYER}/cac:PostalAddress/cbc:CityName",
    "BR-11": f"{BUYER}/{COUNTRY}",
    "BR-12": "cac:LegalMonetaryTotal/cbc:LineExtensionAmount",
    "BR-13": "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
    "BR-14": "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
    "BR-15": "cac:LegalMonetaryTotal/cbc:PayableAmount",
}


def broken_rules(content: bytes) -> list[str]:
    made = Document(content)
    rules = (*_head(made), *_lines(made), *_sums(made), *_taxes(made), *_parties(made))
    return sorted({name for name, holds in rules if not holds})


def _head(made: Document) -> Iterator[tuple[str, bool]]:
    for name, path in NEEDED.items():
        yield name, bool(made.said(path))
    kind = "CreditNoteTypeCode" if made.is_credit else "InvoiceTypeCode"
    yield "BR-04", made.said(f"cbc:{kind}") in ({"381"} if made.is_credit else {"380"})
    yield "BR-16", len(made.lines) > 0
    due = made.said("cbc:DueDate") or made.said("cac:PaymentTerms/cbc:Note")
    yield "BR-CO-25", made.sum_of("PayableAmount") <= 0 or bool(due)
    for means in made.all("cac:PaymentMeans"):
        code = text(means, "cbc:PaymentMeansCode")
        yield "BR-49", bool(code)
        account = text(means, "cac:PayeeFinancialAccount/cbc:ID")
        yield "BR-61", code not in {"30", "58"} or bool(account)
    for period in made.all("cac:InvoicePeriod"):
        start, end = text(period, "cbc:StartDate"), text(period, "cbc:EndDate")
        yield "BR-29", end >= start
        yield "BR-CO-19", bool(start or end)
    for reference in made.all("cac:BillingReference"):
        yield "BR-55", bool(text(reference, "cac:InvoiceDocumentReference/cbc:ID"))


def _lines(made: Document) -> Iterator[tuple[str, bool]]:
    quantity = "cbc:CreditedQuantity" if made.is_credit else "cbc:InvoicedQuantity"
    for line in made.lines:
        counted = line.find(quantity, SPACES)
        yield "BR-21", bool(text(line, "cbc:ID"))
        yield "BR-22", counted is not None and bool(counted.text)
        yield "BR-23", counted is not None and bool(counted.get("unitCode"))
        yield "BR-24", bool(text(line, "cbc:LineExtensionAmount"))
        yield "BR-25", bool(text(line, "cac:Item/cbc:Name"))
        yield "BR-26", bool(text(line, "cac:Price/cbc:PriceAmount"))
        yield "BR-27", money(line, "cac:Price/cbc:PriceAmount") >= 0
        yield "BR-CO-04", bool(text(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:ID"))


def _sums(made: Document) -> Iterator[tuple[str, bool]]:
    nets = sum((money(line, "cbc:LineExtensionAmount") for line in made.lines), Decimal(0))
    tax = Decimal(made.said("cac:TaxTotal/cbc:TaxAmount") or 0)
    parts = sum((money(row, "cbc:TaxAmount") for row in made.breakdown), Decimal(0))
    net, gross = made.sum_of("TaxExclusiveAmount"), made.sum_of("TaxInclusiveAmount")
    yield "BR-CO-10", made.sum_of("LineExtensionAmount") == nets
    yield "BR-CO-13", net == made.sum_of("LineExtensionAmount")
    yield "BR-CO-14", tax == parts
    yield "BR-CO-15", gross == net + tax
    yield "BR-CO-16", made.sum_of("PayableAmount") == gross - made.sum_of("PrepaidAmount")
    yield "BR-CO-18", len(made.breakdown) > 0
    currency = made.said("cbc:DocumentCurrencyCode")
    amounts = [one for one in made.root.iter() if one.get("currencyID") is not None]
    yield (
        "BR-DEC",
        all(
            Decimal(one.text or "") == Decimal(one.text or "").quantize(CENT)
            for one in amounts
            if not one.tag.endswith("}PriceAmount")
        ),
    )
    yield "UBL-CUR", {one.get("currencyID") for one in amounts} == {currency}


def _taxes(made: Document) -> Iterator[tuple[str, bool]]:
    for row in made.breakdown:
        category = text(row, "cac:TaxCategory/cbc:ID")
        rate, reason = text(row, "cac:TaxCategory/cbc:Percent"), "cac:TaxCategory/cbc:TaxExemption"
        base, tax = money(row, "cbc:TaxableAmount"), money(row, "cbc:TaxAmount")
        of_it = [
            line
            for line in made.lines
            if text(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:ID") == category
            and text(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent") == rate
        ]
        nets = sum((money(line, "cbc:LineExtensionAmount") for line in of_it), Decimal(0))
        has_reason = bool(text(row, f"{reason}Reason") or text(row, f"{reason}ReasonCode"))
        yield "BR-45", bool(text(row, "cbc:TaxableAmount"))
        yield "BR-46", bool(text(row, "cbc:TaxAmount"))
        yield "BR-47", bool(category)
        yield "BR-48", bool(rate) or category == "O"
        yield f"BR-{category}-08", base == nets
        yield "BR-CO-17", abs(base * Decimal(rate or 0) / 100 - tax) < TOLERANCE
        if category == "S":
            yield "BR-S-05", Decimal(rate) > 0
            yield "BR-S-10", not has_reason
        else:
            yield f"BR-{category}-09", tax == 0
            yield f"BR-{category}-10", has_reason
            yield f"BR-{category}-05", Decimal(rate or 0) == 0
            yield "BR-O-05", (category == "O") == (rate == "")
    yield "BR-O-11", "O" not in made.categories or made.categories == {"O"}


def vat_id_of(made: Document, party: str) -> str:
    for scheme in made.all(f"{party}/cac:PartyTaxScheme"):
        if text(scheme, "cac:TaxScheme/cbc:ID") == "VAT":
            return text(scheme, "cbc:CompanyID")
    return ""


def _parties(made: Document) -> Iterator[tuple[str, bool]]:
    seller, buyer = vat_id_of(made, SELLER), vat_id_of(made, BUYER)
    legal = "cac:PartyLegalEntity/cbc:CompanyID"
    for vat_id in filter(None, (seller, buyer)):
        yield "BR-CO-09", vat_id[:2].isalpha() and vat_id[:2].isupper()
    yield "BR-CO-26", bool(seller or made.said(f"{SELLER}/{legal}"))
    yield "BR-S-02", "S" not in made.categories or bool(seller)
    yield (
        "BR-AE-02",
        "AE" not in made.categories
        or (bool(seller) and bool(buyer or made.said(f"{BUYER}/{legal}"))),
    )
    yield "BR-O-02", "O" not in made.categories or not (seller or buyer)
