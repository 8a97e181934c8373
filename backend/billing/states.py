"""The closed sets and limits of billing; the tables' CHECKs say the same."""

from enum import StrEnum

TOP_UP_CREDITS_MAX = 10_000_000
SINGLE_CLERK_TOP_UP_CREDITS_MAX = 50_000
"""Above it a second person of finance approves (checked in use cases and by the table)."""
GRANT_CREDITS_MAX = 10_000
TRIAL_CREDITS = 25


class Channel(StrEnum):
    SMS = "sms"
    """Priced per segment."""
    MMS = "mms"
    """Priced per message."""


class TopUpMethod(StrEnum):
    BANK_TRANSFER = "bank_transfer"
    OTHER = "other"


class TopUpState(StrEnum):
    PENDING = "pending"
    """Waits for a second person; nothing was credited."""
    CREDITED = "credited"
    DECLINED = "declined"
    """Taken out before anything was credited; its reference is free again."""
    REVERSED = "reversed"
    """Credited by mistake, and taken back whole."""


class GrantKind(StrEnum):
    PROMOTIONAL = "promotional"
    GRANTED = "granted"
