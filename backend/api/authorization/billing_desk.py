"""The finance desk's writing side: finance asks, finance or an admin is the second person."""

from typing import Final

from backend.api.authorization.access import ADMINS, FINANCE, Access, Rows

ROWS: Final[Rows] = {
    "upload_proof_file": Access(staff=FINANCE),
    "download_proof_file": Access(staff=FINANCE | ADMINS),
    "list_top_ups": Access(staff=FINANCE | ADMINS),
    "decline_top_up": Access(staff=FINANCE | ADMINS),
    "reverse_top_up": Access(staff=FINANCE, step_up=True),
    "set_credit_line": Access(staff=FINANCE, step_up=True),
    "list_corrections": Access(staff=FINANCE | ADMINS),
    "approve_correction": Access(staff=FINANCE | ADMINS, step_up=True),
    "decline_correction": Access(staff=FINANCE | ADMINS),
}
