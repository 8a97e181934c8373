"""What credits cost in money, and the tariffs that say it."""

from datetime import datetime
from typing import Annotated

import msgspec

from backend.billing.pricing import PurchasePrice
from backend.billing.schemas.top_ups import Reason
from backend.billing.states import (
    PURCHASE_CREDITS_MAX,
    TARIFF_TIERS_MAX,
    UNIT_PRICE_MICRO_MAX,
    TariffState,
)
from backend.kernel.views import Input, Moment, View

Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]


class Package(View, frozen=True, kw_only=True):
    credits: int
    price: PurchasePrice


class CreditPriceView(View, frozen=True, kw_only=True):
    """`is_estimate`: no billing profile yet, so the tax is the seller's own country's."""

    price: PurchasePrice
    is_estimate: bool


class TierView(View, frozen=True, kw_only=True):
    credits_from: int
    unit_price_micro: int


class PackagesView(View, frozen=True, kw_only=True):
    packages: list[Package]
    tiers: list[TierView]
    is_estimate: bool
    purchase_credits_min: int
    purchase_credits_max: int


class TierInput(Input, frozen=True, kw_only=True):
    credits_from: Annotated[int, msgspec.Meta(ge=1, le=PURCHASE_CREDITS_MAX, examples=[1])]
    unit_price_micro: Annotated[int, msgspec.Meta(ge=1, le=UNIT_PRICE_MICRO_MAX, examples=[65_000])]


class TariffCreate(Input, frozen=True, kw_only=True):
    """`tiers`: the lowest first, beginning at 1 credit; all of a purchase costs what the highest
    tier it reaches says.
    """

    currency: Currency
    effective_from: Annotated[Moment, msgspec.Meta(examples=["2035-01-01T00:00:00Z"])]
    tiers: Annotated[list[TierInput], msgspec.Meta(min_length=1, max_length=TARIFF_TIERS_MAX)]
    reason: Reason


class TariffView(View, frozen=True, kw_only=True):
    version: int
    currency: str
    effective_from: datetime
    tiers: list[TierView]
    reason: str
    state: TariffState
    is_in_force: bool
    created_by: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
