"""Files with numbers in them: who runs the tenant, and keys made for it."""

from typing import Final

from backend.api.authorization.access import ACCOUNTANTS, MANAGERS, Access, Rows
from backend.kernel.principal import KeyScope

ROWS: Final[Rows] = {
    "export_results": Access(members=MANAGERS, scope=KeyScope.EXPORTS_CREATE, step_up=True),
    # The page shows it line by line to the same people.
    "export_ledger": Access(members=ACCOUNTANTS),
}
