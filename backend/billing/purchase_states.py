"""The lives of a purchase, a refund and a dispute: these tables decide, and the CHECK of
`payment_events` says the same.

What Stripe tells comes late, twice and in any order. So every move goes one way along its table,
and whoever finds a row already there, or further, leaves it alone.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

PURCHASE_LIFETIME: Final = timedelta(hours=2)
"""How long a checkout page may be paid on; Stripe allows 30 minutes to 24 hours."""
OPEN_PURCHASES_PER_TENANT_MAX: Final = 20
"""Pages waiting for their buyer: more is somebody trying cards."""
SINGLE_CLERK_REFUND_CREDITS_MAX: Final = 50_000
"""Above it a second person of finance approves, as with top-ups."""
SINGLE_CLERK_REFUND_MINOR_MAX: Final = 250_000
"""Of a top-up, whose money somebody typed: about what so many credits cost."""

CHECK_AFTER: Final = timedelta(minutes=10)
CHECK_AGAIN_MAX: Final = timedelta(hours=12)
"""An unfinished purchase is asked after even where no event came: first soon, then more rarely."""
CHECK_DAYS_MAX: Final = 30
"""Delayed methods take up to two weeks; after a month nobody asks any more."""

SUBMIT_AGAIN_AFTER: Final = timedelta(minutes=1)
"""An approved refund of which Stripe may not know yet is submitted again, by the same key."""

REFUND_CHECK_AFTER: Final = timedelta(hours=1)
REFUND_CHECKED_FOR: Final = timedelta(days=30)
"""What Stripe has is asked after until then, also where none of its events comes."""

EVENT_LEASE: Final = timedelta(minutes=2)
"""Longer than the calls one event takes."""
EVENT_TRIES_MAX: Final = 48
EVENT_PAUSE_SECONDS: Final = 5
EVENT_PAUSE_SECONDS_MAX: Final = 3_600
EVENT_BODY_BYTES_MAX: Final = 1024 * 1024
EVENT_BODIES_KEPT_DAYS: Final = 30
"""Raw bodies hold buyers' names and addresses: long enough to look into a quarrel."""
EVENT_ROWS_KEPT_DAYS: Final = 400


class PurchaseSource(StrEnum):
    CHECKOUT = "checkout"
    """A page of Stripe's, paid on by a person."""
    AUTO_RELOAD = "auto_reload"
    """A saved card, charged by us."""


class PurchaseState(StrEnum):
    PENDING = "pending"
    """Written before Stripe is asked; nothing is paid yet."""
    AWAITING_CUSTOMER = "awaiting_customer"
    """The card's bank wants to hear from its owner."""
    PROCESSING = "processing"
    """A delayed method: the buyer did their part, the money is on its way."""
    PAID = "paid"
    """Credited, once."""
    FAILED = "failed"
    EXPIRED = "expired"


class PurchaseEvent(StrEnum):
    ASK_CUSTOMER = "ask_customer"
    WAIT_FOR_MONEY = "wait_for_money"
    PAY = "pay"
    FAIL = "fail"
    EXPIRE = "expire"


P, V = PurchaseState, PurchaseEvent

PURCHASE_MOVES: Final[dict[tuple[PurchaseState, PurchaseEvent], PurchaseState]] = {
    (P.PENDING, V.ASK_CUSTOMER): P.AWAITING_CUSTOMER,
    (P.PENDING, V.WAIT_FOR_MONEY): P.PROCESSING,
    (P.PENDING, V.PAY): P.PAID,
    (P.PENDING, V.FAIL): P.FAILED,
    (P.PENDING, V.EXPIRE): P.EXPIRED,
    (P.AWAITING_CUSTOMER, V.WAIT_FOR_MONEY): P.PROCESSING,
    (P.AWAITING_CUSTOMER, V.PAY): P.PAID,
    (P.AWAITING_CUSTOMER, V.FAIL): P.FAILED,
    (P.AWAITING_CUSTOMER, V.EXPIRE): P.EXPIRED,
    (P.PROCESSING, V.PAY): P.PAID,
    (P.PROCESSING, V.FAIL): P.FAILED,
    # Money that arrived is credited, whatever was thought before.
    (P.FAILED, V.PAY): P.PAID,
    (P.EXPIRED, V.PAY): P.PAID,
}
UNFINISHED: Final = frozenset({P.PENDING, P.AWAITING_CUSTOMER, P.PROCESSING})


class RefundMethod(StrEnum):
    STRIPE = "stripe"
    BANK_TRANSFER = "bank_transfer"


