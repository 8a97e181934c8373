"""Running sessions: stopping them, and who got what."""

from typing import Final

from backend.api.authorization.access import ADMINS, LEADS, READERS, SENDERS, Access, Rows
from backend.kernel.principal import KeyScope, MemberRole

_VIEWER: Final[frozenset[MemberRole]] = frozenset({MemberRole.VIEWER})
_STOP: Final = Access(members=SENDERS, scope=KeyScope.SESSIONS_CANCEL)
_READ: Final = Access(members=READERS, scope=KeyScope.REPORTS_READ, masked=_VIEWER)

ROWS: Final[Rows] = {
    "cancel_session": _STOP,
    "pause_session": _STOP,
    "resume_session": _STOP,
    "stop_session": _STOP,
    "confirm_price": Access(members=SENDERS, scope=KeyScope.SESSIONS_WRITE),
    "send_missed_now": Access(members=SENDERS, scope=KeyScope.SESSIONS_WRITE),
    "kill_session": Access(staff=LEADS | ADMINS),
    "list_recipients": _READ,
    "list_exclusions": _READ,
    "read_waiting": _READ,
}
