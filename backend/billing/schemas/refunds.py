"""What people of finance say about money that goes back."""

from typing import Annotated
from uuid import UUID

import msgspec

from backend.billing.purchase_states import RefundMethod
from backend.billing.schemas.top_ups import Reason, Reference
from backend.billing.states import TOP_UP_CREDITS_MAX
from backend.kernel.views import Input

AMOUNT_MINOR_MAX = 10**12


class RefundCreate(Input, frozen=True):
    """Of a purchase (by Stripe, unless `method` says otherwise) or of a top-up (by bank transfer).

    A purchase's money follows from its price; `amount_minor` and `currency` are asked for where it
    was a top-up, and may confirm what a purchase's page showed.
    """

    credits: Annotated[int, msgspec.Meta(ge=1, le=TOP_UP_CREDITS_MAX, examples=[500])]
    reason: Reason
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=AMOUNT_MINOR_MAX)] | None = None
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$", examples=["EUR"])] | None = None
    method: RefundMethod | None = None
    purchase_id: UUID | None = None
    top_up_id: UUID | None = None


class RefundDecision(Input, frozen=True):
    reason: Reason


class RefundPayment(Input, frozen=True):
    """`reference`: the bank's, of the transfer that was made."""

    reference: Reference
