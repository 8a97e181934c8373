"""The closed sets of documents, and what an unpaid one may become."""

from enum import StrEnum
from typing import Final

DOCUMENT_CREDITS_MAX = 1_000_000_000
NUMBER_DIGITS = 6


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    MONTHLY_INVOICE = "monthly_invoice"
    RECEIPT = "receipt"
    """Money in advance for credits that are taxed when used: no tax is charged on it."""
    CREDIT_NOTE = "credit_note"


class Series(StrEnum):
    """Each counts by itself, from 1."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"


class DocumentState(StrEnum):
    ISSUED = "issued"
    """Receipts and credit notes: nothing is to be paid on them."""
    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    VOID = "void"
    """Taken back by a credit note before it was paid."""


class PaymentMethod(StrEnum):
    CARD = "card"
    BANK_TRANSFER = "bank_transfer"
    OTHER = "other"


TRANSITIONS: Final = {
    DocumentState.ISSUED: frozenset[DocumentState](),
    DocumentState.OPEN: frozenset(
        {DocumentState.OVERDUE, DocumentState.PAID, DocumentState.VOID},
    ),
    DocumentState.OVERDUE: frozenset({DocumentState.PAID, DocumentState.VOID}),
    DocumentState.PAID: frozenset[DocumentState](),
    DocumentState.VOID: frozenset[DocumentState](),
}


def series_of(kind: DocumentKind) -> Series:
    return Series.INVOICE if kind is DocumentKind.MONTHLY_INVOICE else Series(kind.value)
