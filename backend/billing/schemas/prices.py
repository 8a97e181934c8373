"""What a message costs, by version."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.billing.desk_states import ProposalState
from backend.billing.schemas.top_ups import Reason
from backend.billing.states import Channel
from backend.kernel.views import Input, Moment, View

Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["NO"])]


class PriceList(msgspec.Struct, frozen=True):
    """One version, whole, for hot loops. `prices`: (country, channel) → credits."""

    version: int
    refund_undelivered: bool
    margin_percent: int
    margin_credits_min: int
    prices: dict[tuple[str, str], int]

    def price(self, country: str, channel: Channel) -> int | None:
        """Credits per segment (sms) or message (mms); None: not priced, so never sent to."""
        return self.prices.get((country, channel.value))

    def ceiling(self, quoted_credits: int) -> int:
        """The most a run quoted at this may charge: the margin rounded up, at least the minimum."""
        margin = -(-quoted_credits * self.margin_percent // 100)
        return quoted_credits + max(margin, self.margin_credits_min)


class PriceListSummary(View, frozen=True):
    """`is_in_force`: quotes made now are made with it."""

    version: int
    refund_undelivered: bool
    margin_percent: int
    margin_credits_min: int
    reason: str
    created_by: str
    created_at: datetime
    effective_from: datetime
    is_in_force: bool


class PriceLine(View, frozen=True):
    """Credits per segment (sms) or per message (mms)."""

    country: str
    channel: Channel
    credits: int


class PriceListView(PriceListSummary, frozen=True):
    prices: list[PriceLine]


class PriceChange(Input, frozen=True):
    """`credits` null: not sold any more."""

    country: Country
    channel: Channel
    credits: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None


class PriceProposalCreate(Input, frozen=True):
    """What shall differ from `base_version`, which must be the newest published.

    `effective_from` null: as soon as a second person has approved it.
    """

    base_version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    changes: Annotated[list[PriceChange], msgspec.Meta(max_length=1000)]
    reason: Reason
    effective_from: Moment | None = None
    refund_undelivered: bool | None = None
    margin_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    margin_credits_min: Annotated[int, msgspec.Meta(ge=0, le=1000)] | None = None


class PriceDifference(View, frozen=True):
    """Null: not sold before, or after."""

    country: str
    channel: Channel
    before: int | None
    after: int | None


class PriceProposalView(View, frozen=True):
    """`differences` against its base version, what does not change left out."""

    id: UUID
    base_version: int
    differences: list[PriceDifference]
    refund_undelivered: bool
    margin_percent: int
    margin_credits_min: int
    effective_from: datetime | None
    reason: str
    state: ProposalState
    created_by: str
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None
    version: int | None


class ProposalDecline(Input, frozen=True):
    reason: Reason
