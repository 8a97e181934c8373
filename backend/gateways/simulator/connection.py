"""The carrier's side of one SMPP connection."""

import asyncio
import hmac
from collections.abc import Callable
from typing import Final, cast

from backend.gateways.simulator import fates
from backend.gateways.simulator.carrier import Accepted, Carrier
from backend.gateways.simulator.deliveries import Delivery
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.pdu import (
    HEADER,
    HEADER_BYTES,
    SEQUENCE_MAX,
    Frame,
    Framer,
    MalformedPdu,
    pdu,
    read_bind,
    read_message,
)

DELIVERIES_OUTSTANDING_MAX: Final = 5_000
SYSTEM_NAME: Final = b"CLEARSIM\0"


class Connection(asyncio.Protocol):
    def __init__(self, carrier: Carrier, everyone: set["Connection"]) -> None:
        self._carrier = carrier
        self._everyone = everyone
        self.system_id = ""
        self.can_receive = False
        self._may_submit = False
        self._transport: asyncio.Transport | None = None
        self._framer = Framer()
        self._out: list[bytes] = []
        self._unacknowledged: dict[int, Delivery] = {}
        self._sequence = 0
        self._accepted_count = 0
        self._is_ending = False
        self._commands: dict[int, Callable[[Frame], None]] = {
            c.SUBMIT_SM: self._submit,
            c.DELIVER_SM_RESP: self._acknowledged,
            c.GENERIC_NACK: self._acknowledged,
            c.ENQUIRE_LINK: self._enquire_link,
            c.ENQUIRE_LINK_RESP: lambda _: None,
            c.UNBIND: self._unbind,
            c.UNBIND_RESP: lambda _: self._end(),
            **dict.fromkeys(c.BINDS, self._bind),
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._everyone.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # the protocol's
        self._everyone.discard(self)
        self._is_ending, self._transport = True, None
        if self in self._carrier.lines:
            self._carrier.lines.remove(self)
        unacknowledged, self._unacknowledged = self._unacknowledged, {}
        if unacknowledged:
            # They come again: on another connection of this system id, or at the next bind.
            self._carrier.keep(self.system_id, list(unacknowledged.values()), is_first=True)
            self._carrier.deliver(self._carrier.kept(self.system_id, len(unacknowledged)))

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        frames = self._framer.feed(data)
        if self._carrier.script.is_silent and self._may_submit:
            return
        for frame in frames:
            if self._is_ending:
                break
            command = self._commands.get(frame[0])
            if command is None:
                self._nack(frame[2], c.STATUS_INVALID_COMMAND_ID)
                continue
            try:
                command(frame)
            except MalformedPdu:
                self._nack(frame[2], c.STATUS_INVALID_MESSAGE_LENGTH)
        if self._framer.fault is not None and not self._is_ending:
            self._nack(0, c.STATUS_INVALID_COMMAND_LENGTH)
            self._end()
        self._flush()

    def _flush(self) -> None:
        self._carrier.truth.flush()
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()
        if self._is_ending and self._transport is not None:
            self._transport.close()

    def _end(self) -> None:
        """Whatever was answered so far still leaves; nothing more is read."""
        self._is_ending = True

    def _nack(self, sequence: int, status: int) -> None:
        self._out.append(pdu(c.GENERIC_NACK, sequence, status=status))

    # -- commands

    def _bind(self, frame: Frame) -> None:
        carrier, script = self._carrier, self._carrier.script
        command_id, _, sequence, body = frame
        system_id, password = read_bind(body)
        known = carrier.accounts.get(system_id)
        bound = sum(line.system_id == system_id for line in carrier.lines)
        status = c.STATUS_OK
        if self.system_id:
            status = c.STATUS_ALREADY_BOUND
        elif known is None:
            status = c.STATUS_INVALID_SYSTEM_ID
        elif not hmac.compare_digest(known.encode(), password.encode()):
            status = c.STATUS_INVALID_PASSWORD
        elif script.binds_max is not None and bound >= script.binds_max:
            status = c.STATUS_ALREADY_BOUND
        answer = command_id | c.RESPONSE_BIT
        if status != c.STATUS_OK:
            carrier.counts["binds_refused"] += 1
            self._out.append(pdu(answer, sequence, status=status))
            self._end()
            return
        carrier.counts["binds"] += 1
        self.system_id = system_id
        self._may_submit = command_id != c.BIND_RECEIVER
        self.can_receive = command_id != c.BIND_TRANSMITTER
        self._out.append(pdu(answer, sequence, SYSTEM_NAME))
        carrier.lines.append(self)
        if self.can_receive:
            self._queue(carrier.kept(system_id, DELIVERIES_OUTSTANDING_MAX))

    def _submit(self, frame: Frame) -> None:
        carrier = self._carrier
        _, _, sequence, body = frame
        if not self._may_submit:
            status = c.STATUS_WRONG_BIND_STATE
            self._out.append(pdu(c.SUBMIT_SM_RESP, sequence, status=status))
            return
        accepted = carrier.submit(self.system_id, read_message(body))
        if accepted.status == c.STATUS_OK:
            self._accepted_count += 1
            if (
                accepted.answer is fates.DROP
                or self._accepted_count == carrier.script.drop_after_accepted
            ):
                carrier.counts["dropped"] += 1
                self._end()
                return
        self._answer_submit(sequence, accepted)

    def _answer_submit(self, sequence: int, accepted: Accepted) -> None:
        body = accepted.carrier_id.encode() + b"\0" if accepted.carrier_id else b""
        length = HEADER_BYTES + len(body)
        answer = HEADER.pack(length, c.SUBMIT_SM_RESP, accepted.status, sequence) + body
        if accepted.answer is fates.NEVER:
            return
        if accepted.early:
            self._carrier.deliver(accepted.early)
        if accepted.delay_seconds:
            self._carrier.answer_later(self, accepted.delay_seconds, answer)
        else:
            self._out.append(answer)

    def _acknowledged(self, frame: Frame) -> None:
        _, status, sequence, _ = frame
        delivery = self._unacknowledged.pop(sequence, None)
        if delivery is None:
            return
        if status == c.STATUS_OK:
            self._carrier.note_acknowledged(delivery)
        else:
            self._carrier.deliver_again(delivery)
        if self._carrier.has_kept(self.system_id):
            self._queue(self._carrier.kept(self.system_id, 1))

    def _enquire_link(self, frame: Frame) -> None:
        self._out.append(pdu(c.ENQUIRE_LINK_RESP, frame[2]))

    def _unbind(self, frame: Frame) -> None:
        self._out.append(pdu(c.UNBIND_RESP, frame[2]))
        self._end()

    # -- what the carrier starts

    def answer(self, pdus: list[bytes]) -> None:
        if not self._is_ending and not self._carrier.script.is_silent:
            self._out.extend(pdus)
            self._flush()

    def deliver(self, deliveries: list[Delivery]) -> None:
        self._queue(deliveries)
        self._flush()

    def _queue(self, deliveries: list[Delivery]) -> None:
        room = max(0, DELIVERIES_OUTSTANDING_MAX - len(self._unacknowledged))
        if len(deliveries) > room:
            self._carrier.keep(self.system_id, deliveries[room:])
            deliveries = deliveries[:room]
        for delivery in deliveries:
            self._sequence = self._sequence % SEQUENCE_MAX + 1
            self._unacknowledged[self._sequence] = delivery
            self._out.append(pdu(c.DELIVER_SM, self._sequence, delivery.body))
            self._carrier.note_sent(delivery)
