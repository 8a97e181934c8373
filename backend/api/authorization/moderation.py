"""The moderation desk, submissions for approval, decisions."""

from typing import Final

from backend.api.authorization.access import (
    DESK,
    EDITORS,
    LEADS,
    MANAGERS,
    MODERATORS,
    OUTSIDE,
    READERS,
    SENDERS,
    Access,
    Rows,
)
from backend.kernel.principal import KeyScope

ROWS: Final[Rows] = {
    # Moderators from outside see no recipient's number.
    "list_cases": Access(staff=DESK, masked=OUTSIDE),
    "read_case": Access(staff=DESK, masked=OUTSIDE),
    "claim_case": Access(staff=DESK),
    "claim_next_case": Access(staff=DESK),
    "heartbeat_case": Access(staff=DESK),
    "release_case": Access(staff=DESK),
    "decide_case": Access(staff=DESK),
    "revoke_case": Access(staff=MODERATORS),
    "undo_decision": Access(staff=DESK),
    "skip_case": Access(staff=DESK),
    "escalate_case": Access(staff=DESK),
    "show_presence": Access(staff=DESK),
    "add_case_note": Access(staff=DESK),
    "ask_opinion": Access(staff=DESK),
    "give_opinion": Access(staff=DESK),
    "list_case_questions": Access(staff=DESK),
    "read_desk_rules": Access(staff=DESK),
    "list_desk_rules": Access(staff=MODERATORS),
    "change_desk_rules": Access(staff=LEADS),
    "list_codes_of_conduct": Access(staff=MODERATORS),
    "change_code_of_conduct": Access(staff=LEADS),
    # Who may submit may ask for another look.
    "appeal_decision": Access(members=SENDERS, scope=KeyScope.SESSIONS_WRITE),
    "read_appeal": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "read_wait": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "list_blocked_hosts": Access(staff=MODERATORS),
    "block_host": Access(staff=LEADS),
    "unblock_host": Access(staff=LEADS),
    "read_code_of_conduct": Access(account=True, key=True),
    "list_past_decisions": Access(staff=MODERATORS),
    "list_decisions": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    # Asking for approval sends nothing: editors may.
    "submit_template_version": Access(members=EDITORS, scope=KeyScope.TEMPLATES_WRITE),
    "submit_sender": Access(members=MANAGERS),
}
