"""Running sessions: stopping them, who got what, and what came back."""

from typing import Final

from backend.api.authorization.access import (
    ADMINS,
    LEADS,
    MODERATORS,
    READERS,
    SENDERS,
    Access,
    Rows,
)
from backend.kernel.principal import KeyScope, MemberRole

_VIEWER: Final[frozenset[MemberRole]] = frozenset({MemberRole.VIEWER})
_STOP: Final = Access(members=SENDERS, scope=KeyScope.SESSIONS_CANCEL)
_SEND: Final = Access(members=SENDERS, scope=KeyScope.SESSIONS_WRITE, sends=True)
_READ: Final = Access(members=READERS, scope=KeyScope.REPORTS_READ, masked=_VIEWER)

ROWS: Final[Rows] = {
    "cancel_session": _STOP,
    "pause_session": _STOP,
    "resume_session": Access(members=SENDERS, scope=KeyScope.SESSIONS_CANCEL, sends=True),
    "stop_session": _STOP,
    "confirm_price": _SEND,
    "send_missed_now": _SEND,
    "reschedule_session": _SEND,
    "skip_occurrence": _STOP,
    "end_series": _STOP,
    "retry_failed": _SEND,
    # To hold something is every moderator's; to end it for good, or to stop a whole company or
    # everybody, is a lead's.
    "hold_session": Access(staff=MODERATORS | ADMINS),
    "let_session_go_on": Access(staff=MODERATORS | ADMINS),
    "kill_session": Access(staff=LEADS | ADMINS),
    "kill_sessions_of_tenant": Access(staff=LEADS | ADMINS),
    "read_sending_desk": Access(staff=MODERATORS | ADMINS),
    "switch_tenant_sending": Access(staff=LEADS | ADMINS),
    "switch_platform_sending": Access(staff=LEADS | ADMINS, step_up=True),
    "list_recipients": _READ,
    "list_exclusions": _READ,
    "list_replies": _READ,
    "count_replies": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "read_reply_rules": Access(staff=MODERATORS | ADMINS),
    # What a word means decides who hears from every company: two ranks may say so, no more.
    "set_reply_word": Access(staff=LEADS | ADMINS),
    "remove_reply_word": Access(staff=LEADS | ADMINS),
    "set_reply_text": Access(staff=LEADS | ADMINS),
    "read_waiting": _READ,
}
