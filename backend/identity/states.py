"""The life of one verification of a tenant's number by a code."""

from enum import StrEnum
from typing import Final


class VerificationState(StrEnum):
    REQUESTED = "requested"
    """Its code is about to be made."""
    SENT = "sent"
    """The code is on its way, and may be entered until it ends."""
    NOT_SENT = "not_sent"
    """A limit, or no way out."""
    VERIFIED = "verified"
    SPENT = "spent"
    """Too many wrong codes."""
    REPLACED = "replaced"
    """A newer one was asked for."""


V = VerificationState
OPEN: Final = frozenset({V.REQUESTED, V.SENT})
TRANSITIONS: Final[dict[V, frozenset[V]]] = {
    V.REQUESTED: frozenset({V.SENT, V.NOT_SENT, V.REPLACED}),
    V.SENT: frozenset({V.NOT_SENT, V.VERIFIED, V.SPENT, V.REPLACED}),
    V.NOT_SENT: frozenset(),
    V.VERIFIED: frozenset(),
    V.SPENT: frozenset(),
    V.REPLACED: frozenset(),
}
