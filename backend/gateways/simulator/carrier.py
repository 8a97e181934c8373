"""The simulated carrier: accounts, the fate of every message, and receipts on their way back.

Single-threaded, one process; connections call in, the wheels call back.
"""

import time
from collections import Counter, deque
from pathlib import Path
from typing import Final, Literal, Protocol

import msgspec

from backend.gateways.simulator import fates
from backend.gateways.simulator.fates import (
    DELIVERED,
    THROTTLED,
    Answer,
    Draw,
    Fate,
    delay_seconds,
    draw,
    odds_of,
)
from backend.gateways.simulator.handsets import Handsets
from backend.gateways.simulator.receipts import receipt_body
from backend.gateways.simulator.script import Script
from backend.gateways.simulator.truth import Kind, TruthLog, TruthRecord
from backend.gateways.simulator.wheel import Wheel
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.concatenation import part_of
from backend.gateways.smpp.pdu import Message

BACKLOG_MAX: Final = 1_000_000
COUNTED: Final = (
    "binds",
    "binds_refused",
    "accepted",
    "refused",
    "dropped",
    "receipts_sent",
    "replies_sent",
    "acknowledged",
    "redelivered",
)
_RECEIPT_MASK: Final = 0x03
_FAILURES_ONLY: Final = 0x02


class Delivery(msgspec.Struct, gc=False):
    """A deliver_sm waiting for its acknowledgement."""

    system_id: str
    body: bytes
    kind: Literal["receipt", "reply"]
    source: str
    destination: str
    carrier_id: str = ""
    stat: str = ""
    text: bytes = b""

    def record(self, kind: Kind) -> TruthRecord:
        return TruthRecord(
            time.time(),
            kind,
            self.system_id,
            self.source,
            self.destination,
            self.carrier_id,
            self.stat,
            message=self.text,
        )


class Line(Protocol):
    """A bound connection, as the carrier sees it."""

    system_id: str
    can_receive: bool

    def deliver(self, deliveries: list[Delivery]) -> None: ...
    def answer(self, pdus: list[bytes]) -> None: ...


class Accepted(msgspec.Struct, gc=False):
    status: int
    carrier_id: str
    answer: Answer
    delay_seconds: float
    early: list[Delivery]


