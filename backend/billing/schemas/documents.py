"""What stands on a document. Frozen when it is issued: everything Article 226 of Directive
2006/112/EC asks for is here and not looked up again.
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.billing.document_states import DocumentKind, DocumentState, PaymentMethod
from backend.billing.schemas.top_ups import Reason
from backend.billing.states import PURCHASE_CREDITS_MAX, TaxCategory
from backend.kernel.views import Input, View


class Party(View, frozen=True, kw_only=True):
    name: str
    address_lines: list[str]
    postal_code: str
    city: str
    country: str
    vat_id: str | None
    email: str
    registration: str = ""
    purchase_reference: str = ""
    vat_check_reference: str = ""
    """The register's receipt for having been asked: why no tax was charged."""
    bank_name: str = ""
    iban: str = ""
    bic: str = ""


class LineView(View, frozen=True, kw_only=True):
    """Money in minor units; `unit_price_micro` in millionths of the currency's unit."""

    line_no: int
    description: str
    quantity: int
    unit_price_micro: int
    net_minor: int
    tax_category: TaxCategory
    rate_permille: int
    tax_minor: int
    tax_note: str


class VatRow(View, frozen=True, kw_only=True):
    """Sums of the lines of one category and rate."""

    tax_category: TaxCategory
    rate_permille: int
    net_minor: int
    tax_minor: int
    tax_note: str


class DocumentView(View, frozen=True, kw_only=True):
    id: UUID
    tenant_id: UUID
    kind: DocumentKind
    number: str
    state: DocumentState
    source: str
    original_id: UUID | None
    original_number: str | None
    issued_at: datetime
    issued_on: date
    supplied_on: date
    due_on: date | None
    period_from: date | None
    period_to: date | None
    paid_at: datetime | None
    payment_method: PaymentMethod | None
    currency: Annotated[str, Meta(examples=["EUR"])]
    credits: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    seller: Party
    buyer: Party
    lines: list[LineView]
    vat: list[VatRow]
    notes: list[str]
    is_specimen: bool


class DocumentRow(View, frozen=True, kw_only=True):
    """One line of the list. `credited_minor`: what credit notes have taken back of it."""

    id: UUID
    tenant_id: UUID
    kind: DocumentKind
    number: str
    state: DocumentState
    source: str
    original_id: UUID | None
    issued_on: date
    due_on: date | None
    paid_at: datetime | None
    currency: Annotated[str, Meta(examples=["EUR"])]
    credits: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    credited_minor: int
    buyer_name: str


class InvoiceCreate(Input, frozen=True, kw_only=True):
    """An invoice to be paid by bank transfer; its number is the payment's reference."""

    credits: Annotated[int, Meta(ge=1, le=PURCHASE_CREDITS_MAX, examples=[5000])]
    reason: Reason


class CreditNoteCreate(Input, frozen=True, kw_only=True):
    """`amount_minor`: with tax, of what is left of the document; null takes back all of it."""

    amount_minor: Annotated[int, Meta(ge=1, le=10**15, examples=[1000])] | None = None
    reason: Reason


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line to be issued; its sums are rounded already."""

    description: str
    quantity: int
    unit_price_micro: int
    net_minor: int
    tax_category: TaxCategory
    rate_permille: int
    tax_minor: int
    tax_note: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be issued, complete but for its number and its parties."""

    kind: DocumentKind
    state: DocumentState
    source: str
    currency: str
    credits: int
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    original_id: UUID | None = None
    supplied_on: date | None = None
    due_on: date | None = None
    period: tuple[date, date] | None = None
    paid_at: datetime | None = None
    paid_by: str | None = None
    payment_method: PaymentMethod | None = None
    is_advance: bool = False
    """Of credits that are taxed when they are used: the months' invoices follow it."""
