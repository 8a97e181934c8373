"""Credits bought by tenants themselves, and what Stripe says about it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from backend.billing.purchase_states import (
    DisputeState,
    ProblemKind,
    PurchaseSource,
    PurchaseState,
    RefundMethod,
    RefundOrigin,
    RefundState,
)
from backend.billing.schemas.top_ups import Reason
from backend.billing.states import PURCHASE_CREDITS_MAX, PURCHASE_CREDITS_MIN
from backend.kernel.views import Input, View


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `purchases`: what is paid later is checked against this."""

    tenant_id: UUID
    id: UUID
    source: PurchaseSource
    state: PurchaseState
    credits: int
    tariff_version: int
    tier_no: int
    unit_price_micro: int
    currency: str
    net_minor: int
    tax_rate_permille: int
    tax_minor: int
    is_reverse_charge: bool
    tax_category: str
    tax_note: str
    gross_minor: int
    saves_card: bool
    customer_id: str | None
    checkout_id: str | None
    checkout_url: str | None
    payment_id: str | None
    charge_id: str | None
    failure_code: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    next_check_at: datetime | None
    checks: int

    @property
    def reference(self) -> str:
        """Of its one top-up in the ledger."""
        return f"purchase:{self.id}"


class PurchaseCreate(Input, frozen=True):
    """A package or a free amount: the price follows from the credits alone."""

    credits: Annotated[
        int, msgspec.Meta(ge=PURCHASE_CREDITS_MIN, le=PURCHASE_CREDITS_MAX, examples=[5000])
    ]
    saves_card: bool = False


class PurchaseView(View, frozen=True):
    """Money in minor units. `checkout_url` is null once there is nothing to pay there any more."""

    id: UUID
    tenant_id: UUID
    source: PurchaseSource
    state: PurchaseState
    credits: int
    tariff_version: int
    currency: Annotated[str, msgspec.Meta(examples=["EUR"])]
    net_minor: int
    tax_rate_permille: int
    tax_minor: int
    is_reverse_charge: bool
    tax_note: str
    gross_minor: int
    refunded_credits: int
    refunded_minor: int
    dispute_state: DisputeState | None
    checkout_url: str | None
    failure_code: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None


class PurchaseEventView(View, frozen=True):
    at: datetime
    machine: Annotated[str, msgspec.Meta(examples=["purchase"])]
    subject_id: str
    event: Annotated[str, msgspec.Meta(examples=["pay"])]
    to_state: Annotated[str, msgspec.Meta(examples=["paid"])]
    actor: str


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `refunds`."""

    tenant_id: UUID
    id: UUID
    purchase_id: UUID | None
    top_up_id: UUID | None
    origin: RefundOrigin
    method: RefundMethod
    state: RefundState
    credits: int
    missing_credits: int
    amount_minor: int
    currency: str
    reason: str
    reference: str | None
    stripe_id: str | None
    failure_code: str | None
    requested_by: str
    requested_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    submitted_at: datetime | None
    settled_at: datetime | None

    @property
    def top_up_reference(self) -> str:
        """Of the lot in the ledger whose credits go."""
        if self.purchase_id is not None:
            return f"purchase:{self.purchase_id}"
        return f"top_up:{self.top_up_id}"


class RefundView(View, frozen=True):
    """`missing_credits`: spent before a refund made in Stripe's dashboard was heard of."""

    id: UUID
    tenant_id: UUID
    purchase_id: UUID | None
    top_up_id: UUID | None
    origin: RefundOrigin
    method: RefundMethod
    state: RefundState
    credits: int
    missing_credits: int
    amount_minor: int
    currency: Annotated[str, msgspec.Meta(examples=["EUR"])]
    reason: str
    reference: str | None
    failure_code: str | None
    requested_by: str
    requested_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    submitted_at: datetime | None
    settled_at: datetime | None


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `disputes`; the id is Stripe's."""

    tenant_id: UUID
    id: str
    purchase_id: UUID
    state: DisputeState
    reason: str
    amount_minor: int
    currency: str
    opened_at: datetime
    closed_at: datetime | None


class DisputeView(View, frozen=True):
    id: str
    tenant_id: UUID
    purchase_id: UUID
    state: DisputeState
    reason: str
    amount_minor: int
    currency: Annotated[str, msgspec.Meta(examples=["EUR"])]
    opened_at: datetime
    closed_at: datetime | None


class PurchaseDetails(View, frozen=True):
    """Everything that ever happened to one purchase, the history oldest first."""

    purchase: PurchaseView
    refunds: list[RefundView]
    disputes: list[DisputeView]
    history: list[PurchaseEventView]


class PaymentProblemView(View, frozen=True):
    """`tenant_id` is null where not even that is known."""

    id: UUID
    tenant_id: UUID | None
    kind: ProblemKind
    reference: str
    facts: dict[str, Any]
    seen_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None


class ProblemResolution(Input, frozen=True):
    resolution: Reason


class InboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event of Stripe's, claimed."""

    event_id: str
    type: str
    object_id: str
    body: bytes | None
    tries: int
