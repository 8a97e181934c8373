"""Buying and money back. Stripe's events prove themselves by their signature over the raw body."""

from typing import Final

from backend.api.authorization.access import FINANCE, PAYERS, Access, Rows

ROWS: Final[Rows] = {
    "create_purchase": Access(members=PAYERS, step_up=True),
    "list_purchases": Access(members=PAYERS),
    "read_purchase": Access(members=PAYERS),
    "list_tenant_purchases": Access(staff=FINANCE),
    "read_tenant_purchase": Access(staff=FINANCE),
    "receive_stripe_event": Access(public=True),
    "list_payment_problems": Access(staff=FINANCE),
    "resolve_payment_problem": Access(staff=FINANCE, step_up=True),
}
