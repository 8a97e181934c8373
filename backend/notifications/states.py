"""What there is to notice, whom it concerns, and the short life of a mail."""

from enum import StrEnum
from typing import Final

from backend.kernel.principal import MemberRole


class NoticeKind(StrEnum):
    LOW_BALANCE = "low_balance"
    AWAITING_CREDITS = "awaiting_credits"
    NEEDS_CONFIRMATION = "needs_confirmation"
    REFUSED = "refused"
    CHANGES_REQUESTED = "changes_requested"
    COMPLETED = "completed"
    MISSED = "missed"
    FAILED = "failed"
    FORECAST_SHORT = "forecast_short"
    PAUSE_ENDING = "pause_ending"
    CREDITS_BOUGHT = "credits_bought"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_WAITING = "payment_waiting"
    CREDITS_REFUNDED = "credits_refunded"
    PAYMENT_DISPUTED = "payment_disputed"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    AUTO_RELOAD_STOPPED = "auto_reload_stopped"


class RequestedMail(StrEnum):
    """Mails that somebody asked for, or must get whatever they prefer."""

    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a mail
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail
    INVITATION = "invitation"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    FACTORS_RESET = "factors_reset"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    CODES_GUESSED = "codes_guessed"
    DOCUMENT_ISSUED = "document_issued"


ABOUT_FACTORS: Final = frozenset(
    {
        RequestedMail.FACTOR_ADDED,
        RequestedMail.FACTOR_REMOVED,
        RequestedMail.FACTORS_RESET,
        RequestedMail.RECOVERY_CODE_USED,
        RequestedMail.RECOVERY_CODES_MADE,
        RequestedMail.CODES_GUESSED,
    }
)


MailKind = NoticeKind | RequestedMail

R, K = MemberRole, NoticeKind
_SENDERS: Final = frozenset({R.OWNER, R.MANAGER, R.SENDER})
_WRITERS: Final = _SENDERS | {R.EDITOR}
_READERS: Final = _WRITERS | {R.VIEWER}
_PAYERS: Final = frozenset({R.OWNER, R.BILLING})
ABOUT_MONEY: Final = frozenset(
    {
        K.CREDITS_BOUGHT,
        K.PAYMENT_FAILED,
        K.PAYMENT_WAITING,
        K.CREDITS_REFUNDED,
        K.PAYMENT_DISPUTED,
        K.DISPUTE_WON,
        K.DISPUTE_LOST,
        K.AUTO_RELOAD_STOPPED,
    }
)
"""Purchases and what became of them: seen, and mailed, to whoever may read purchases."""

SEEN_BY: Final[dict[NoticeKind, frozenset[MemberRole]]] = {
    # Credits are shown to whoever may read the balance, campaigns to whoever may read sessions.
    K.LOW_BALANCE: _SENDERS | {R.BILLING},
    K.AWAITING_CREDITS: _SENDERS | {R.BILLING},
    K.NEEDS_CONFIRMATION: _SENDERS,
    K.REFUSED: _READERS,
    K.CHANGES_REQUESTED: _READERS,
    K.COMPLETED: _READERS,
    K.MISSED: _READERS,
    K.FAILED: _READERS,
    K.FORECAST_SHORT: _SENDERS | {R.BILLING},
    K.PAUSE_ENDING: _READERS,
    **dict.fromkeys(ABOUT_MONEY, _PAYERS),
}
MAILED_TO: Final[dict[NoticeKind, frozenset[MemberRole]]] = {
    # Who can do something about it, until they prefer otherwise.
    K.LOW_BALANCE: frozenset({R.OWNER, R.MANAGER, R.BILLING}),
    K.AWAITING_CREDITS: _SENDERS | {R.BILLING},
    K.NEEDS_CONFIRMATION: _SENDERS,
    K.REFUSED: _SENDERS,
    K.CHANGES_REQUESTED: _WRITERS,
    K.COMPLETED: frozenset(),
    K.MISSED: _SENDERS,
    K.FAILED: _SENDERS,
    K.FORECAST_SHORT: frozenset({R.OWNER, R.MANAGER, R.BILLING}),
    K.PAUSE_ENDING: _SENDERS,
    **dict.fromkeys(ABOUT_MONEY, _PAYERS),
}

BALANCE_LEVELS_DEFAULT: Final = (500, 100)
BALANCE_LEVELS_MAX: Final = 5


def kinds_seen_by(role: MemberRole) -> list[NoticeKind]:
    return [kind for kind in NoticeKind if role in SEEN_BY[kind]]


def crossed_level(levels: tuple[int, ...], before: int, after: int) -> int | None:
    """The lowest level that the balance was not below and is now; None when it crossed none."""
    return min((level for level in levels if after < level <= before), default=None)


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    """The server took it."""
    GIVEN_UP = "given_up"
    """Refused for good, or MAIL_TRIES_MAX times for the moment."""
    DROPPED = "dropped"
    """Nobody wants it any more: confirmed, accepted or revoked meanwhile."""


MAIL_TRANSITIONS: Final = frozenset(
    (MailState.QUEUED, end) for end in (MailState.SENT, MailState.GIVEN_UP, MailState.DROPPED)
)

MAIL_TRIES_MAX: Final = 12
MAIL_PAUSE_SECONDS: Final = 15
MAIL_PAUSE_SECONDS_MAX: Final = 6 * 3600


def pause_seconds(tries: int) -> int:
    """15 s after the first try, doubling to 6 h: half a day until it is given up."""
    return min(MAIL_PAUSE_SECONDS << (tries - 1), MAIL_PAUSE_SECONDS_MAX)