class Carrier:
    def __init__(self, script: Script, accounts: dict[str, str], truth_path: Path | None) -> None:
        self.use(script)
        self.accounts = dict(accounts)
        self.truth = TruthLog(truth_path)
        self.handsets = Handsets()
        self.lines: list[Line] = []
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
        self._backlog: dict[str, deque[Delivery]] = {}
        self._ordinals: Counter[str] = Counter()
        # Ids stay unique over restarts of the simulator, as a real carrier's do.
        self._next_id = time.time_ns() // 1_000
        self._receipts: Wheel[Delivery] = Wheel(self.deliver)
        self._answers: Wheel[tuple[Line, bytes]] = Wheel(self._answer)
        self._tokens: dict[str, tuple[float, float]] = {}
        self._turn = 0

    def use(self, script: Script) -> None:
        self.script = script
        self._odds = odds_of(script)
        # Asked for every message; looking at every rate each time would cost more than the rest.
        self._has_draws = bool(
            not script.is_plain or script.receipt_delay_ms_max or script.response_delay_ms_max
        )

    # -- submissions

    def submit(self, system_id: str, message: Message) -> Accepted:
        script = self.script
        part, text = part_of(message)
        fate, chance = DELIVERED, 0
        if self._is_over_cap(system_id):
            fate = THROTTLED
        elif self._has_draws:
            fate, chance = self._draw(message.destination, part is None or part.number == 1)
        if fate.status != c.STATUS_OK:
            self.counts["refused"] += 1
            self._log_refusal(system_id, message, fate)
            return Accepted(fate.status, "", fates.AT_ONCE, 0.0, [])
        self._next_id += 1
        carrier_id = f"{self._next_id:x}" if script.has_hex_ids else str(self._next_id)
        self.counts["accepted"] += 1
        if self.truth.is_kept:
            reference = message.tlvs.get(c.TAG_USER_MESSAGE_REFERENCE)
            record = TruthRecord(
                at=time.time(),
                kind="accepted",
                system_id=system_id,
                source=message.source,
                destination=message.destination,
                carrier_id=carrier_id,
                fate=fate.name,
                data_coding=message.data_coding,
                message=text,
                reference=int.from_bytes(reference, "big") if reference else None,
                part_reference=part.reference if part else None,
                part_number=part.number if part else 1,
                parts_total=part.total if part else 1,
            )
            self.truth.add(record)
        self.handsets.arrived(carrier_id, message, part, text)
        early = self._plan_receipts(system_id, message, carrier_id, Draw(fate, chance))
        delay = delay_seconds(chance, script.response_delay_ms_min, script.response_delay_ms_max)
        if fate.answer is fates.LATE:
            delay = script.late_response_ms / 1_000
        return Accepted(c.STATUS_OK, carrier_id, fate.answer, delay, early)

    def _draw(self, destination: str, is_first_part: bool) -> Draw:
        ordinal = self._ordinals[destination]
        if is_first_part:
            self._ordinals[destination] += 1
        else:
            ordinal = max(0, ordinal - 1)  # later parts share the fate of the first
        return draw(self._odds, destination, ordinal)

    def _is_over_cap(self, system_id: str) -> bool:
        rate = self.script.throughput_segments_per_second_max
        if rate is None:
            return False
        now = time.monotonic()
        tokens, at = self._tokens.get(system_id, (rate, now))
        tokens = min(rate, tokens + (now - at) * rate)
        is_over = tokens < 1.0
        self._tokens[system_id] = (tokens if is_over else tokens - 1.0, now)
        return is_over

    def _log_refusal(self, system_id: str, message: Message, fate: Fate) -> None:
        if self.truth.is_kept:
            self.truth.add(
                TruthRecord(
                    at=time.time(),
                    kind="refused",
                    system_id=system_id,
                    source=message.source,
                    destination=message.destination,
                    fate=f"0x{fate.status:02X}",
                )
            )

    def _plan_receipts(
        self, system_id: str, message: Message, carrier_id: str, drawn: Draw
    ) -> list[Delivery]:
        """Puts receipts on the wheel; returns those that must leave before the answer."""
        wanted = message.registered_delivery & _RECEIPT_MASK
        if not wanted:
            # Whether anybody hears of it or not: the handset has it.
            self.handsets.settled(carrier_id, "DELIVRD")
            return []
        script, fate = self.script, drawn.fate
        early: list[Delivery] = []
        delay = delay_seconds(
            drawn.chance, script.receipt_delay_ms_min, script.receipt_delay_ms_max
        )
        if fate.is_receipt_late:
            delay = script.late_receipt_ms / 1_000
        for number, (stat, error_code) in enumerate(fate.receipts):
            if wanted == _FAILURES_ONLY and stat == "DELIVRD":
                continue
            delivery = Delivery(
                system_id,
                receipt_body(message, carrier_id, stat, error_code, script=script),
                "receipt",
                message.destination,
                message.source,
                carrier_id,
                stat,
            )
            if fate.answer is fates.AFTER_RECEIPT:
                early.append(delivery)
            else:
                self._receipts.add(delay + number * 0.05, delivery)
        return early

    def answer_later(self, line: Line, seconds: float, pdu: bytes) -> None:
        self._answers.add(seconds, (line, pdu))

    def _answer(self, due: list[tuple[Line, bytes]]) -> None:
        by_line: dict[Line, list[bytes]] = {}
        for line, pdu in due:
            by_line.setdefault(line, []).append(pdu)
        for line, pdus in by_line.items():
            line.answer(pdus)

    # -- deliveries

    def deliver(self, deliveries: list[Delivery]) -> None:
        by_system: dict[str, list[Delivery]] = {}
        for delivery in deliveries:
            by_system.setdefault(delivery.system_id, []).append(delivery)
        for system_id, mine in by_system.items():
            lines = [n for n in self.lines if n.system_id == system_id and n.can_receive]
            if lines and not self.script.is_silent:
                self._turn += 1
                lines[self._turn % len(lines)].deliver(mine)
            else:
                self.keep(system_id, mine)

    def note_sent(self, delivery: Delivery) -> None:
        is_receipt = delivery.kind == "receipt"
        self.counts["receipts_sent" if is_receipt else "replies_sent"] += 1
        if self.truth.is_kept:
            self.truth.add(delivery.record(delivery.kind))
        if is_receipt:
            self.handsets.settled(delivery.carrier_id, delivery.stat)

    def note_acknowledged(self, delivery: Delivery) -> None:
        self.counts["acknowledged"] += 1
        if self.truth.is_kept:
            self.truth.add(delivery.record("acknowledged"))

    def deliver_again(self, delivery: Delivery) -> None:
        self.counts["redelivered"] += 1
        self._receipts.add(self.script.redelivery_ms / 1_000, delivery)

    def keep(self, system_id: str, deliveries: list[Delivery], *, is_first: bool = False) -> None:
        """Until a connection of this system id has room for them."""
        backlog = self._backlog.setdefault(system_id, deque(maxlen=BACKLOG_MAX))
        if is_first:
            backlog.extendleft(reversed(deliveries))
        else:
            backlog.extend(deliveries)

    def has_kept(self, system_id: str) -> bool:
        return bool(self._backlog.get(system_id))

    def kept(self, system_id: str, count: int) -> list[Delivery]:
        backlog = self._backlog.get(system_id)
        if not backlog or self.script.is_silent:
            return []
        return [backlog.popleft() for _ in range(min(count, len(backlog)))]

    def stats(self) -> dict[str, int]:
        return {
            **self.counts,
            "connections_bound": len(self.lines),
            "receipts_planned": len(self._receipts),
            "receipts_kept": sum(map(len, self._backlog.values())),
        }
