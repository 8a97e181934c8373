"""Notices, what each person wants to hear of, and the demo's mailbox."""

from typing import Final

from backend.api.authorization.access import ACCOUNTANTS, EVERY_MEMBER, SENDERS, Access, Rows

ROWS: Final[Rows] = {
    # Each sees their own, of the kinds their role may see (notifications/states.py).
    "list_notices": Access(members=EVERY_MEMBER),
    "count_unread_notices": Access(members=EVERY_MEMBER),
    "mark_notice_read": Access(members=EVERY_MEMBER),
    "mark_all_notices_read": Access(members=EVERY_MEMBER),
    "list_notice_preferences": Access(members=EVERY_MEMBER),
    "save_notice_preferences": Access(members=EVERY_MEMBER),
    "read_balance_warnings": Access(members=SENDERS | ACCOUNTANTS),
    "save_balance_warnings": Access(members=ACCOUNTANTS),
    # Answers in demo mode only, where every password stands on the login page too.
    "read_mailbox": Access(public=True),
}
