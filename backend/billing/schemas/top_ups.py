"""Credits that people of finance bring in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.billing.states import (
    GRANT_CREDITS_MAX,
    TOP_UP_CREDITS_MAX,
    GrantKind,
    TopUpMethod,
    TopUpState,
)
from backend.kernel.views import Input, Moment, View

# Begins and ends with a visible character: two references never differ by a space alone.
Reference = Annotated[
    str, msgspec.Meta(max_length=100, pattern=r"^\S(.*\S)?$", examples=["2026-0314-ACME"])
]
Reason = Annotated[
    str, msgspec.Meta(max_length=500, pattern=r"\S", examples=["Bank transfer of 14 March"])
]


class TopUpCreate(Input, frozen=True):
    amount_credits: Annotated[int, msgspec.Meta(ge=1, le=TOP_UP_CREDITS_MAX, examples=[1000])]
    method: TopUpMethod
    reference: Reference
    reason: Reason
    proof_file: UUID | None = None
    """A file uploaded for this tenant before."""
    confirm_duplicate: bool = False
    """The clerk has seen that this reference was entered for another tenant, or for this one and
    taken back.
    """


class TopUpDecline(Input, frozen=True):
    reason: Reason


class EarlierReference(View, frozen=True):
    """Where a reference was entered before; `top_up_id` is null while that is being done."""

    tenant_id: UUID
    tenant_name: str
    reference: str
    amount_credits: int
    seen_by: str
    seen_at: datetime
    top_up_id: UUID | None
    state: TopUpState | None


class TopUpView(View, frozen=True):
    id: UUID
    tenant_id: UUID
    amount_credits: int
    method: TopUpMethod
    reference: str
    reason: str
    proof_file: UUID | None
    state: TopUpState
    created_by: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    decided_reason: str | None


class GrantCreate(Input, frozen=True):
    amount_credits: Annotated[int, msgspec.Meta(ge=1, le=GRANT_CREDITS_MAX, examples=[100])]
    reference: Reference
    reason: Reason
    kind: GrantKind = GrantKind.PROMOTIONAL
    expires_at: Moment | None = None


class GrantView(View, frozen=True):
    """`is_repeated`: this reference had been granted before, and nothing was added now."""

    transfer_id: UUID
    amount_credits: int
    is_repeated: bool
