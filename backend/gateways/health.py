"""When a gateway is taken out and let back in: pure, of sums over a sliding window.

Between the share that takes a gateway out and the one that lets it back lies room, and each time
out lasts twice as long as the one before, so that a gateway does not come and go with every look.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from backend.gateways.states import Health

ERROR_WINDOW: Final = timedelta(minutes=2)
RECEIPT_WINDOW: Final = timedelta(minutes=10)
SUBMITTED_MIN: Final = 20
"""Parts in the window, before a share of them means anything."""
TIMED_MIN: Final = 10
"""Receipts of the sample in their window."""
OUT_ERROR_RATIO: Final = 0.5
BACK_ERROR_RATIO: Final = 0.1
SLOW_RECEIPT_RATIO: Final = 0.5
"""More than half of the sample: phones that are off are the recipients' affair, and fewer."""
QUICK_RECEIPT_RATIO: Final = 0.2
OUT_SECONDS_MIN: Final = 60
"""Longer than anything in flight lives, so that a probation counts its own parts only."""
OUT_SECONDS_MAX: Final = 1_800
FORGOTTEN_AFTER: Final = timedelta(minutes=30)
"""A time out so long after the last one is a first one again."""


class Standing(NamedTuple):
    """How a gateway stands, as its row says."""

    health: Health
    changed_at: datetime | None
    out_until: datetime | None
    outs: int


class Sums(NamedTuple):
    """`gateway_health` of one gateway: errors over ERROR_WINDOW, receipts over RECEIPT_WINDOW, both
    since its health last changed.
    """

    submitted: int = 0
    accepted: int = 0
    throttled: int = 0
    errors: int = 0
    in_doubt: int = 0
    receipts_timed: int = 0
    receipts_slow: int = 0

    @property
    def error_ratio(self) -> float:
        """A carrier that slows us down works; one that takes nothing but says so does not."""
        throttled = 0 if self.accepted else self.throttled
        return (self.errors + self.in_doubt + throttled) / max(1, self.submitted)

    @property
    def slow_ratio(self) -> float:
        return self.receipts_slow / max(1, self.receipts_timed)


class Verdict(msgspec.Struct, frozen=True):
    health: Health
    cause: str | None = None
    out_until: datetime | None = None
    outs: int = 0


def judge(standing: Standing, sums: Sums, now: datetime) -> Verdict | None:
    """What it becomes; None: nothing changes."""
    if standing.health is Health.OUT:
        is_over = standing.out_until is None or now >= standing.out_until
        return Verdict(Health.PROBATION, "returning", outs=standing.outs) if is_over else None
    if sums.submitted >= SUBMITTED_MIN and sums.error_ratio >= OUT_ERROR_RATIO:
        return _out(standing, now)
    if standing.health is Health.PROBATION:
        return _on_probation(standing, sums)
    is_timed = sums.receipts_timed >= TIMED_MIN
    if standing.health is Health.HEALTHY:
        if is_timed and sums.slow_ratio > SLOW_RECEIPT_RATIO:
            return Verdict(Health.SLOW, "receipts_late", outs=standing.outs)
        return None
    if is_timed and sums.slow_ratio <= QUICK_RECEIPT_RATIO:
        return Verdict(Health.HEALTHY, outs=standing.outs)
    # Others are chosen before it, so nothing more may ever be seen of it: it gets a chance.
    is_unseen = not is_timed and _age(standing, now) >= RECEIPT_WINDOW
    return Verdict(Health.PROBATION, "unseen", outs=standing.outs) if is_unseen else None


def _age(standing: Standing, now: datetime) -> timedelta:
    return timedelta.max if standing.changed_at is None else now - standing.changed_at


def _on_probation(standing: Standing, sums: Sums) -> Verdict | None:
    if sums.receipts_timed >= TIMED_MIN and sums.slow_ratio > SLOW_RECEIPT_RATIO:
        return Verdict(Health.SLOW, "receipts_late", outs=standing.outs)
    if sums.submitted >= SUBMITTED_MIN and sums.error_ratio <= BACK_ERROR_RATIO:
        return Verdict(Health.HEALTHY, outs=standing.outs)
    return None


def _out(standing: Standing, now: datetime) -> Verdict:
    is_first = standing.health is Health.HEALTHY and _age(standing, now) > FORGOTTEN_AFTER
    outs = 1 if is_first else standing.outs + 1
    seconds = min(OUT_SECONDS_MAX, OUT_SECONDS_MIN * 2 ** min(outs - 1, 10))
    until = now + timedelta(seconds=seconds)
    return Verdict(Health.OUT, "errors", out_until=until, outs=outs)
