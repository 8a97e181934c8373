import asyncio
import itertools
import logging
import random

import pytest

from backend.gateways.port import LinkState, OutcomeKind
from backend.gateways.simulator.script import parse
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.pdu import HEADER, Framer, pdu
from tests.gateways.lines import ACCOUNTS, Recorder, carrier, config, gateway, submission, until

pytestmark = pytest.mark.anyio


async def test_a_wrong_password_is_a_state_to_see_and_never_a_secret_to_read(caplog):
    caplog.set_level(logging.DEBUG)
    async with (
        carrier() as running,
        gateway(running.smpp_port, is_awaited=False, password="wr0ng-s3cret") as way,
    ):
        await until(lambda: way.health().links[0].state is LinkState.BIND_REFUSED)
        health = way.health()
        outcomes = await way.submit_window([submission(1)], timeout_seconds=5)
        await until(lambda: running.carrier.stats()["binds_refused"] >= 2)
    assert health.links[0].last_error == "ESME_RINVPASWD"
    assert not health.is_ready
    assert [(o.kind, o.code) for o in outcomes] == [(OutcomeKind.NOT_WRITTEN, "bind_refused")]
    assert "ESME_RINVPASWD" in caplog.text
    for text in (caplog.text, repr(health), repr(config(1, password="wr0ng-s3cret"))):
        assert "wr0ng-s3cret" not in text
        assert ACCOUNTS["tester"] not in text


async def test_an_unknown_system_id_and_one_bind_too_many_are_refused():
    async with carrier("perfect,binds_max=1") as running:
        async with gateway(running.smpp_port, is_awaited=False, system_id="nobody") as way:
            await until(lambda: way.health().links[0].last_error == "ESME_RINVSYSID")
        async with gateway(running.smpp_port, sessions_count=2) as way:
            await until(
                lambda: (
                    {link.state for link in way.health().links}
                    == {LinkState.BOUND, LinkState.BIND_REFUSED}
                )
            )
            [outcome] = await way.submit_window([submission(1)], timeout_seconds=5)
    assert outcome.kind is OutcomeKind.ACCEPTED


async def test_a_password_put_right_at_the_carrier_heals_by_itself():
    async with carrier() as running:
        running.carrier.accounts["tester"] = "changed"
        async with gateway(running.smpp_port, is_awaited=False) as way:
            await until(lambda: way.health().links[0].state is LinkState.BIND_REFUSED)
            running.carrier.accounts.update(ACCOUNTS)
            assert await way.ready(timeout_seconds=10)


async def test_a_lost_link_is_bound_again_and_backs_off_while_it_cannot():
    async with carrier() as running:
        port = running.smpp_port
        async with gateway(port, is_awaited=True) as way:
            for slot in way._slots:
                assert slot.link is not None
                slot.link.close("cut")
            await until(lambda: way.health().links[0].binds == 2)
    moments: list[float] = []

    async def hang_up(_, writer):
        moments.append(asyncio.get_running_loop().time())
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with gateway(port, is_awaited=False) as way:
        await until(lambda: len(moments) >= 5)
        assert way.health().links[0].state in {
            LinkState.BACKING_OFF,
            LinkState.CONNECTING,
            LinkState.BINDING,
        }
    server.close()
    waits = [b - a for a, b in itertools.pairwise(moments)]
    # 0.05, 0.1, 0.2, 0.4 seconds, each between half and all of it.
    assert waits[3] > waits[0]
    assert waits[3] >= 0.2


async def test_nobody_listening_is_an_error_to_see():
    async with carrier() as running:
        port = running.smpp_port
    async with gateway(port, is_awaited=False) as way:
        await until(lambda: way.health().links[0].state is LinkState.BACKING_OFF)
        assert "refused" in way.health().links[0].last_error.lower()


async def test_a_black_hole_is_found_by_enquire_link():
    async with (
        carrier() as running,
        gateway(running.smpp_port, enquire_link_seconds=0.2, response_timeout_seconds=0.3) as way,
    ):
        await asyncio.sleep(0.8)
        assert way.health().links[0].binds == 1  # an answering carrier is left alone
        running.carrier.use(parse("perfect,is_silent=true"))
        outcomes = await way.submit_window([submission(1)], timeout_seconds=5)
        assert [o.kind for o in outcomes] == [OutcomeKind.IN_DOUBT]
        await until(lambda: way.health().links[0].last_error.endswith("unanswered"))
        await until(lambda: way.health().links[0].binds >= 2)


