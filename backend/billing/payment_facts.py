"""What the payment provider says, in our words. Nothing here imports its library: a quarter second,
which only those who call the provider need to wait for.

Statuses are the provider's own words, because it may add some: whoever decides by one names the
statuses it knows and leaves the rest alone. Ids of ours come out of the object's metadata; an
object somebody else made carries none, and `None` belongs to nobody.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.errors import Conflict, NotFound

NEEDS_AUTHENTICATION = "authentication_required"
"""The decline code of a card whose bank wants its holder present."""


class Line(msgspec.Struct, frozen=True):
    """One line the buyer reads before paying."""

    name: str
    amount_minor: int


class Checkout(msgspec.Struct, frozen=True):
    """`url`: where the buyer's browser goes."""

    id: str
    url: str
    expires_at: datetime


class CheckoutFacts(msgspec.Struct, frozen=True):
    """`mode` payment | setup; `status` open | complete | expired; `payment_status` paid | unpaid |
    no_payment_required.
    """

    id: str
    mode: str
    status: str
    payment_status: str
    payment_intent: str | None
    setup_intent: str | None
    customer: str | None
    purchase_id: UUID | None
    tenant_id: UUID | None


class PaymentFacts(msgspec.Struct, frozen=True):
    """`status` succeeded | processing | requires_payment_method | requires_action |
    requires_confirmation | requires_capture | canceled. `decline_code` is of the last try.
    """

    id: str
    status: str
    amount_minor: int
    received_minor: int
    currency: str
    purchase_id: UUID | None
    tenant_id: UUID | None
    customer: str | None
    card: str | None
    charge: str | None
    decline_code: str | None
    next_action_url: str | None


class SetupFacts(msgspec.Struct, frozen=True):
    id: str
    status: str
    customer: str | None
    card: str | None
    tenant_id: UUID | None


class Card(msgspec.Struct, frozen=True):
    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


class RefundFacts(msgspec.Struct, frozen=True):
    """`status` pending | succeeded | failed | canceled | requires_action."""

    id: str
    status: str
    amount_minor: int
    currency: str
    payment: str | None
    refund_id: UUID | None
    failure_reason: str | None


class DisputeFacts(msgspec.Struct, frozen=True):
    """`status` needs_response | under_review | won | lost | warning_needs_response |
    warning_under_review | warning_closed | prevented.
    """

    id: str
    status: str
    reason: str
    amount_minor: int
    currency: str
    payment: str | None
    charge: str | None


class WarningFacts(msgspec.Struct, frozen=True):
    """An early fraud warning: the bank of the card expects a dispute."""

    id: str
    payment: str | None
    charge: str | None
    actionable: bool


class StripeEvent(msgspec.Struct, frozen=True):
    """The announcement alone. What it announces is read again from the provider."""

    id: str
    type: str
    object_id: str
    is_live: bool
    account: str | None
    created_at: datetime


class CardRefused(Conflict):
    """The card's bank said no; `payment_id` is the payment that failed, where one was made."""

    def __init__(self, code: str, decline_code: str | None, payment_id: str | None) -> None:
        self.decline_code = decline_code
        self.payment_id = payment_id
        super().__init__(code, "the card was refused", decline_code=decline_code)


class CustomerGone(NotFound):
    """The customer that was named is not there (any more): deleted, or of another account."""

    default_code = "customer_not_at_provider"
