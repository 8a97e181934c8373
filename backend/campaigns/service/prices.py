"""The price list as campaigns read it."""

from functools import cache

import phonenumbers

from backend.campaigns.schemas.prices import PriceMap
from backend.db.scope import Scope
from backend.kernel.errors import NotFound

FIRST_VERSION = 1
CREDITS_PER_SEGMENT = 1
MARGIN_PERCENT = 10


@cache
def _first() -> PriceMap:
    return PriceMap(
        version=FIRST_VERSION,
        credits_per_segment=dict.fromkeys(
            sorted(phonenumbers.SUPPORTED_REGIONS), CREDITS_PER_SEGMENT
        ),
        margin_percent=MARGIN_PERCENT,
        margin_credits_min=1,
    )


async def read_prices(scope: Scope, version: int | None = None) -> PriceMap:
    """None: the list in force at `scope.now`. Raises NotFound for a version that never was."""
    del scope
    if version not in (None, FIRST_VERSION):
        raise NotFound
    return _first()


async def current_price_version(scope: Scope) -> int:
    return (await read_prices(scope)).version