class RefundOrigin(StrEnum):
    CLEARSEND = "clearsend"
    STRIPE = "stripe"
    """Made in Stripe's own dashboard; we hear of it."""


class RefundState(StrEnum):
    REQUESTED = "requested"
    """Waits for a second person; no credit has left yet."""
    DECLINED = "declined"
    APPROVED = "approved"
    """The credits have left; the money has not."""
    SUBMITTED = "submitted"
    """Stripe has it."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """The money came back, and so did the credits."""


class RefundEvent(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    SUBMIT = "submit"
    SUCCEED = "succeed"
    FAIL = "fail"


R, F = RefundState, RefundEvent

REFUND_MOVES: Final[dict[tuple[RefundState, RefundEvent], RefundState]] = {
    (R.REQUESTED, F.APPROVE): R.APPROVED,
    (R.REQUESTED, F.DECLINE): R.DECLINED,
    (R.APPROVED, F.SUBMIT): R.SUBMITTED,
    (R.APPROVED, F.SUCCEED): R.SUCCEEDED,
    (R.APPROVED, F.FAIL): R.FAILED,
    (R.SUBMITTED, F.SUCCEED): R.SUCCEEDED,
    (R.SUBMITTED, F.FAIL): R.FAILED,
    # A bank may send the money back days after it was told to have arrived.
    (R.SUCCEEDED, F.FAIL): R.FAILED,
}
UNSETTLED: Final = frozenset({R.REQUESTED, R.APPROVED, R.SUBMITTED})


class DisputeState(StrEnum):
    INQUIRY = "inquiry"
    """The bank asks; no money has moved, no credit is frozen."""
    OPEN = "open"
    CLOSED = "closed"
    """An inquiry that never became a dispute."""
    WON = "won"
    LOST = "lost"


class DisputeEvent(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    WIN = "win"
    LOSE = "lose"


D, Q = DisputeState, DisputeEvent

DISPUTE_MOVES: Final[dict[tuple[DisputeState, DisputeEvent], DisputeState]] = {
    (D.INQUIRY, Q.OPEN): D.OPEN,
    (D.INQUIRY, Q.CLOSE): D.CLOSED,
    (D.OPEN, Q.WIN): D.WON,
    (D.OPEN, Q.LOSE): D.LOST,
}
DISPUTE_STATUSES: Final[dict[str, DisputeState]] = {
    "warning_needs_response": D.INQUIRY,
    "warning_under_review": D.INQUIRY,
    "warning_closed": D.CLOSED,
    "prevented": D.CLOSED,
    "needs_response": D.OPEN,
    "under_review": D.OPEN,
    "won": D.WON,
    "lost": D.LOST,
}
"""Stripe's words for it."""


class InboxState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    """Of a kind that concerns nothing of ours."""
    GIVEN_UP = "given_up"
    """After EVENT_TRIES_MAX tries; a problem for finance."""


class ProblemKind(StrEnum):
    """What nobody can book without a person of finance."""

    UNKNOWN_PURCHASE = "unknown_purchase"
    """Paid for a purchase that its tenant does not have: forged, or of another installation."""
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    CUSTOMER_DIFFERS = "customer_differs"
    PAID_TWICE = "paid_twice"
    REFUND_OVER_UNSPENT = "refund_over_unspent"
    """Money went back in Stripe's dashboard for credits that are spent."""
    REFUND_FAILED_LATE = "refund_failed_late"
    """After it was told to have succeeded: its credit note stands."""
    UNKNOWN_REFUND = "unknown_refund"
    UNKNOWN_DISPUTE = "unknown_dispute"
    EARLY_FRAUD_WARNING = "early_fraud_warning"
    """The tenant is suspended until finance has looked."""
    EVENT_GIVEN_UP = "event_given_up"


def event_pause(tries: int) -> timedelta:
    """5 s after the first try, doubling to an hour: two days until it is given up."""
    seconds = EVENT_PAUSE_SECONDS << min(tries - 1, 12)
    return timedelta(seconds=min(seconds, EVENT_PAUSE_SECONDS_MAX))


def share_minor(total_minor: int, total_credits: int, credits_gone: int) -> int:
    """The money of the first so many of a purchase's credits: parts always sum to the whole."""
    return total_minor * credits_gone // total_credits


def share_credits(total_credits: int, total_minor: int, minor_gone: int) -> int:
    """The credits of so much of a purchase's money; all of them for all of it."""
    return total_credits * min(minor_gone, total_minor) // total_minor
