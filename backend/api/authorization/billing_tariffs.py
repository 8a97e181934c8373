"""What credits cost, and who sells to whom."""

from typing import Final

from backend.api.authorization.access import ACCOUNTANTS, FINANCE, PAYERS, Access, Rows

ROWS: Final[Rows] = {
    "list_credit_packages": Access(members=ACCOUNTANTS),
    "read_credit_price": Access(members=ACCOUNTANTS),
    "read_billing_profile": Access(members=PAYERS),
    "save_billing_profile": Access(members=PAYERS),
    "read_tenant_billing_profile": Access(staff=FINANCE),
    "set_billing_terms": Access(staff=FINANCE, step_up=True),
    "list_tariffs": Access(staff=FINANCE),
    "propose_tariff": Access(staff=FINANCE, step_up=True),
    "approve_tariff": Access(staff=FINANCE, step_up=True),
    "withdraw_tariff": Access(staff=FINANCE),
    "list_legal_entities": Access(staff=FINANCE),
    "update_legal_entity": Access(staff=FINANCE, step_up=True),
    "add_vat_rate": Access(staff=FINANCE, step_up=True),
}
