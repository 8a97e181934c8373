"""One bound SMPP connection: frames in, frames out, and what is outstanding in between.

Everything happens inside `data_received` and two timers; there is no task, lock or future per
message. A link lives once: after a loss the supervisor opens a new one.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final, Protocol, cast

from backend.gateways.config import GatewayConfig
from backend.gateways.pacer import Pacer
from backend.gateways.port import Cause, InboundMessage, LinkState, Outcome, Receipt
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.answers import ACCEPTED, REFUSED, read_answer, read_delivery
from backend.gateways.smpp.outstanding import Outstanding
from backend.gateways.smpp.pdu import (
    HEADER,
    HEADER_BYTES,
    SEQUENCE_MAX,
    Frame,
    Framer,
    MalformedPdu,
    bind_body,
    pdu,
)
from backend.gateways.smpp.window import Window, WindowQueue
from backend.gateways.status_maps import StatusMap
from backend.kernel import faults

WRITE_PARTS_MAX: Final = 256
MALFORMED_PER_LINK_MAX: Final = 100
TICK_SECONDS_MAX: Final = 1.0


class LinkOwner(Protocol):
    """What a link needs of its gateway."""

    config: GatewayConfig
    status_map: StatusMap
    pacer: Pacer
    queue: WindowQueue

    def note_answers(self, accepted: int, refused: int, late: list[Outcome]) -> None: ...
    def note_malformed(self) -> None: ...
    def receive(self, link: "Link", items: list[tuple[int, Receipt | InboundMessage]]) -> None: ...
    def pump(self) -> None: ...


class Link(asyncio.Protocol):
    def __init__(self, owner: LinkOwner) -> None:
        self._owner = owner
        self._config = owner.config
        self._loop = loop = asyncio.get_running_loop()
        self.state = LinkState.CONNECTING
        self.bound: asyncio.Future[int] = loop.create_future()
        """The carrier's answer to our bind: a command status."""
        self.lost: asyncio.Future[str] = loop.create_future()
        self.outstanding = Outstanding()
        self._framer = Framer()
        self._sequence = 0
        self._transport: asyncio.Transport | None = None
        self._is_write_paused = False
        self._heard_at = time.monotonic()
        self._enquired_at: float | None = None
        self._malformed = 0
        self._tick_timer: asyncio.TimerHandle | None = None
        self._pump_timer: asyncio.TimerHandle | None = None
        self._tick_seconds = min(
            TICK_SECONDS_MAX,
            self._config.response_timeout_seconds / 4,
            self._config.enquire_link_seconds / 4,
        )

    # -- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.state = LinkState.BINDING
        config = self._config
        body = bind_body(config.system_id, config.password, config.system_type)
        self._write(pdu(c.BIND_TRANSCEIVER, self._next_sequence(), body))
        self._tick()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"connection_lost: {exc}" if exc else "connection_lost")

    def pause_writing(self) -> None:
        self._is_write_paused = True

    def resume_writing(self) -> None:
        self._is_write_paused = False
        self._owner.pump()

    def close(self, reason: str) -> None:
        """At once; what is outstanding is in doubt from here on."""
        if self._transport is not None:
            self._transport.abort()
        self._end(reason)

    def unbind(self) -> None:
        if self.state is LinkState.BOUND:
            self._write(pdu(c.UNBIND, self._next_sequence()))

    def _end(self, reason: str) -> None:
        if self.state is LinkState.CLOSED:
            return
        self.state = LinkState.CLOSED
        for timer in (self._tick_timer, self._pump_timer):
            if timer is not None:
                timer.cancel()
        self.outstanding.doubt_all("connection_lost")
        if not self.lost.done():
            self.lost.set_result(reason)
        if not self.bound.done():
            self.bound.cancel()

    def _write(self, data: bytes) -> None:
        # uvloop raises on a transport that is closing, where asyncio only says nothing.
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % SEQUENCE_MAX + 1
        return self._sequence

    # -- out

    def pump(self) -> None:
        """Writes what the window, the pace and the socket allow."""
        if self.state is not LinkState.BOUND or self._is_write_paused:
            return
        if self._transport is None or self._transport.is_closing():
            return  # the news of its loss is on its way; what is not taken stays unwritten
        room = self._config.window_segments_max - len(self.outstanding)
        while room > 0 and not self._is_write_paused:
            window = self._owner.queue.first()
            if window is None:
                return
            granted = self._owner.pacer.take(min(room, WRITE_PARTS_MAX, window.unwritten))
            if granted == 0:
                self._pump_later(self._owner.pacer.wait_seconds())
                return
            self._submit(window, granted)
            room -= granted

    def _pump_later(self, seconds: float) -> None:
        if self._pump_timer is None:
            self._pump_timer = self._loop.call_later(max(seconds, 0.001), self._pump_again)

    def _pump_again(self) -> None:
        self._pump_timer = None
        self.pump()

    def _submit(self, window: Window, count: int) -> None:
        indexes = window.take(count)
        if self._sequence + len(indexes) > SEQUENCE_MAX:
            self._sequence = 0
        first = self._sequence + 1
        self._sequence += len(indexes)
        sequences = range(first, first + len(indexes))
        self.outstanding.add(sequences, window, indexes)
        bodies, pack = window.bodies, HEADER.pack
        chunks: list[bytes] = []
        for sequence, index in zip(sequences, indexes, strict=True):
            body = bodies[index]
            chunks += (pack(HEADER_BYTES + len(body), c.SUBMIT_SM, 0, sequence), body)
        faults.point("wire.write")
        self._write(b"".join(chunks))
        faults.point("wire.sent")

    def acknowledge(self, sequences: Sequence[int], status: int) -> None:
        self._write(b"".join([pdu(c.DELIVER_SM_RESP, n, b"\0", status=status) for n in sequences]))

    # -- in

    def data_received(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        frames = self._framer.feed(data)
        answers: list[Frame] = []
        received: list[tuple[int, Receipt | InboundMessage]] = []
        for frame in frames:
            command_id = frame[0]
            if command_id == c.SUBMIT_SM_RESP:
                answers.append(frame)
            elif command_id == c.DELIVER_SM:
                self._receive(frame, received)
            else:
                self._other(frame, answers)
        if received:
            self._owner.receive(self, received)
        if answers:
            self._settle(answers)
        if self._framer.fault is not None:
            self._count_malformed()
            self._write(pdu(c.GENERIC_NACK, 0, status=c.STATUS_INVALID_COMMAND_LENGTH))
            self.close("malformed_stream")

    def _receive(self, frame: Frame, received: list[tuple[int, Receipt | InboundMessage]]) -> None:
        _, _, sequence, body = frame
        try:
            item = read_delivery(body, self._config, self._owner.status_map)
        except MalformedPdu:
            self._count_malformed()
            # A permanent answer: the same bytes would be as unreadable the next time.
            self.acknowledge([sequence], c.STATUS_INVALID_MESSAGE_LENGTH)
        else:
            received.append((sequence, item))

    def _other(self, frame: Frame, answers: list[Frame]) -> None:
        command_id, _, sequence, _ = frame
        if command_id == c.ENQUIRE_LINK:
            self._write(pdu(c.ENQUIRE_LINK_RESP, sequence))
        elif command_id == c.ENQUIRE_LINK_RESP:
            self._enquired_at = None
        elif command_id == c.GENERIC_NACK and sequence in self.outstanding:
            answers.append(frame)
        elif command_id in (c.BIND_TRANSCEIVER_RESP, c.GENERIC_NACK):
            self._bind_answered(frame)
        elif command_id == c.UNBIND:
            self._write(pdu(c.UNBIND_RESP, sequence))
            self._close_gently("unbound_by_carrier")
        elif command_id == c.UNBIND_RESP:
            self._close_gently("unbound")
        elif not command_id & c.RESPONSE_BIT:
            self._count_malformed()
            self._write(pdu(c.GENERIC_NACK, sequence, status=c.STATUS_INVALID_COMMAND_ID))

    def _close_gently(self, reason: str) -> None:
        if self._transport is not None:
            self._transport.close()  # after what is already in its buffer
        self._end(reason)

    def _bind_answered(self, frame: Frame) -> None:
        if self.bound.done():
            return
        command_id, status, _, _ = frame
        if command_id == c.GENERIC_NACK and status == c.STATUS_OK:
            status = c.STATUS_SYSTEM_ERROR  # a nack is no welcome, whatever it says
        if status == c.STATUS_OK:
            self.state = LinkState.BOUND
        self.bound.set_result(status)

    def _settle(self, answers: list[Frame]) -> None:
        accepted = throttled = refused = 0
        late: list[Outcome] = []
        for frame in answers:
            entry = self.outstanding.pop(frame[2])
            if entry is None:
                continue
            window, index = entry
            outcome = read_answer(frame, window.parts[index], self._owner.status_map)
            kind = outcome.kind
            if kind is ACCEPTED:
                accepted += 1
            elif kind is REFUSED:
                refused += 1
                throttled += outcome.cause is Cause.THROTTLED
            else:
                self._count_malformed()
                window.settle(index, outcome)
                continue
            if not window.settle(index, outcome):
                late.append(outcome)
        self.outstanding.note_answers()
        if accepted:
            self._owner.pacer.accepted(accepted)
        if throttled:
            self._owner.pacer.throttled(throttled)
        self._owner.note_answers(accepted, refused, late)
        self._owner.pump()

    def _count_malformed(self) -> None:
        self._malformed += 1
        self._owner.note_malformed()
        if self._malformed > MALFORMED_PER_LINK_MAX:
            self._loop.call_soon(self.close, "malformed_too_often")

    # -- time

    def _tick(self) -> None:
        if self.lost.done():
            return
        now = time.monotonic()
        timeout = self._config.response_timeout_seconds
        self.outstanding.expire(now, timeout)
        overdue_since = self.outstanding.overdue_since
        if overdue_since is not None and now - overdue_since > timeout:
            self.close("submissions_unanswered")
        elif self._enquired_at is not None and now - self._enquired_at > timeout:
            self.close("enquire_link_unanswered")
        elif self.state is LinkState.BOUND and self._enquired_at is None:
            silent = now - self._heard_at >= self._config.enquire_link_seconds
            if silent or overdue_since is not None:
                self._enquired_at = now
                self._write(pdu(c.ENQUIRE_LINK, self._next_sequence()))
        if not self.lost.done():
            self.pump()
            self._tick_timer = self._loop.call_later(self._tick_seconds, self._tick)
