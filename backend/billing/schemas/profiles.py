"""Who sells and who buys, as it will stand on documents."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from backend.billing.schemas.tariffs import Currency
from backend.billing.schemas.top_ups import Reason
from backend.billing.states import VAT_RATE_PERMILLE_MAX, TaxPoint, Terms, VatState
from backend.identity.schemas import Country, Email
from backend.kernel.views import Input, RowVersion, View

# A line of a document: no control characters, and nothing that XML 1.0 cannot carry.
_LINE = r"^[^\x00-\x1f\x7f-\x9f\ufffe\uffff]*$"
_SAID = r"^[^\x00-\x1f\x7f-\x9f\ufffe\uffff]*[^\x00-\x20\x7f-\xa0\ufffe\uffff]"
_SAID += r"[^\x00-\x1f\x7f-\x9f\ufffe\uffff]*$"
CompanyName = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=_SAID, examples=["Nordlys Retail AS"])
]
AddressLine = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=_SAID, examples=["Storgata 1"])
]
AddressLines = Annotated[list[AddressLine], Meta(min_length=1, max_length=4)]
PostalCode = Annotated[str, Meta(max_length=20, pattern=_LINE, examples=["0155"])]
City = Annotated[str, Meta(min_length=1, max_length=100, pattern=_SAID, examples=["Oslo"])]
ShortLine = Annotated[str, Meta(max_length=100, pattern=_LINE, examples=[""])]
VatId = Annotated[str, Meta(max_length=30, pattern=_LINE, examples=["NO974760673MVA"])]
# Ends in no digit: `F1` and 1 would make the number of `F` and 11.
NumberPrefix = Annotated[str, Meta(pattern="^([A-Z0-9-]{0,11}[A-Z-])?$")]


class BillingProfileUpdate(Input, frozen=True, kw_only=True):
    """`version`: the one that was read; 0 where there was none."""

    version: RowVersion
    company_name: CompanyName
    address_lines: AddressLines
    postal_code: PostalCode
    city: City
    country: Country
    vat_id: VatId | None = None
    email: Email
    currency: Currency = "EUR"
    purchase_reference: ShortLine = ""


class BillingProfileView(View, frozen=True, kw_only=True):
    """`purchase_reference` is the buyer's own and is printed on every document."""

    company_name: str
    address_lines: list[str]
    postal_code: str
    city: str
    country: str
    vat_id: str | None
    vat_state: VatState
    vat_checked_at: datetime | None
    vat_check_reference: str | None
    email: str
    currency: str
    purchase_reference: str
    terms: Terms
    legal_entity: str
    version: int


class TermsUpdate(Input, frozen=True, kw_only=True):
    terms: Terms
    reason: Reason


class LegalEntityUpdate(Input, frozen=True, kw_only=True):
    version: RowVersion
    name: CompanyName
    address_lines: AddressLines
    postal_code: PostalCode
    city: City
    country: Country
    vat_id: VatId | None = None
    registration: Annotated[str, Meta(max_length=200, pattern=_LINE, examples=[""])] = ""
    email: Email
    currency: Currency
    time_zone: Annotated[str, Meta(min_length=1, max_length=60, examples=["Europe/Oslo"])]
    tax_point: TaxPoint = TaxPoint.AT_SALE
    invoice_prefix: Annotated[NumberPrefix, Meta(examples=["INV-"])]
    receipt_prefix: Annotated[NumberPrefix, Meta(examples=["RCP-"])]
    credit_note_prefix: Annotated[NumberPrefix, Meta(examples=["CN-"])]
    payment_days: Annotated[int, Meta(ge=0, le=90, examples=[14])] = 14
    bank_name: ShortLine = ""
    iban: Annotated[str, Meta(pattern="^[A-Z0-9]{0,34}$", examples=["NO9386011117947"])] = ""
    bic: Annotated[str, Meta(pattern="^[A-Z0-9]{0,11}$", examples=["DNBANOKK"])] = ""


class VatRateCreate(Input, frozen=True, kw_only=True):
    effective_from: Annotated[date, Meta(examples=["2035-01-01"])]
    rate_permille: Annotated[int, Meta(ge=0, le=VAT_RATE_PERMILLE_MAX, examples=[250])]


class VatRateView(View, frozen=True, kw_only=True):
    effective_from: date
    rate_permille: int


class LegalEntityView(View, frozen=True, kw_only=True):
    """`is_specimen`: nobody has said yet who sells; documents are marked as no invoices."""

    code: str
    name: str
    address_lines: list[str]
    postal_code: str
    city: str
    country: str
    vat_id: str | None
    registration: str
    email: str
    currency: str
    time_zone: str
    tax_point: TaxPoint
    invoice_prefix: str
    receipt_prefix: str
    credit_note_prefix: str
    payment_days: int
    bank_name: str
    iban: str
    bic: str
    is_specimen: bool
    version: int
    rates: list[VatRateView] = []


class Seller(msgspec.Struct, frozen=True):
    """The legal entity with the rate of one day: what a price and a document are made with."""

    entity: LegalEntityView
    rate_permille: int
