"""Saved cards, and credits that are bought by themselves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.billing.reload_states import (
    MONTHLY_CAP_MINOR_MAX,
    ReloadState,
    StopReason,
)
from backend.billing.schemas.tariffs import Currency
from backend.billing.states import PURCHASE_CREDITS_MAX, PURCHASE_CREDITS_MIN
from backend.kernel.views import Input, View

CardId = Annotated[
    str, msgspec.Meta(min_length=1, max_length=255, examples=["pm_1Q0PsIJvEtkwdCNY"])
]
Amount = Annotated[
    int, msgspec.Meta(ge=PURCHASE_CREDITS_MIN, le=PURCHASE_CREDITS_MAX, examples=[5_000])
]


class CardView(View, frozen=True):
    """`is_expired`: its month is over; charging it will most likely be refused."""

    id: CardId
    brand: Annotated[str, msgspec.Meta(examples=["visa"])]
    last4: Annotated[str, msgspec.Meta(examples=["4242"])]
    exp_month: int
    exp_year: int
    saved_at: datetime
    is_expired: bool
    reloads: bool


class CardSetupView(View, frozen=True):
    """The provider's page on which a card is saved: the browser goes there."""

    url: str
    expires_at: datetime


class AutoReloadInput(Input, frozen=True, kw_only=True):
    """Below `threshold_credits` either `amount_credits` are bought, or what is missing to
    `target_credits`; never more than `monthly_cap_minor` (with tax) in a calendar month of UTC.
    """

    is_on: bool
    threshold_credits: Annotated[int, msgspec.Meta(ge=1, le=PURCHASE_CREDITS_MAX, examples=[1_000])]
    amount_credits: Amount | None = None
    target_credits: Amount | None = None
    monthly_cap_minor: Annotated[
        int, msgspec.Meta(ge=1, le=MONTHLY_CAP_MINOR_MAX, examples=[50_000])
    ]
    card_id: CardId


class AutoReloadView(View, frozen=True, kw_only=True):
    """`spent_this_month_minor` counts what is paid and what is on its way."""

    state: ReloadState
    threshold_credits: int
    amount_credits: int | None
    target_credits: int | None
    monthly_cap_minor: int
    currency: Currency
    spent_this_month_minor: int
    card: CardView | None
    failures: int
    retry_at: datetime | None
    stop_reason: StopReason | None
    last_purchase_id: UUID | None
    last_failure_code: str | None
    needs_authentication: bool
    changed_by: str
    changed_at: datetime


class AuthenticationView(View, frozen=True):
    """The bank's page, where the card's owner confirms the payment."""

    url: str


class AutoReload(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `auto_reload`."""

    tenant_id: UUID
    state: ReloadState
    threshold_credits: int
    amount_credits: int | None
    target_credits: int | None
    monthly_cap_minor: int
    currency: str
    card_id: str
    failures: int
    retry_at: datetime | None
    stop_reason: StopReason | None
    is_armed: bool
    crossing_no: int
    fired_at: datetime | None
    changed_by: str
    changed_at: datetime


class Reload(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `auto_reloads`."""

    purchase_id: UUID
    crossing_no: int
    attempt: int
    card_id: str
    opened_at: datetime
    outcome: str | None
