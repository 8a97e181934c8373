"""Campaigns, their sessions, quotes and texts."""

from typing import Final

from backend.api.authorization.access import (
    ACCOUNTANTS,
    EDITORS,
    READERS,
    SENDERS,
    Access,
    Rows,
)
from backend.kernel.principal import KeyScope, MemberRole

_SEND: Final = Access(members=SENDERS, scope=KeyScope.SESSIONS_WRITE, sends=True)
_MASKED: Final = frozenset({MemberRole.VIEWER})

ROWS: Final[Rows] = {
    "list_campaigns": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "read_campaign": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "list_sessions": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "read_campaign_session": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "list_session_minutes": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "create_campaign": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "update_campaign": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "archive_campaign": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "create_session": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "update_draft": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "discard_draft": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "copy_session": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "check_text": Access(members=READERS, scope=KeyScope.SESSIONS_WRITE),
    "preview_session": Access(members=READERS, scope=KeyScope.SESSIONS_WRITE, masked=_MASKED),
    "preview_schedule": Access(members=READERS, scope=KeyScope.SESSIONS_WRITE),
    "list_series": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "read_series": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "pause_series": Access(members=SENDERS, scope=KeyScope.SESSIONS_CANCEL),
    "resume_series": _SEND,
    # Who sees the balance sees what it will not cover.
    "read_forecast": Access(members=SENDERS | ACCOUNTANTS, scope=KeyScope.BALANCE_READ),
    "create_quote": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE, masked=_MASKED),
    "submit_session": _SEND,
}
