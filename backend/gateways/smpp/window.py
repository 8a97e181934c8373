"""One call of `submit_window` while it runs: what is written, answered, and still owed.

The one Future of a window lives here; parts are slots of a list.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from backend.gateways.journal import Journal
from backend.gateways.port import (
    Cause,
    Outcome,
    OutcomeKind,
    Permanence,
    Submission,
    clock_seconds,
)
from backend.gateways.smpp.encoder import SubmitEncoder
from backend.gateways.smpp.pdu import MalformedPdu

NOT_WRITTEN: Final = OutcomeKind.NOT_WRITTEN
IN_DOUBT: Final = OutcomeKind.IN_DOUBT


class Window:
    __slots__ = (
        "_journal",
        "_owed",
        "bodies",
        "done",
        "next_index",
        "outcomes",
        "parts",
        "write_before",
    )

    def __init__(
        self,
        submissions: Sequence[Submission],
        encoder: SubmitEncoder,
        *,
        write_before: float,
        journal: Journal | None,
    ) -> None:
        self.parts: list[tuple[Submission, int, int]] = []
        """Submission, number of the part, index of the submission in the window."""
        self.bodies: list[bytes] = []
        self.outcomes: list[Outcome | None] = []
        self.next_index = 0
        self.write_before = write_before
        self._journal = journal
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for position, submission in enumerate(submissions):
            self._add(position, submission, encoder)
        self._owed = self.outcomes.count(None)
        self._skip_settled()

    def _add(self, position: int, submission: Submission, encoder: SubmitEncoder) -> None:
        count = max(1, len(submission.body_parts))
        self.parts.extend((submission, part, position) for part in range(count))
        try:
            self.bodies.extend(encoder.bodies(submission))
            self.outcomes.extend([None] * count)
        except MalformedPdu as malformed:
            self.bodies.extend([b""] * count)
            self.outcomes.extend(
                Outcome(
                    submission.key,
                    part,
                    OutcomeKind.REFUSED,
                    code=malformed.code,
                    cause=Cause.INVALID_REQUEST,
                    permanence=Permanence.PERMANENT,
                )
                for part in range(count)
            )

    @property
    def unwritten(self) -> int:
        return len(self.parts) - self.next_index

    @property
    def unsettled(self) -> int:
        return self._owed

    def results(self) -> list[Outcome]:
        outcomes = [outcome for outcome in self.outcomes if outcome is not None]
        assert len(outcomes) == len(self.parts)
        return outcomes

    def take(self, wanted: int) -> list[int]:
        """Indexes to write now, in order; the journal is told before the caller writes them."""
        taken: list[int] = []
        while self.next_index < len(self.parts) and len(taken) < wanted:
            taken.append(self.next_index)
            self.next_index += 1
            self._skip_settled()
        if taken and self._journal is not None:
            self._journal.written(self.parts[taken[-1]][2])
        return taken

    def _skip_settled(self) -> None:
        while self.next_index < len(self.parts) and self.outcomes[self.next_index] is not None:
            self.next_index += 1

    def settle(self, index: int, outcome: Outcome) -> bool:
        """False: the part already has its outcome; this one came late."""
        if self.outcomes[index] is not None:
            return False
        self.outcomes[index] = outcome
        self._owed -= 1
        if self._owed == 0:
            self._finish()
        return True

    def doubt(self, index: int, code: str) -> None:
        if self.outcomes[index] is None:
            self.settle(index, self._outcome(index, IN_DOUBT, code))

    def drop_unwritten(self, code: str) -> None:
        first, self.next_index = self.next_index, len(self.parts)
        for index in range(first, len(self.parts)):
            if self.outcomes[index] is None:
                self.settle(index, self._outcome(index, NOT_WRITTEN, code))
        if self._owed == 0:
            self._finish()

    def expire(self) -> None:
        """The caller waits no longer: every part gets its outcome now."""
        if self._owed == 0:
            return
        self.drop_unwritten("timeout")
        for index in range(len(self.parts)):
            self.doubt(index, "response_timeout")

    def _outcome(self, index: int, kind: OutcomeKind, code: str) -> Outcome:
        submission, part, _ = self.parts[index]
        return Outcome(submission.key, part, kind, code=code)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


class WindowQueue:
    """Windows with unwritten parts, oldest first."""

    def __init__(self) -> None:
        self._windows: deque[Window] = deque()

    def append(self, window: Window) -> None:
        self._windows.append(window)

    def first(self) -> Window | None:
        """The next window that may still be written; the clock is read at every look, because a
        frozen process wakes with its timers late and its sockets ready.
        """
        while self._windows:
            window = self._windows[0]
            if window.unwritten and clock_seconds() > window.write_before:
                window.drop_unwritten("claim_too_old")
            if window.unwritten:
                return window
            self._windows.popleft()
        return None

    def drop_all(self, code: str) -> None:
        while self._windows:
            self._windows.popleft().drop_unwritten(code)
