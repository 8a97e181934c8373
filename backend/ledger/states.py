"""The closed sets of the ledger; the tables' CHECKs say the same."""

from enum import StrEnum


class LedgerAccount(StrEnum):
    ISSUED = "issued"
    AVAILABLE = "available"
    HELD = "held"
    FROZEN = "frozen"
    SPENT = "spent"
    EXPIRED = "expired"
    REVERSED = "reversed"
    REFUNDED = "refunded"
    RECEIVABLE = "receivable"


class TransferKind(StrEnum):
    TOPPED_UP = "topped_up"
    GRANTED = "granted"
    ADJUSTED = "adjusted"
    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"
    RETURNED = "returned"
    EXPIRED = "expired"
    FROZEN = "frozen"
    THAWED = "thawed"
    REVERSED = "reversed"
    REFUNDED = "refunded"
    RESTORED = "restored"
    """A refund's money never arrived; its credits came back."""
    SETTLED = "settled"
    """Credits that came back to a lot nobody paid for paid what was owed."""


class LotKind(StrEnum):
    PAID = "paid"
    """Bought: a liability until used, and refundable."""
    PROMOTIONAL = "promotional"
    """Given for nothing: never refunded, no liability, consumed before what was bought."""
    GRANTED = "granted"
    """Given to make good or to correct."""
    LINE = "line"
    """The tenant's one credit line, consumed last."""


class HoldState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What a verb's function answers; everything but `done` changed nothing."""

    DONE = "done"
    REPEATED = "repeated"
    REFERENCE_REUSED = "reference_reused"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    HOLD_NOT_FOUND = "hold_not_found"
    HOLD_CLOSED = "hold_closed"
    HOLD_EXCEEDED = "hold_exceeded"
    RECEIVABLE_OPEN = "receivable_open"
    TOP_UP_NOT_FOUND = "top_up_not_found"
    REFUND_NOT_FOUND = "refund_not_found"
    NOT_REFUNDABLE = "not_refundable"
    REFUND_EXCEEDS_UNSPENT = "refund_exceeds_unspent"
    REVERSAL_EXCEEDS_UNSPENT = "reversal_exceeds_unspent"
    ALREADY_RESTORED = "already_restored"
    ALREADY_DISPUTED = "already_disputed"
    NOT_DISPUTED = "not_disputed"
    LINE_IN_USE = "line_in_use"
    WRITE_OFF_EXCEEDS_OWED = "write_off_exceeds_owed"


class Dispute(StrEnum):
    """Of a lot's payment; nothing where there is none, or it was won."""

    OPEN = "open"
    LOST = "lost"


class DecisionKind(StrEnum):
    """What was decided about credits after they came in."""

    REFUND = "refund"
    RESTORE = "restore"
    REVERSAL = "reversal"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    CREDIT_LINE = "credit_line"
    WRITE_OFF = "write_off"
