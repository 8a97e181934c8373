"""What is planned against the balance."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.views import View

FORECAST_DAYS = 90
"""Repeats are looked at so far ahead; single sessions whatever their date."""
FORECAST_SESSIONS_MAX = 1_000


class PlannedSend(msgspec.Struct, frozen=True, kw_only=True):
    """One session, or one occurrence of a series that has no session yet."""

    due_at: datetime
    credits: int
    session_id: UUID | None
    series_id: UUID | None
    campaign_name: str | None


class NotCovered(View, kw_only=True, frozen=True):
    """The first one the balance does not reach for; `available_credits` is what is left then."""

    session_id: UUID | None
    series_id: UUID | None
    campaign_name: str | None
    due_at: datetime
    required_credits: int
    available_credits: int
    missing_credits: int
    expired_credits: int = 0
    """Of the balance as it is now: what will have expired by then."""


class ForecastView(View, kw_only=True, frozen=True):
    """By the quotes, in the order of due times. Without `first_not_covered` all is covered."""

    available_credits: int
    planned_credits: int
    planned_sends: int
    expiring_credits: int = 0
    """What expires unused before the last of them."""
    first_not_covered: NotCovered | None
