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
