"""Templates and senders."""

from typing import Final

from backend.api.authorization.access import EDITORS, MANAGERS, READERS, Access, Rows
from backend.kernel.principal import KeyScope

ROWS: Final[Rows] = {
    "list_templates": Access(members=READERS, scope=KeyScope.TEMPLATES_WRITE),
    "read_template": Access(members=READERS, scope=KeyScope.TEMPLATES_WRITE),
    "create_template": Access(members=EDITORS, scope=KeyScope.TEMPLATES_WRITE),
    "update_template": Access(members=EDITORS, scope=KeyScope.TEMPLATES_WRITE),
    "archive_template": Access(members=EDITORS, scope=KeyScope.TEMPLATES_WRITE),
    "add_template_version": Access(members=EDITORS, scope=KeyScope.TEMPLATES_WRITE),
    "withdraw_template_version": Access(members=EDITORS, scope=KeyScope.TEMPLATES_WRITE),
    "list_senders": Access(members=READERS, scope=KeyScope.SESSIONS_WRITE),
    # A sender is who the company says it is: not every editor's to ask for.
    "request_sender": Access(members=MANAGERS),
    "withdraw_sender": Access(members=MANAGERS),
}
