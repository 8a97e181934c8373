"""What a sending process sees of its gateways, in memory until it is folded into rows.

Receipts are timed by a sample, the first accepted part of a window: a statement per message would
cost more than it tells. A carrier may give a receipt to another process's link, so what is not
seen here in time is looked up where every receipt is stored before it is judged.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from backend.gateways.port import Cause, Outcome, OutcomeKind, Receipt
from backend.gateways.schemas import Tally

RECEIPT_SLOW_SECONDS: Final = 120.0
SAMPLES_MAX: Final = 2_000
"""Waiting for their receipts at a time, of all gateways."""
GATEWAY_FAULTS: Final = frozenset({Cause.CARRIER_FAULT})
"""Refusals that say something about the gateway; a wrong number or text says nothing."""
_ACCEPTED: Final = OutcomeKind.ACCEPTED


class Overdue(NamedTuple):
    """Accepted so long ago, and its receipt did not come to this process."""

    gateway_id: UUID
    carrier_id: str
    age_seconds: float


class Meter:
    def __init__(self) -> None:
        self._tallies: dict[UUID, Tally] = {}
        self._samples: dict[tuple[UUID, str], float] = {}

    def _of(self, gateway_id: UUID) -> Tally:
        tally = self._tallies.get(gateway_id)
        if tally is None:
            tally = self._tallies[gateway_id] = Tally()
        return tally

    def answered(self, gateway_id: UUID, outcomes: Sequence[Outcome]) -> None:
        tally = self._of(gateway_id)
        # By identity: an enum's hash is a call into Python, and nearly all are accepted.
        others = [outcome for outcome in outcomes if outcome.kind is not _ACCEPTED]
        tally.accepted += len(outcomes) - len(others)
        for outcome in others:
            _count_other(tally, outcome)

    def accepted(self, gateway_id: UUID, carrier_id: str, at_seconds: float) -> None:
        """A part whose receipt shall be timed."""
        if len(self._samples) < SAMPLES_MAX:
            self._samples[gateway_id, carrier_id] = at_seconds

    def received(self, gateway_id: UUID, receipts: Iterable[Receipt], at_seconds: float) -> None:
        tally = self._of(gateway_id)
        for receipt in receipts:
            tally.receipts += 1
            accepted_at = self._samples.pop((gateway_id, receipt.carrier_id), None)
            if accepted_at is not None:
                tally.time_receipt(at_seconds - accepted_at, RECEIPT_SLOW_SECONDS)

    def overdue(self, at_seconds: float) -> list[Overdue]:
        """Each once: whoever asks says with `judged` what became of it."""
        late = [key for key, at in self._samples.items() if at_seconds - at > RECEIPT_SLOW_SECONDS]
        return [Overdue(*key, at_seconds - self._samples.pop(key)) for key in late]

    def judged(self, gateway_id: UUID, delay_seconds: float) -> None:
        self._of(gateway_id).time_receipt(delay_seconds, RECEIPT_SLOW_SECONDS)

    def take(self) -> dict[UUID, Tally]:
        """What is to be folded; with `put_back` where that failed."""
        taken, self._tallies = self._tallies, {}
        return taken

    def put_back(self, taken: dict[UUID, Tally]) -> None:
        for gateway_id, tally in taken.items():
            mine = self._of(gateway_id)
            for name in Tally.__struct_fields__:
                setattr(mine, name, getattr(mine, name) + getattr(tally, name))


def _count_other(tally: Tally, outcome: Outcome) -> None:
    if outcome.kind is OutcomeKind.IN_DOUBT:
        tally.in_doubt += 1
    elif outcome.kind is OutcomeKind.NOT_WRITTEN:
        tally.not_written += 1
    elif outcome.cause is Cause.THROTTLED:
        tally.throttled += 1
    elif outcome.cause in GATEWAY_FAULTS:
        tally.errors += 1
    else:
        tally.refused += 1


def is_gateways_fault(outcomes: Sequence[Outcome]) -> bool:
    """Nothing of a window was taken, and no recipient or text is to blame."""
    return all(
        outcome.kind is OutcomeKind.NOT_WRITTEN
        or (outcome.kind is OutcomeKind.REFUSED and outcome.cause in GATEWAY_FAULTS)
        for outcome in outcomes
    )
