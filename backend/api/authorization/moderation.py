"""The moderation desk, submissions for approval, decisions."""

from typing import Final

from backend.api.authorization.access import (
    EDITORS,
    LEADS,
    MANAGERS,
    MODERATORS,
    READERS,
    Access,
    Rows,
)
from backend.kernel.principal import KeyScope

ROWS: Final[Rows] = {
    "list_cases": Access(staff=MODERATORS),
    "read_case": Access(staff=MODERATORS),
    "claim_case": Access(staff=MODERATORS),
    "claim_next_case": Access(staff=MODERATORS),
    "heartbeat_case": Access(staff=MODERATORS),
    "release_case": Access(staff=MODERATORS),
    "decide_case": Access(staff=MODERATORS),
    "revoke_case": Access(staff=MODERATORS),
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
