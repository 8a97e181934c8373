"""The closed sets and limits of the finance desk; the tables' CHECKs say the same."""

from enum import StrEnum
from typing import Final

PROOF_FILE_BYTES_MAX: Final = 10 * 1024 * 1024
REFERENCE_SEEN_HOURS: Final = 24
EARLIER_REFERENCES_MAX: Final = 20
"""How many earlier ones a warning names."""
CREDIT_LINE_CREDITS_MAX: Final = 10_000_000
SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX: Final = 10_000
"""Above it a second person approves the line, as for a top-up."""


class CorrectionKind(StrEnum):
    REVERSAL = "reversal"
    """A clerk's mistake: what a top-up brought goes back, while all of it is unspent."""
    CREDIT_LINE = "credit_line"
    GRANT = "grant"
    """Given for nothing; never bought back."""


class CorrectionState(StrEnum):
    PENDING = "pending"
    """Waits for a second person; nothing moved."""
    DONE = "done"
    DECLINED = "declined"


BANK_FILE_BYTES_MAX: Final = 20 * 1024 * 1024
BANK_LINES_MAX: Final = 20_000
"""Of one file: a year of a busy account."""
BANK_AMOUNT_MINOR_MAX: Final = 10**12
BANK_DEPTH_MAX: Final = 40
"""CAMT.053 nests 12 deep."""


class BankFormat(StrEnum):
    CAMT053 = "camt053"
    CSV = "csv"


class LineState(StrEnum):
    UNMATCHED = "unmatched"
    MATCHED = "matched"
    IGNORED = "ignored"


class DateOrder(StrEnum):
    ISO = "iso"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Clue(StrEnum):
    """Why a tenant is suggested for a line."""

    TENANT_ID = "tenant_id"
    PAID_BEFORE = "paid_before"
    NAME = "name"
    SIMILAR_NAME = "similar_name"
    OPEN_PURCHASE = "open_purchase"
    INVOICE_NUMBER = "invoice_number"
    OPEN_INVOICE = "open_invoice"
    """To be paid, of just this amount; its number is not said."""


class ProposalState(StrEnum):
    PENDING = "pending"
    PUBLISHED = "published"
    DECLINED = "declined"
