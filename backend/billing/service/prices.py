"""Price lists by version. A quote keeps its version for 30 days; then the current one counts."""

import asyncpg

from backend.billing.queries import prices
from backend.billing.schemas.prices import PriceList
from backend.billing.states import Channel
from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import Conflict
from backend.kernel.principal import Principal


async def price_version_current(scope: Scope) -> int:
    """The list in force now: published lists may begin later."""
    return await prices.version_in_force(scope)


async def price(scope: Scope, version: int, country: str, channel: Channel) -> int | None:
    """Credits per segment (sms) or message (mms); None: not priced, so never sent to."""
    return await prices.price(scope, version, country, channel.value)


async def price_list(scope: Scope, version: int) -> PriceList:
    """The whole version. It never changes, so a caller may keep it. Raises NotFound."""
    settings, by_country = await prices.price_list(scope, version)
    return PriceList(**settings, prices=by_country)


async def publish_price_list(
    principal: Principal,
    by_country: dict[tuple[str, Channel], int],
    reason: str,
    *,
    refund_undelivered: bool = False,
    margin_percent: int = 5,
    margin_credits_min: int = 1,
) -> int:
    """The next version. Raises Conflict `price_list_published` where another one came between."""
    try:
        async with platform_scope(principal, reason) as scope:
            version = await prices.newest_version(scope) + 1
            await prices.insert_price_list(
                scope,
                version,
                {(country, channel.value): each for (country, channel), each in by_country.items()},
                refund_undelivered=refund_undelivered,
                margin_percent=margin_percent,
                margin_credits_min=margin_credits_min,
                reason=reason,
            )
    except (asyncpg.UniqueViolationError, asyncpg.RestrictViolationError) as error:
        raise Conflict(
            "price_list_published", "another price list was published meanwhile"
        ) from error
    return version
