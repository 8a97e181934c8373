"""The price list as an evaluation reads it: one channel, by country."""

from backend.billing.schemas import PriceList
from backend.billing.service.prices import price_list, price_version_current
from backend.billing.states import Channel
from backend.campaigns.schemas.prices import PriceMap
from backend.db.scope import Scope

current_price_version = price_version_current


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
