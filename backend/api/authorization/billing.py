"""Credits in: finance only, and never by a key."""

from typing import Final

from backend.api.authorization.access import ADMINS, FINANCE, Access, Rows

ROWS: Final[Rows] = {
    "create_top_up": Access(staff=FINANCE, step_up=True),
    "list_pending_top_ups": Access(staff=FINANCE | ADMINS),
    "approve_top_up": Access(staff=FINANCE | ADMINS, step_up=True),
    "create_grant": Access(staff=FINANCE, step_up=True),
}