async def _raw_carrier(answer_bind, after_bind=b""):
    """Binds, then says whatever it is told to say."""
    seen: list[tuple[int, int, int, bytes]] = []

    async def serve(reader, writer):
        framer = Framer()
        while data := await reader.read(65_536):
            for frame in framer.feed(data):
                seen.append(frame)
                if frame[0] == c.BIND_TRANSCEIVER:
                    writer.write(answer_bind(frame[2]) + after_bind)
                elif frame[0] == c.ENQUIRE_LINK:
                    writer.write(pdu(c.ENQUIRE_LINK_RESP, frame[2]))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1], seen


def _welcome(sequence: int) -> bytes:
    return pdu(c.BIND_TRANSCEIVER_RESP, sequence, b"RAW\0")


@pytest.mark.parametrize("length", [3, 16 * 1024 * 1024, 0xFFFF_FFFF])
async def test_a_stream_that_cannot_be_followed_is_nacked_and_closed(length):
    server, port, _ = await _raw_carrier(_welcome, HEADER.pack(length, c.DELIVER_SM, 0, 1))
    async with gateway(port, is_awaited=False) as way:
        await until(lambda: way.health().links[0].last_error == "malformed_stream")
        assert way.health().malformed >= 1
    server.close()


async def test_garbage_from_one_carrier_harms_no_other():
    noise = random.Random(7).randbytes(50_000)
    server, port, _ = await _raw_carrier(_welcome, noise)
    async with (
        carrier() as running,
        gateway(running.smpp_port) as healthy,
        gateway(port, is_awaited=False) as poisoned,
    ):
        await until(lambda: poisoned.health().malformed)
        outcomes = await healthy.submit_window(
            [submission(n) for n in range(50)], timeout_seconds=5
        )
        assert healthy.health().links[0].binds == 1
    server.close()
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ACCEPTED}


async def test_an_unknown_command_is_nacked_and_the_link_stays():
    server, port, seen = await _raw_carrier(_welcome, pdu(0x0000_0103, 55))
    async with gateway(port) as way:
        await until(lambda: any(frame[0] == c.GENERIC_NACK for frame in seen))
        assert way.health().is_ready
    server.close()
    [nack] = [frame for frame in seen if frame[0] == c.GENERIC_NACK]
    assert nack == (c.GENERIC_NACK, c.STATUS_INVALID_COMMAND_ID, 55, b"")


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (lambda n: pdu(c.GENERIC_NACK, n, status=0x03), "refused", "ESME_RINVCMDID"),
        (lambda n: pdu(c.GENERIC_NACK, n), "refused", "0x00000000"),
        (lambda n: pdu(c.SUBMIT_SM_RESP, n, status=0x400), "refused", "0x00000400"),
        (lambda n: pdu(c.SUBMIT_SM_RESP, n, b"\0"), "in_doubt", "malformed_response"),
        (lambda n: pdu(c.SUBMIT_SM_RESP, n), "in_doubt", "malformed_response"),
        (lambda n: pdu(c.SUBMIT_SM_RESP, n, b"\xff\xfe\0"), "in_doubt", "malformed_response"),
        (lambda n: pdu(c.SUBMIT_SM_RESP, n, b"no-end"), "accepted", ""),
        (lambda n: pdu(c.SUBMIT_SM_RESP, n + 9, b"1\0"), "in_doubt", "response_timeout"),
        (lambda _: pdu(c.UNBIND, 1), "in_doubt", "connection_lost"),
    ],
)
async def test_only_a_clear_no_is_a_refusal(answer, kind, code):
    async def serve(reader, writer):
        framer = Framer()
        while data := await reader.read(65_536):
            for command_id, _, sequence, _ in framer.feed(data):
                if command_id == c.BIND_TRANSCEIVER:
                    writer.write(_welcome(sequence))
                elif command_id == c.SUBMIT_SM:
                    writer.write(answer(sequence))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with gateway(port) as way:
        [outcome] = await way.submit_window([submission(1)], timeout_seconds=0.5)
    server.close()
    assert (outcome.kind, outcome.code) == (kind, code)


async def test_sessions_share_the_load():
    recorder = Recorder()
    script = "perfect,response_delay_ms_min=20,response_delay_ms_max=21"
    async with (
        carrier(script) as running,
        gateway(running.smpp_port, recorder, sessions_count=3, window_segments_max=20) as way,
    ):
        await until(lambda: all(link.binds for link in way.health().links))
        call = asyncio.create_task(
            way.submit_window([submission(n) for n in range(200)], timeout_seconds=10)
        )
        await until(lambda: all(link.outstanding for link in way.health().links))
        outcomes = await call
        await until(lambda: len(recorder.receipts) == 200)
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ACCEPTED}
