import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from backend.gateways.port import Cause, OutcomeKind, Permanence, ReceiptStatus
from backend.gateways.simulator import truth
from backend.gateways.simulator.deliveries import Delivery
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.concatenation import Part, udh
from backend.gateways.smpp.pdu import address_prefix, message_body, timing_fields
from backend.gateways.smpp.receipts import IdForm
from tests.gateways.lines import Recorder, carrier, gateway, submission, until

pytestmark = pytest.mark.anyio


async def test_receipts_name_the_ids_the_outcomes_named():
    recorder = Recorder()
    async with carrier() as running, gateway(running.smpp_port, recorder) as way:
        window = [submission(n, reference=f"r{n}") for n in range(300)]
        outcomes = await way.submit_window(window, timeout_seconds=10)
        await until(lambda: len(recorder.receipts) == 300)
        await until(lambda: running.carrier.stats()["acknowledged"] == 300)
    assert {r.carrier_id for r in recorder.receipts} == {o.carrier_id for o in outcomes}
    assert {r.status for r in recorder.receipts} == {ReceiptStatus.DELIVERED}
    assert None not in {r.reference_number for r in recorder.receipts}
    assert recorder.batches < 60  # coalesced, not one by one


@pytest.mark.parametrize(
    ("suffix", "statuses", "cause", "permanence"),
    [
        ("0001", ["delivered"], Cause.NONE, Permanence.PERMANENT),
        ("0002", ["undelivered"], Cause.NUMBER_NOT_IN_SERVICE, Permanence.PERMANENT),
        ("0003", ["undelivered"], Cause.PHONE_OFF, Permanence.TEMPORARY),
        ("0004", ["expired"], Cause.PHONE_OFF, Permanence.PERMANENT),
        ("0005", ["rejected"], Cause.BLOCKED_BY_CARRIER, Permanence.PERMANENT),
        ("0008", ["delivered"], Cause.NONE, Permanence.PERMANENT),
        ("0009", ["delivered"] * 5, Cause.NONE, Permanence.PERMANENT),
        ("0013", ["delivered", "undelivered"], Cause.NONE, Permanence.PERMANENT),
        ("0014", ["delivered", "enroute"], Cause.NONE, Permanence.PERMANENT),
        ("0015", ["undelivered"], Cause.MEMORY_FULL, Permanence.TEMPORARY),
        ("0018", ["undelivered"], Cause.BLOCKED_BY_RECIPIENT, Permanence.PERMANENT),
    ],
)
async def test_magic_numbers_meet_their_fate(suffix, statuses, cause, permanence):
    recorder = Recorder()
    async with carrier("seed=1") as running, gateway(running.smpp_port, recorder) as way:
        [outcome] = await way.submit_window([submission(1, suffix)], timeout_seconds=10)
        await until(lambda: len(recorder.receipts) == len(statuses))
    assert [receipt.status for receipt in recorder.receipts] == statuses
    assert {receipt.carrier_id for receipt in recorder.receipts} == {outcome.carrier_id}
    assert recorder.receipts[0].cause is cause
    assert recorder.receipts[0].permanence is permanence


async def _received(recorder: Recorder, count: int) -> None:
    await until(lambda: len(recorder.receipts) == count)


async def test_a_temporary_failure_is_delivered_the_second_time():
    recorder = Recorder()
    async with carrier("seed=1") as running, gateway(running.smpp_port, recorder) as way:
        for attempt in (1, 2):
            await way.submit_window([submission(1, "0003")], timeout_seconds=10)
            await _received(recorder, attempt)
    assert [r.status for r in recorder.receipts] == ["undelivered", "delivered"]


async def test_a_receipt_may_come_before_the_answer():
    recorder = Recorder()
    script = "perfect,early_receipt_rate=1,response_delay_ms_min=200,response_delay_ms_max=201"
    async with carrier(script) as running, gateway(running.smpp_port, recorder) as way:
        call = asyncio.create_task(way.submit_window([submission(1)], timeout_seconds=10))
        await until(lambda: recorder.receipts)
        assert not call.done()
        [outcome] = await call
    assert recorder.receipts[0].carrier_id == outcome.carrier_id


@pytest.mark.parametrize(
    ("script", "form"),
    [
        ("has_hex_ids=true", "same"),
        ("has_hex_ids=true,receipt_id_form=upper", "same"),
        ("has_hex_ids=true,receipt_id_form=zero_padded", "same"),
        ("has_hex_ids=true,receipt_id_form=decimal", "response_hex_receipt_decimal"),
        ("receipt_id_form=hex", "response_decimal_receipt_hex"),
        ("has_broken_receipts=true", "same"),
        ("has_receipt_tlvs=true", "same"),
    ],
)
async def test_ids_match_however_receipts_spell_them(script, form):
    recorder = Recorder()
    async with (
        carrier("perfect," + script) as running,
        gateway(running.smpp_port, recorder, receipt_id_form=IdForm(form)) as way,
    ):
        outcomes = await way.submit_window([submission(n) for n in range(5)], timeout_seconds=10)
        await until(lambda: len(recorder.receipts) == 5)
    assert {r.carrier_id for r in recorder.receipts} == {o.carrier_id for o in outcomes}


async def test_receipts_that_could_not_be_stored_come_again():
    recorder = Recorder()
    recorder.failures_left = 2
    script = "perfect,redelivery_ms=50"
    async with carrier(script) as running, gateway(running.smpp_port, recorder) as way:
        await way.submit_window([submission(n) for n in range(20)], timeout_seconds=10)
        await until(lambda: running.carrier.stats()["acknowledged"] == 20)
        assert running.carrier.stats()["redelivered"] >= 20
    assert len({receipt.carrier_id for receipt in recorder.receipts}) == 20


