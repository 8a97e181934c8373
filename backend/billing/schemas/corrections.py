"""What takes credits back, lends or gives some, and waits for a second person above a limit."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.billing.desk_states import (
    CREDIT_LINE_CREDITS_MAX,
    CorrectionKind,
    CorrectionState,
)
from backend.billing.schemas.top_ups import Reason
from backend.billing.states import GrantKind
from backend.kernel.views import Input, View


class Reversal(Input, frozen=True):
    reason: Reason


class CreditLineChange(Input, frozen=True):
    """The line as it shall be; 0 takes it away. `seen_credits`: as it was shown to the clerk."""

    credits: Annotated[int, msgspec.Meta(ge=0, le=CREDIT_LINE_CREDITS_MAX, examples=[5000])]
    seen_credits: Annotated[int, msgspec.Meta(ge=0, le=CREDIT_LINE_CREDITS_MAX, examples=[0])]
    reason: Reason


class CorrectionDecline(Input, frozen=True):
    reason: Reason


class CorrectionView(View, frozen=True):
    """`amount_credits`: what a reversal takes back, a grant gives, or the credit line as it shall
    be; `seen_credits`: as the line was when it was asked for. What a grant gives has a kind, and
    may expire.
    """

    id: UUID
    tenant_id: UUID
    kind: CorrectionKind
    top_up_id: UUID | None
    amount_credits: int
    seen_credits: int | None
    grant_reference: str | None
    grant_kind: GrantKind | None
    expires_at: datetime | None
    reason: str
    state: CorrectionState
    created_by: str
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None
