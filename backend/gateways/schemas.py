"""What callers see of gateways."""

from uuid import UUID

import msgspec

from backend.gateways.config import AnyConfig
from backend.gateways.states import GatewayState, Health


class StandingGateway(msgspec.Struct, frozen=True):
    """One that has links: active or draining."""

    id: UUID
    config: AnyConfig
    throughput_segments_per_second_max: float | None
    is_working: bool
    """Some process has a link that is bound."""
    state: GatewayState = GatewayState.ACTIVE
    weight: int = 100
    countries: frozenset[str] | None = None
    """None: every country."""
    sender_segments_per_second_max: float | None = None
    """Of the sender asked for, or of each that has no limit of its own."""
    health: Health = Health.HEALTHY
    version: int = 1

    @property
    def may_send(self) -> bool:
        """What waits at it may go; new work is another question."""
        return self.is_working and self.health is not Health.OUT

    @property
    def is_choosable(self) -> bool:
        return self.may_send and self.state is GatewayState.ACTIVE

    def serves(self, country: str) -> bool:
        return self.countries is None or country in self.countries

    @property
    def segments_per_second_max(self) -> float | None:
        """Of one sender through it; None: as fast as it answers."""
        rates = (self.throughput_segments_per_second_max, self.sender_segments_per_second_max)
        return min((rate for rate in rates if rate is not None), default=None)


class Tally(msgspec.Struct, gc=False):
    """What a process saw of one gateway since it last told; field names are column names."""

    accepted: int = 0
    refused: int = 0
    throttled: int = 0
    errors: int = 0
    in_doubt: int = 0
    not_written: int = 0
    receipts: int = 0
    receipts_timed: int = 0
    receipts_slow: int = 0
    receipt_delay_ms_sum: int = 0

    @property
    def submitted(self) -> int:
        return self.accepted + self.refused + self.throttled + self.errors + self.in_doubt

    def time_receipt(self, delay_seconds: float, slow_after_seconds: float) -> None:
        self.receipts_timed += 1
        self.receipts_slow += delay_seconds > slow_after_seconds
        self.receipt_delay_ms_sum += round(max(0.0, delay_seconds) * 1_000)