class _Stuck(Recorder):
    """Its commit does not come back."""

    def __init__(self) -> None:
        super().__init__()
        self.commit = asyncio.Event()

    async def on_receipts(self, batch):
        self.receipts.extend(batch)
        await self.commit.wait()


async def test_nothing_is_acknowledged_before_it_is_stored(tmp_path):
    path = tmp_path / "truth.jsonl"
    stuck, recorder = _Stuck(), Recorder()
    async with carrier(truth=path) as running:
        async with gateway(running.smpp_port, stuck) as way:
            await way.submit_window([submission(n) for n in range(10)], timeout_seconds=10)
            await until(lambda: stuck.receipts)
            assert way.health().unconfirmed_receipts == 10
            # The process dies here, as far as the carrier can see.
            assert running.carrier.stats()["acknowledged"] == 0
            for slot in way._slots:
                assert slot.link is not None
                slot.link.close("killed")
            await until(lambda: running.carrier.stats()["receipts_kept"] == 10)
            await way.close(drain_seconds=0)
            stuck.commit.set()
        async with gateway(running.smpp_port, recorder):
            await until(lambda: len(recorder.receipts) == 10)
            await until(lambda: running.carrier.stats()["acknowledged"] == 10)
    assert {r.carrier_id for r in stuck.receipts} == {r.carrier_id for r in recorder.receipts}
    kinds = [record.kind for record in truth.read(path)]
    assert kinds.count("receipt") == 20
    assert kinds.count("acknowledged") == 10


CLIENT = """
    import asyncio, sys
    from backend.gateways.smpp.gateway import SmppGateway
    from tests.gateways.lines import Recorder, config, submission

    async def main():
        way = SmppGateway(config(int(sys.argv[1])), Recorder().listeners())
        await way.start()
        assert await way.ready(timeout_seconds=10)
        await way.submit_window([submission(n) for n in range(10)], timeout_seconds=10)
        await asyncio.sleep(60)

    asyncio.run(main())
"""


async def test_a_client_killed_before_it_acknowledged_gets_its_receipts_again():
    recorder = Recorder()
    async with carrier() as running:
        process = subprocess.Popen(  # noqa: ASYNC220  # it only starts here
            [sys.executable, "-c", textwrap.dedent(CLIENT), str(running.smpp_port)],
            env=os.environ | {"CLEARSEND_FAULT": "kill:receipts.ack:1"},
        )
        await until(lambda: process.poll() is not None)
        await until(lambda: running.carrier.stats()["receipts_kept"] == 10)
        assert process.returncode == -signal.SIGKILL
        assert running.carrier.stats()["acknowledged"] == 0
        async with gateway(running.smpp_port, recorder):
            await until(lambda: running.carrier.stats()["acknowledged"] == 10)
    assert len({receipt.carrier_id for receipt in recorder.receipts}) == 10


async def test_receipts_of_an_absent_client_wait_for_it():
    recorder = Recorder()
    script = "perfect,receipt_delay_ms_min=200,receipt_delay_ms_max=250"
    async with carrier(script) as running:
        async with gateway(running.smpp_port) as way:
            await way.submit_window([submission(n) for n in range(10)], timeout_seconds=10)
        await until(lambda: running.carrier.stats()["receipts_kept"] == 10)
        async with gateway(running.smpp_port, recorder):
            await until(lambda: len(recorder.receipts) == 10)


def _reply(text: bytes, esm_class: int = 0) -> Delivery:
    fields = address_prefix(b"491701\0", 1, 1, 0, 0) + b"12345\0"
    body = message_body(fields, esm_class, timing_fields(None, 0, 0), text)
    return Delivery("tester", body, "reply", "491701", "12345", text=text)


async def test_replies_arrive_and_come_again_when_not_stored():
    recorder = Recorder()
    recorder.failures_left = 1
    async with carrier("perfect,redelivery_ms=20") as running, gateway(running.smpp_port, recorder):
        running.carrier.deliver([_reply(b"STOP")])
        await until(lambda: recorder.messages)
        await until(lambda: running.carrier.stats()["acknowledged"] == 1)
    [message] = recorder.messages
    assert (message.source, message.destination, message.body) == ("491701", "12345", b"STOP")
    assert (message.part_number, message.parts_total) == (1, 1)


async def test_parts_of_a_long_reply_say_which_they_are():
    recorder = Recorder()
    async with carrier() as running, gateway(running.smpp_port, recorder):
        parts = [udh(Part(77, 2, n)) + text for n, text in ((2, b"later"), (1, b"first "))]
        running.carrier.deliver([_reply(part, c.ESM_UDH) for part in parts])
        await until(lambda: len(recorder.messages) == 2)
    messages = sorted(recorder.messages, key=lambda message: message.part_number)
    assert b"".join(message.body for message in messages) == b"first later"
    assert {(m.part_reference, m.parts_total) for m in messages} == {(77, 2)}


async def test_an_unreadable_delivery_is_answered_and_harms_no_neighbour():
    recorder = Recorder()
    broken = Delivery("tester", b"\0\1\1no end", "reply", "1", "2")
    async with carrier() as running, gateway(running.smpp_port, recorder) as way:
        running.carrier.deliver([broken, _reply(b"Hello")])
        await until(lambda: recorder.messages)
        assert way.health().malformed >= 1
        assert way.health().is_ready
        [outcome] = await way.submit_window([submission(1)], timeout_seconds=5)
    assert outcome.kind is OutcomeKind.ACCEPTED
