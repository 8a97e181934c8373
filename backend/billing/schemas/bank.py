"""Bank files, their lines, and whose they may be."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.billing.desk_states import BankFormat, Clue, DateOrder, LineState
from backend.billing.schemas.top_ups import Reason
from backend.billing.states import TOP_UP_CREDITS_MAX, TopUpState
from backend.kernel.views import Input, View

Column = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class BankColumns(Input, frozen=True):
    """Which column is what; the header's own words."""

    booked_on: Column
    amount: Column
    counterparty: Column | None = None
    remittance: Column | None = None
    entry_reference: Column | None = None
    currency: Column | None = None


class BankFileOptions(Input, frozen=True):
    """A CAMT.053 file says all of it by itself."""

    format: BankFormat = BankFormat.CAMT053
    account: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\S")] | None = None
    columns: BankColumns | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "EUR"
    date_order: DateOrder = DateOrder.ISO
    decimal: Literal[",", "."] = "."
    encoding: Literal["utf-8", "windows-1252", "iso-8859-1"] | None = None


class BankFileView(View, frozen=True):
    """`lines_new`: the others stood in an earlier file. `debits`: what we paid, left out."""

    id: UUID
    name: str
    format: BankFormat
    size_bytes: int
    lines_total: int
    lines_new: int
    debits: int
    uploaded_by: str
    uploaded_at: datetime


class Suggestion(View, frozen=True):
    """`confidence` in percent. `amount_credits` where an open purchase or invoice tells it."""

    tenant_id: UUID
    tenant_name: str
    confidence: int
    clue: Clue
    amount_credits: int | None


class BankLineView(View, frozen=True):
    id: UUID
    file_id: UUID
    account: str
    booked_on: date
    amount_minor: int
    currency: str
    counterparty: str
    remittance: str
    state: LineState
    tenant_id: UUID | None
    top_up_id: UUID | None
    top_up_state: TopUpState | None
    amount_credits: int | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    suggestions: list[Suggestion] = []


class LineMatch(Input, frozen=True):
    tenant_id: UUID
    amount_credits: Annotated[int, msgspec.Meta(ge=1, le=TOP_UP_CREDITS_MAX, examples=[1000])]
    confirm_duplicate: bool = False
    """The clerk has seen that this payment was entered by hand before."""


class LineReason(Input, frozen=True):
    reason: Reason
