"""Balance and statement."""

from typing import Final

from backend.api.authorization.access import ACCOUNTANTS, FINANCE, SENDERS, Access, Rows
from backend.kernel.principal import KeyScope

ROWS: Final[Rows] = {
    # A sender has to see whether the campaign fits; who spent what is for the accounts.
    "read_balance": Access(members=SENDERS | ACCOUNTANTS, scope=KeyScope.BALANCE_READ),
    "list_transfers": Access(members=ACCOUNTANTS),
    "read_spending": Access(members=ACCOUNTANTS),
    "read_tenant_balance": Access(staff=FINANCE),
    "list_tenant_transfers": Access(staff=FINANCE),
}
