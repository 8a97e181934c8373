"""The finance desk's view across tenants. Admins see it, and act as the second person."""

from typing import Final

from backend.api.authorization.access import ADMINS, FINANCE, Access, Rows

_LOOK: Final = Access(staff=FINANCE | ADMINS)

ROWS: Final[Rows] = {
    "search_finance": Access(staff=FINANCE),
    "list_tenant_standings": Access(staff=FINANCE),
    "read_tenant_standing": Access(staff=FINANCE),
    "read_finance_to_do": _LOOK,
    "name_actors": _LOOK,
    "list_closed_days": _LOOK,
    "close_day": Access(staff=FINANCE),
    "list_reconciliations": _LOOK,
    "reconcile_day": Access(staff=FINANCE),
    "resolve_reconciliation_item": Access(staff=FINANCE),
    "read_finance_report": Access(staff=FINANCE),
    "explain_transfer": Access(staff=FINANCE),
    "list_charged_messages": Access(staff=FINANCE, masked=FINANCE),
    "export_finance_report_csv": Access(staff=FINANCE, step_up=True),
    "export_finance_report_xlsx": Access(staff=FINANCE, step_up=True),
}
