"""Balance, statement and traces."""

from typing import Final

from backend.api.authorization.access import ACCOUNTANTS, FINANCE, SENDERS, Access, Rows
from backend.kernel.principal import KeyScope

ROWS: Final[Rows] = {
    # A sender has to see whether the campaign fits; who spent what is for the accounts.
    "read_balance": Access(members=SENDERS | ACCOUNTANTS, scope=KeyScope.BALANCE_READ),
    "list_transfers": Access(members=ACCOUNTANTS),
    "read_spending": Access(members=ACCOUNTANTS),
    "read_balances_at": Access(members=ACCOUNTANTS),
    "read_transfer": Access(members=ACCOUNTANTS),
    "list_lots": Access(members=ACCOUNTANTS),
    "read_lot": Access(members=ACCOUNTANTS),
    "list_lot_uses": Access(members=ACCOUNTANTS),
    "list_lot_transfers": Access(members=ACCOUNTANTS),
    "read_tenant_balance": Access(staff=FINANCE),
    "list_tenant_transfers": Access(staff=FINANCE),
    "read_tenant_balances_at": Access(staff=FINANCE),
    "read_tenant_transfer": Access(staff=FINANCE),
    "list_tenant_lots": Access(staff=FINANCE),
    "read_tenant_lot": Access(staff=FINANCE),
    "list_tenant_lot_uses": Access(staff=FINANCE),
    "list_tenant_lot_transfers": Access(staff=FINANCE),
}
