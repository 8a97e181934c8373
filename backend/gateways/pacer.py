"""How fast a gateway may be fed: its contracted rate, and less while the carrier throttles.

Additive increase, multiplicative decrease: a throttled carrier is left alone for a jittered
pause, then met at half the speed it accepted, which grows back a tenth a second.
"""

import random
import time
from typing import Final

RATE_SEGMENTS_PER_SECOND_MIN: Final = 1.0
_BURST_SECONDS: Final = 0.05
"""Tokens saved up while idle: small, or a burst would itself be throttled."""
_DECREASE_FACTOR: Final = 0.5
_INCREASE_FACTOR_PER_SECOND: Final = 1.1
_UNLIMITED_AGAIN_FACTOR: Final = 16.0
"""Without a contracted rate, the limit is forgotten this far above the speed that was refused."""


class Pacer:
    def __init__(
        self,
        rate_max: float | None,
        *,
        pause_seconds_min: float,
        pause_seconds_max: float,
    ) -> None:
        self._rate_max = rate_max
        self.rate = rate_max
        """Segments per second; nothing: unlimited."""
        self._rate_refused = 0.0
        self._pause_seconds_min = pause_seconds_min
        self._pause_seconds_max = pause_seconds_max
        self._pauses_in_a_row = 0
        self._paused_until = 0.0
        self._tokens = 1.0
        self._refilled_at = time.monotonic()
        self._grown_at = self._refilled_at
        self._accepted_since = self._refilled_at
        self._accepted_count = 0
        self.throttled_count = 0

    def take(self, wanted: int) -> int:
        """How many of `wanted` parts may be written now; 0: ask again in `wait_seconds`."""
        now = time.monotonic()
        if now < self._paused_until:
            return 0
        self._grow(now)
        if self.rate is None:
            return wanted
        burst = max(1.0, self.rate * _BURST_SECONDS)
        self._tokens = min(burst, self._tokens + (now - self._refilled_at) * self.rate)
        self._refilled_at = now
        granted = min(wanted, int(self._tokens))
        self._tokens -= granted
        return granted

    def wait_seconds(self) -> float:
        now = time.monotonic()
        if now < self._paused_until:
            return self._paused_until - now
        missing = max(0.0, 1.0 - self._tokens)
        return missing / self.rate if self.rate else 0.0

    def accepted(self, count: int) -> None:
        self._accepted_count += count
        # Answers to parts written before a pause say nothing about the carrier after it.
        if time.monotonic() >= self._paused_until:
            self._pauses_in_a_row = 0

    def throttled(self, count: int) -> None:
        """One slowdown per pause, however many of the parts in flight were refused with it."""
        self.throttled_count += count
        now = time.monotonic()
        if now < self._paused_until:
            return
        elapsed = max(now - self._accepted_since, 0.1)
        speed = self._accepted_count / elapsed if self.rate is None else self.rate
        self.rate = self._rate_refused = max(RATE_SEGMENTS_PER_SECOND_MIN, speed * _DECREASE_FACTOR)
        pause = min(self._pause_seconds_max, self._pause_seconds_min * 2.0**self._pauses_in_a_row)
        self._pauses_in_a_row = min(self._pauses_in_a_row + 1, 16)
        self._paused_until = now + pause * random.uniform(0.5, 1.0)  # noqa: S311  # jitter
        self._tokens = 1.0
        self._refilled_at = self._grown_at = self._paused_until

    def hold(self, seconds: float) -> None:
        """The carrier said how long it wants to be left alone."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)
        self._refilled_at = self._grown_at = self._paused_until

    def _grow(self, now: float) -> None:
        if now - self._accepted_since > 1.0 and self.rate is None:
            self._accepted_since, self._accepted_count = now, 0
        if self.rate is None or self.rate == self._rate_max or now - self._grown_at < 1.0:
            return
        seconds = min(now - self._grown_at, 60.0)
        self._grown_at = now
        rate = self.rate * _INCREASE_FACTOR_PER_SECOND**seconds + 1.0
        if self._rate_max is not None:
            self.rate = min(rate, self._rate_max)
        elif rate > self._rate_refused * _UNLIMITED_AGAIN_FACTOR:
            self.rate, self._accepted_since, self._accepted_count = None, now, 0
        else:
            self.rate = rate
