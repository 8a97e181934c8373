"""The price list as an evaluation reads it: one channel, by country."""

from datetime import datetime, timedelta

from backend.billing.schemas.prices import PriceList
from backend.billing.service.prices import price_list, price_version_current
from backend.billing.states import Channel
from backend.campaigns.schemas.prices import PriceMap
from backend.campaigns.schemas.sessions import SessionRow
from backend.db.scope import Scope

current_price_version = price_version_current


QUOTED_PRICE_DAYS_MAX = 30
"""A confirmed quote keeps its price version so long; then the current one, inside the ceiling."""


def price_version_of(session: SessionRow, now: datetime) -> int | None:
    """What a dry run and a dispatch price by; None: the list in force."""
    quoted_at = session.submitted_at
    is_fresh = quoted_at is None or now - quoted_at <= timedelta(days=QUOTED_PRICE_DAYS_MAX)
    return session.price_version if is_fresh else None


async def read_prices(
    scope: Scope, version: int | None = None, channel: str = Channel.SMS
) -> PriceMap:
    """None: the list in force. Raises NotFound for a version that never was."""
    if version is None:
        version = await price_version_current(scope)
    return price_map(await price_list(scope, version), channel)


def price_map(given: PriceList, channel: str) -> PriceMap:
    return PriceMap(
        version=given.version,
        credits_per_segment={
            country: credits_each
            for (country, priced), credits_each in given.prices.items()
            if priced == channel
        },
        margin_percent=given.margin_percent,
        margin_credits_min=given.margin_credits_min,
    )
