"""Parts written on one link and not answered yet."""

import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from backend.gateways.smpp.window import Window

OVERDUE_KEPT_MAX: Final = 1_000
"""Parts a late answer still finds; an older one is told by its receipt only."""


class Outstanding:
    """Overdue parts count as outstanding until the carrier answers anything: a mute carrier gets
    no more than one window into doubt, and one that loses single answers does not lose the link.
    """

    def __init__(self) -> None:
        self._parts: dict[int, tuple[Window, int]] = {}
        self._overdue: dict[int, tuple[Window, int]] = {}
        self._written: deque[tuple[float, range]] = deque()
        self.overdue_since: float | None = None
        """When a part became overdue with no answer to any since."""

    def __len__(self) -> int:
        count = len(self._parts)
        return count if self.overdue_since is None else count + len(self._overdue)

    def __contains__(self, sequence: int) -> bool:
        return sequence in self._parts or sequence in self._overdue

    def add(self, sequences: range, window: Window, indexes: Sequence[int]) -> None:
        parts = self._parts
        for sequence, index in zip(sequences, indexes, strict=True):
            parts[sequence] = (window, index)
        self._written.append((time.monotonic(), sequences))

    def pop(self, sequence: int) -> tuple[Window, int] | None:
        return self._parts.pop(sequence, None) or self._overdue.pop(sequence, None)

    def note_answers(self) -> None:
        self.overdue_since = None

    def expire(self, now: float, timeout_seconds: float) -> None:
        while self._written and now - self._written[0][0] > timeout_seconds:
            _, sequences = self._written.popleft()
            for sequence in sequences:
                entry = self._parts.pop(sequence, None)
                if entry is None:
                    continue
                entry[0].doubt(entry[1], "response_timeout")
                self._overdue[sequence] = entry
                if self.overdue_since is None:
                    self.overdue_since = now
        while len(self._overdue) > OVERDUE_KEPT_MAX and self.overdue_since is None:
            del self._overdue[next(iter(self._overdue))]

    def doubt_all(self, code: str) -> None:
        parts, self._parts = self._parts, {}
        self._overdue.clear()  # in doubt already
        self._written.clear()
        for window, index in parts.values():
            window.doubt(index, code)
