"""How a document's facts are written, wherever they are shown."""

from typing import Final

from backend.billing.document_states import DocumentKind, PaymentMethod
from backend.billing.pricing import MICRO
from backend.billing.schemas.documents import DocumentView, Party, VatRow
from backend.billing.states import TaxCategory

TITLES: Final = {
    DocumentKind.INVOICE: "Invoice",
    DocumentKind.MONTHLY_INVOICE: "Invoice",
    DocumentKind.RECEIPT: "Receipt",
    DocumentKind.CREDIT_NOTE: "Credit note",
}
METHODS: Final = {
    PaymentMethod.CARD: "card",
    PaymentMethod.BANK_TRANSFER: "bank transfer",
    PaymentMethod.OTHER: "other means",
}
_DECIMALS_MIN: Final = 2


def unit_price(price_micro: int, currency: str) -> str:
    """`0.065 EUR`: as many decimals as there are, two at least."""
    whole, rest = divmod(price_micro, MICRO)
    decimals = f"{rest:06d}".rstrip("0").ljust(_DECIMALS_MIN, "0")
    return f"{whole:,}.{decimals} {currency}"


def percent(rate_permille: int) -> str:
    whole, rest = divmod(rate_permille, 10)
    return f"{whole}.{rest} %" if rest else f"{whole} %"


def vat_name(row: VatRow) -> str:
    if row.tax_category is TaxCategory.STANDARD:
        return f"VAT {percent(row.rate_permille)}"
    names = {
        TaxCategory.REVERSE_CHARGE: "VAT, reverse charge",
        TaxCategory.OUTSIDE_SCOPE: "Not subject to VAT",
    }
    return names[row.tax_category]


def address_of(party: Party) -> list[str]:
    town = " ".join(part for part in (party.postal_code, party.city) if part)
    return [*party.address_lines, town, party.country]


def facts_of(document: DocumentView) -> list[tuple[str, str]]:
    """Label and value, in the order they stand on the page."""
    found = [("Number", document.number), ("Issued", document.issued_on.isoformat())]
    if document.original_number:
        found.append(("Corrects", document.original_number))
    if document.period_from and document.period_to:
        period = f"{document.period_from.isoformat()} – {document.period_to.isoformat()}"
        found.append(("Period", period))
    else:
        found.append(("Supplied", document.supplied_on.isoformat()))
    if document.due_on:
        found.append(("Due", document.due_on.isoformat()))
    if document.buyer.purchase_reference:
        found.append(("Your reference", document.buyer.purchase_reference))
    return found


def payment_of(document: DocumentView) -> list[str]:
    """How it was or is to be paid, as it stood when issued: later payments change no page."""
    seller = document.seller
    if document.due_on is not None:
        bank = [
            f"Please pay by {document.due_on.isoformat()} by bank transfer.",
            f"Payment reference: {document.number}",
        ]
        named = (("Bank", seller.bank_name), ("IBAN", seller.iban), ("BIC", seller.bic))
        return bank + [f"{label}: {value}" for label, value in named if value]
    if document.paid_at is not None and document.payment_method is not None:
        day, method = document.supplied_on.isoformat(), METHODS[document.payment_method]
        return [f"Paid on {day} by {method}. Nothing is left to pay."]
    return []


def notes_of(document: DocumentView) -> list[str]:
    """The document's own, then what the law wants said about its tax; each once."""
    said = [*document.notes, *(row.tax_note for row in document.vat if row.tax_note)]
    return list(dict.fromkeys(note for note in said if note))
