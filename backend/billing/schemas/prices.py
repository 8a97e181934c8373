"""What a message costs, by version."""

import msgspec

from backend.billing.states import Channel


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
