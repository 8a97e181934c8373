"""What a segment costs, as an evaluation needs it."""

import msgspec


class PriceMap(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the price list for one channel. A country that is absent is not sent to."""

    version: int
    credits_per_segment: dict[str, int]
    """ISO 3166 country → credits."""
    margin_percent: int
    """Shown in the dialog: the ceiling is the quote and this much more, rounded up."""

    margin_credits_min: int

    def margin(self, quoted_credits: int) -> int:
        share = -(-quoted_credits * self.margin_percent // 100)
        return max(share, self.margin_credits_min) if quoted_credits else 0
