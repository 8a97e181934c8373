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


class CorrectionState(StrEnum):
    PENDING = "pending"
    """Waits for a second person; nothing moved."""
    DONE = "done"
    DECLINED = "declined"
