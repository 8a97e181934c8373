"""The closed sets and limits of billing; the tables' CHECKs say the same."""

from enum import StrEnum

TOP_UP_CREDITS_MAX = 10_000_000
SINGLE_CLERK_TOP_UP_CREDITS_MAX = 50_000
"""Above it a second person of finance approves: a single one, and the sum of what one clerk did
alone for one tenant in SINGLE_CLERK_SUM_HOURS.
"""
SINGLE_CLERK_SUM_HOURS = 24
GRANT_CREDITS_MAX = 10_000
"""Of one grant, and of what one clerk gives one tenant alone in SINGLE_CLERK_SUM_HOURS."""
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


ENDED = frozenset({TopUpState.DECLINED, TopUpState.REVERSED})
"""A bank line with such a top-up waits to be matched again."""


class GrantKind(StrEnum):
    PROMOTIONAL = "promotional"
    GRANTED = "granted"


PURCHASE_CREDITS_MIN = 500
PURCHASE_CREDITS_MAX = 5_000_000
PURCHASE_GROSS_MINOR_MAX = 99_999_999
"""Eight digits: what Stripe takes in one payment."""
TARIFF_TIERS_MAX = 20
UNIT_PRICE_MICRO_MAX = 10**12
"""Millionths of the currency's unit per credit: a million a credit."""
VAT_RATE_PERMILLE_MAX = 500


class TariffState(StrEnum):
    PROPOSED = "proposed"
    """Waits for a second person."""
    APPROVED = "approved"
    """In force from its day on, until another version's day."""
    WITHDRAWN = "withdrawn"


class TaxCategory(StrEnum):
    """Codes of UNCL5305, as EN 16931 writes them."""

    STANDARD = "S"
    REVERSE_CHARGE = "AE"
    OUTSIDE_SCOPE = "O"


class TaxPoint(StrEnum):
    AT_SALE = "at_sale"
    AT_REDEMPTION = "at_redemption"


class VatState(StrEnum):
    """What is known of a tenant's VAT id. Only `confirmed` shifts the tax to the buyer."""

    NONE = "none"
    FORMAT_VALID = "format_valid"
    """Form and check digits fit; the register has not answered yet."""
    CONFIRMED = "confirmed"
    UNKNOWN_TO_REGISTER = "unknown_to_register"
    NOT_CHECKABLE = "not_checkable"
    """Of a country outside the EU: printed as given, and without effect on the tax."""


class Terms(StrEnum):
    PREPAID = "prepaid"
    POSTPAID = "postpaid"
    """Uses a credit line and is billed by the month."""
