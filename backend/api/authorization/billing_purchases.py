"""Buying and money back. Stripe's events prove themselves by their signature over the raw body."""

from typing import Final

from backend.api.authorization.access import ADMINS, FINANCE, PAYERS, Access, Rows

ROWS: Final[Rows] = {
    "create_purchase": Access(members=PAYERS, step_up=True),
    "list_purchases": Access(members=PAYERS),
    "read_purchase": Access(members=PAYERS),
    "list_tenant_purchases": Access(staff=FINANCE),
    "read_tenant_purchase": Access(staff=FINANCE),
    "receive_stripe_event": Access(public=True),
    "create_refund": Access(staff=FINANCE, step_up=True),
    "list_tenant_refunds": Access(staff=FINANCE),
    "list_waiting_refunds": Access(staff=FINANCE | ADMINS),
    "approve_refund": Access(staff=FINANCE | ADMINS, step_up=True),
    "decline_refund": Access(staff=FINANCE | ADMINS),
    "record_refund_payment": Access(staff=FINANCE, step_up=True),
    "record_refund_failure": Access(staff=FINANCE, step_up=True),
    "list_disputes": Access(staff=FINANCE),
    "list_payment_problems": Access(staff=FINANCE),
    "resolve_payment_problem": Access(staff=FINANCE, step_up=True),
}
