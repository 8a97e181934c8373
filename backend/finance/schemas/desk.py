"""Who is found, how a tenant stands, what waits for somebody."""

from datetime import datetime
from uuid import UUID

from backend.finance.states import HitKind
from backend.kernel.views import View


class Hit(View, frozen=True):
    """Something found: `label` is what matched. Open it by its kind and id."""

    kind: HitKind
    id: str
    tenant_id: UUID
    tenant_name: str
    label: str
    at: datetime


class TenantStanding(View, frozen=True):
    """`spent_30_days` counts closed days. `is_low`: at that pace it does not last a week."""

    id: UUID
    name: str
    status: str
    created_at: datetime
    available: int
    held: int
    frozen: int
    receivable: int
    credit_line: int
    spent_30_days: int
    is_low: bool
    is_big_sender: bool
    last_top_up_at: datetime | None
    last_top_up_credits: int | None


class ActorName(View, frozen=True):
    """`actor` as the rows have it, `kind:id`."""

    actor: str
    name: str


class ToDo(View, frozen=True):
    """How many of each wait for a person of finance."""

    transfers_to_match: int
    top_ups_pending: int
    corrections_pending: int
    refunds_to_approve: int
    disputes_open: int
    payment_problems: int
    reconciliation_items: int
    price_lists_waiting: int
    documents_overdue: int
    low_big_senders: int
