"""Closed days and what did not agree in them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.finance.states import Age, Reconciled
from backend.kernel.views import Input, View


class DayInput(Input, frozen=True):
    """A UTC day that is over."""

    day: date


class Movement(View, frozen=True):
    kind: str
    from_account: str
    to_account: str
    transfers: int
    credits: int


class Liability(View, frozen=True):
    age: Age
    credits: int
    tenants: int


class DayViolation(View, frozen=True):
    check: str
    tenant_id: UUID
    subject: str
    expected: int
    found: int


class ClosedDay(View, frozen=True):
    """`agrees`: the ledger kept its promises and nothing of the reconciliation is unexplained now.

    `violations` are the first of `violations_total`.
    """

    day: date
    closed_at: datetime
    closed_by: str
    tenants: int
    transfers: int
    ledger_agrees: bool
    violations_total: int
    violations: list[DayViolation]
    reconciliation: Reconciled
    unresolved: int
    agrees: bool
    movements: list[Movement]
    liabilities: list[Liability]


class GatewayDay(View, frozen=True):
    """`segments` by the messages, `metered_segments` by what the sending processes counted."""

    gateway_id: UUID
    gateway_name: str
    messages: int
    segments: int
    charged_credits: int
    metered_segments: int


class Item(View, frozen=True):
    """One thing that differs. `is_gone`: the newest run did not see it any more."""

    kind: str
    subject: str
    tenant_id: UUID | None
    expected: int
    found: int
    unit: str
    is_gone: bool
    note: str | None
    resolved_by: str | None
    resolved_at: datetime | None


class ReconciliationView(View, frozen=True):
    day: date
    run: int
    made_at: datetime
    made_by: str
    is_stripe_asked: bool
    payments: int
    refunds: int
    top_ups: int
    charged_credits: int
    captured_credits: int
    unresolved: int
    gateways: list[GatewayDay]
    items: list[Item]


class ItemResolution(Input, frozen=True):
    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    note: Annotated[
        str, msgspec.Meta(max_length=500, pattern=r"\S", examples=["Refunded by hand in Stripe"])
    ]
