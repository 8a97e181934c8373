"""Both halves of our SMPP against implementations that share no line with it."""

import asyncio
import contextlib
import socket
from typing import Any

import pytest
import smpp34
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

from backend.gateways.port import Cause, OutcomeKind, ReceiptStatus
from backend.gateways.simulator import truth
from backend.gateways.smpp import commands as c
from tests.gateways.lines import ACCOUNTS, Recorder, carrier, gateway, submission, until

pytestmark = pytest.mark.anyio

TEXT = "Un texte assez long pour deux parties, répété: " * 6


class _Smpplib:
    """smpplib is blocking; everything of it runs in one thread at a time."""

    def __init__(self, port: int) -> None:
        # Left unset, this option warns of a change to come, and warnings are errors here.
        self.client = smpplib.client.Client(
            "127.0.0.1", port, timeout=10, allow_unknown_opt_params=True
        )
        self.answers: dict[int, tuple[int, bytes]] = {}
        self.deliveries: list[Any] = []
        self.client.set_message_sent_handler(self._sent)
        self.client.set_error_pdu_handler(self._sent)
        self.client.set_message_received_handler(self._received)

    def _sent(self, pdu, **_: object):
        # Called twice for a refusal: once as an answer, once as an error.
        self.answers[pdu.sequence] = (pdu.status, getattr(pdu, "message_id", b""))

    def _received(self, pdu, **_: object):
        self.deliveries.append(pdu)
        return 0

    def bind(self, password: str = ACCOUNTS["tester"]) -> None:
        self.client.connect()
        self.client.bind_transceiver(system_id="tester", password=password)

    def send(self, destination: str, text: str) -> int:
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        for part in parts:
            self.client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
                source_addr="Peer",
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                destination_addr=destination,
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=True,
            )
        return len(parts)

    def read(self, answers: int, deliveries: int) -> None:
        while len(self.answers) < answers or len(self.deliveries) < deliveries:
            self.client.read_once()

    def end(self) -> None:
        self.client.unbind()
        self.client.disconnect()


async def test_smpplib_is_served_by_our_carrier(tmp_path):
    path = tmp_path / "truth.jsonl"
    async with carrier("seed=1", path) as running:
        peer = _Smpplib(running.smpp_port)

        def session() -> int:
            peer.bind()
            parts = peer.send("491700000001", TEXT)
            peer.send("491700000006", "refused")
            peer.send("491700000002", "not delivered")
            peer.read(parts + 2, parts + 1)
            peer.end()
            return parts

        parts = await asyncio.to_thread(session)
        await until(lambda: not running.carrier.lines)
        shown = {m.number: m.text for m in running.carrier.handsets.shown()}
    assert parts > 1
    assert shown["491700000001"] == TEXT
    statuses = sorted(status for status, _ in peer.answers.values())
    assert statuses == [0] * (parts + 1) + [0x0B]
    receipts = [pdu.short_message.decode() for pdu in peer.deliveries]
    assert sum("stat:DELIVRD err:000" in text for text in receipts) == parts
    assert sum("stat:UNDELIV err:001" in text for text in receipts) == 1
    ids = {carrier_id.decode() for status, carrier_id in peer.answers.values() if status == 0}
    assert {text.split()[0].removeprefix("id:") for text in receipts} == ids
    kinds = [record.kind for record in truth.read(path)]
    assert kinds.count("acknowledged") == parts + 1


async def test_smpplib_with_a_wrong_password_is_refused():
    async with carrier() as running:
        peer = _Smpplib(running.smpp_port)
        with pytest.raises(smpplib.exceptions.PDUError):
            await asyncio.to_thread(peer.bind, "wrong")
        await asyncio.to_thread(peer.client.disconnect)
        assert running.carrier.stats()["binds_refused"] == 1


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def _smpp34_server(answer):
    """Answers every submission by `answer(event)`; yields the port and what it saw."""
    port = _free_port()
    server = smpp34.Server("127.0.0.1", port, system_id="PEER", inbound_capacity=10_000)
    await server.start()
    bound: list[smpp34.Esme] = []
    events: list[smpp34.SubmitSmEvent] = []

    async def serve() -> None:
        while True:
            event = await server.next()
            if isinstance(event, smpp34.SubmitSmEvent):
                events.append(event)
                answer(event, len(events))
            elif isinstance(event, smpp34.Esme):
                bound.append(event)

    task = asyncio.create_task(serve())
    try:
        yield port, bound, events
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await server.stop()


async def test_our_client_against_an_smpp34_server():
    recorder = Recorder()

    def accept(event, count):
        event.accept(f"{0xA000 + count:X}")

    async with (
        _smpp34_server(accept) as (port, bound, events),
        gateway(port, recorder) as way,
    ):
        await until(lambda: bound)
        window = [submission(n, parts=1 + n % 2, validity_seconds=3_600) for n in range(50)]
        outcomes = await way.submit_window(window, timeout_seconds=10)
        first = outcomes[0]
        text = f"id:{first.carrier_id.upper()} sub:001 dlvrd:001 submit date:2503011200 "
        text += "done date:2503011201 stat:DELIVRD err:000 text:"
        answered = await bound[0].deliver_sm(
            "Clearsend", text.encode(), source_addr="4917", esm_class=0x04
        )
        await bound[0].deliver_sm("12345", b"STOP", source_addr="4917")
        await until(lambda: recorder.receipts and recorder.messages)
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ACCEPTED}
    assert len(outcomes) == len(events) == 75
    assert answered.is_success
    assert recorder.receipts[0].status is ReceiptStatus.DELIVERED
    assert recorder.receipts[0].carrier_id == first.carrier_id
    assert recorder.messages[0].body == b"STOP"
    # The peer works in several threads and tells of submissions in any order.
    number = window[0].destination.removeprefix("+")
    [event] = [event for event in events if event.destination_addr == number]
    assert (event.source_addr, event.source_addr_ton) == ("Clearsend", 5)
    assert event.short_message == window[0].body_parts[0]
    assert event.registered_delivery == 1


async def test_refusals_of_an_smpp34_server_are_read():
    def refuse(event, _):
        event.reject(c.STATUS_THROTTLED)

    async with _smpp34_server(refuse) as (port, _, _), gateway(port) as way:
        [outcome] = await way.submit_window([submission(1)], timeout_seconds=10)
        assert way.health().throttled == 1
    assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, "ESME_RTHROTTLED")
    assert outcome.cause is Cause.THROTTLED


async def test_an_smpp34_client_is_served_by_our_carrier(tmp_path):
    path = tmp_path / "truth.jsonl"
    async with carrier("seed=1", path) as running:
        client = smpp34.Client("127.0.0.1", running.smpp_port, "tester", ACCOUNTS["tester"])
        session = await asyncio.wait_for(client.connect(), 10)
        answers = [
            await session.submit_sm(f"4917000000{suffix}", b"Hi", registered_delivery=1)
            for suffix in ("0001", "0002", "0006")
        ]
        receipts: list[Any] = [await asyncio.wait_for(session.next(), 10) for _ in range(2)]
        await session.unbind()
        await client.stop()
    assert [answer.is_success for answer in answers] == [True, True, False]
    texts = sorted(receipt.short_message.decode().split("stat:")[1][:7] for receipt in receipts)
    assert texts == ["DELIVRD", "UNDELIV"]
