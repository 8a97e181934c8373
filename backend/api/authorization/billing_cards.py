"""Saved cards and auto-reload: whoever may spend the tenant's money, proved again."""

from typing import Final

from backend.api.authorization.access import PAYERS, Access, Rows

ROWS: Final[Rows] = {
    "list_cards": Access(members=PAYERS),
    "open_card_setup": Access(members=PAYERS, step_up=True),
    "refresh_cards": Access(members=PAYERS),
    "forget_card": Access(members=PAYERS, step_up=True),
    "read_auto_reload": Access(members=PAYERS),
    "save_auto_reload": Access(members=PAYERS, step_up=True),
    "authenticate_purchase": Access(members=PAYERS),
}
