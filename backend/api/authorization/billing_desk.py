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
    "upload_bank_file": Access(staff=FINANCE),
    "list_bank_files": Access(staff=FINANCE),
    "list_bank_lines": Access(staff=FINANCE),
    "match_bank_line": Access(staff=FINANCE, step_up=True),
    "unmatch_bank_line": Access(staff=FINANCE, step_up=True),
    "ignore_bank_line": Access(staff=FINANCE),
    "list_price_lists": Access(staff=FINANCE | ADMINS),
    "read_price_list": Access(staff=FINANCE | ADMINS),
    "list_price_proposals": Access(staff=FINANCE | ADMINS),
    "propose_prices": Access(staff=FINANCE),
    "approve_prices": Access(staff=FINANCE, step_up=True),
    "decline_prices": Access(staff=FINANCE),
}
