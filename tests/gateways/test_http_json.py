import asyncio
import socket
from uuid import uuid4

import msgspec
import pytest

from backend.gateways.journal import Journal, read
from backend.gateways.port import (
    Cause,
    LinkState,
    OutcomeKind,
    Permanence,
    ReceiptStatus,
    clock_seconds,
    reference_number,
)
from backend.gateways.simulator import truth
from backend.gateways.simulator.deliveries import Reply, delivery_of
from backend.sms import segments
from tests.gateways.lines import Recorder, carrier, submission, until
from tests.gateways.web import callback_door, web_gateway

pytestmark = pytest.mark.anyio


def _accepted(path):
    return [record for record in truth.read(path) if record.kind == "accepted"]


def _kinds(outcomes):
    return {outcome.kind for outcome in outcomes}


async def test_every_part_gets_one_outcome_in_order(tmp_path):
    path = tmp_path / "truth.jsonl"
    async with carrier(truth=path) as running, web_gateway(running.http_port) as way:
        window = [submission(n, parts=1 + n % 3) for n in range(200)]
        outcomes = await way.submit_window(window, timeout_seconds=10)
    parts = [(s.key, part) for s in window for part in range(len(s.body_parts))]
    assert [(o.key, o.part) for o in outcomes] == parts
    assert _kinds(outcomes) == {OutcomeKind.ACCEPTED}
    assert sorted(o.carrier_id for o in outcomes) == sorted(r.carrier_id for r in _accepted(path))


@pytest.mark.parametrize("text", ["Ünïcödé €uro [brackets] @home", "Привет 🙂 " * 40])
async def test_texts_arrive_as_written(tmp_path, text):
    path = tmp_path / "truth.jsonl"
    coding = 0 if text.startswith("Ü") and "ï" not in text else 8
    parts = tuple(segments.split(text))
    message = submission(1, body_parts=parts, data_coding=coding, reference="session:1:1")
    async with carrier(truth=path) as running, web_gateway(running.http_port) as way:
        outcomes = await way.submit_window([message], timeout_seconds=10)
        [shown] = running.carrier.handsets.shown()
    assert shown.text == text
    assert len(outcomes) == len(parts)
    assert {record.reference for record in _accepted(path)} == {reference_number("session:1:1")}


@pytest.mark.parametrize(
    ("suffix", "code", "cause", "permanence"),
    [
        ("0006", "invalid_destination", Cause.NUMBER_NOT_IN_SERVICE, Permanence.PERMANENT),
        ("0007", "throttled", Cause.THROTTLED, Permanence.TEMPORARY),
        ("0019", "queue_full", Cause.THROTTLED, Permanence.TEMPORARY),
    ],
)
async def test_a_refusal_says_why_and_for_how_long(suffix, code, cause, permanence):
    async with carrier("seed=1") as running, web_gateway(running.http_port) as way:
        [outcome] = await way.submit_window([submission(1, suffix)], timeout_seconds=10)
    assert outcome.kind is OutcomeKind.REFUSED
    assert (outcome.code, outcome.cause, outcome.permanence) == (code, cause, permanence)


@pytest.mark.parametrize(
    ("fault", "code", "was_accepted"),
    [
        ("hang", "response_timeout", True),
        ("half_answer", "malformed_response", True),
        ("error_after_accepting", "http_500", True),
        ("not_json", "malformed_response", True),
        ("throttle_unsaid", "http_503", False),
        ("redirect", "http_307", False),
    ],
)
async def test_what_nobody_said_no_to_is_in_doubt(tmp_path, fault, code, was_accepted):
    path = tmp_path / "truth.jsonl"
    async with (
        carrier(f"perfect,http_fault={fault}", truth=path) as running,
        web_gateway(running.http_port) as way,
    ):
        outcomes = await way.submit_window([submission(1, parts=2)], timeout_seconds=5)
    assert _kinds(outcomes) == {OutcomeKind.IN_DOUBT}
    assert {outcome.code for outcome in outcomes} == {code}
    # And it was asked once: nothing is repeated on its own.
    assert len(_accepted(path)) == (2 if was_accepted else 0)


async def test_a_dropped_connection_leaves_the_whole_request_in_doubt(tmp_path):
    path = tmp_path / "truth.jsonl"
    async with carrier("seed=1", truth=path) as running, web_gateway(running.http_port) as way:
        window = [submission(1), submission(2, "0011"), submission(3)]
        outcomes = await way.submit_window(window, timeout_seconds=5)
    assert _kinds(outcomes) == {OutcomeKind.IN_DOUBT}
    assert len(_accepted(path)) == 3


async def test_throttled_and_said_so_is_a_refusal_for_now():
    async with (
        carrier("perfect,http_fault=throttle,http_fault_requests_max=1") as running,
        web_gateway(running.http_port) as way,
    ):
        began = clock_seconds()
        [first] = await way.submit_window([submission(1)], timeout_seconds=5)
        [second] = await way.submit_window([submission(2)], timeout_seconds=8)
        took = clock_seconds() - began
    assert (first.kind, first.cause) == (OutcomeKind.REFUSED, Cause.THROTTLED)
    assert first.permanence is Permanence.TEMPORARY
    assert second.kind is OutcomeKind.ACCEPTED
    assert took >= 0.9, "Retry-After said one second"


async def test_nobody_listens_is_not_written():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    async with web_gateway(port, is_awaited=False) as way:
        [outcome] = await way.submit_window([submission(1)], timeout_seconds=5)
        assert (outcome.kind, outcome.code) == (OutcomeKind.NOT_WRITTEN, "connect_failed")
        assert not way.health().is_ready


async def test_a_private_address_is_not_connected_to():
    async with carrier() as running:
        async with web_gateway(running.http_port, is_awaited=False, may_reach_private=False) as way:
            await until(lambda: way.health().links[0].last_error)
            [outcome] = await way.submit_window([submission(1)], timeout_seconds=5)
        assert running.carrier.counts["accepted"] == 0
    assert outcome.kind is OutcomeKind.NOT_WRITTEN


async def test_a_wrong_secret_is_no_link():
    async with (
        carrier() as running,
        web_gateway(running.http_port, is_awaited=False, secret="wrong") as way,
    ):
        await until(lambda: way.health().links[0].state is LinkState.BIND_REFUSED)
        [outcome] = await way.submit_window([submission(1)], timeout_seconds=5)
    assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, "unauthorized")
    # Our fault, not the message's: it may go elsewhere.
    assert outcome.permanence is Permanence.TEMPORARY


async def test_a_stale_claim_is_not_written():
    async with carrier() as running, web_gateway(running.http_port) as way:
        [outcome] = await way.submit_window(
            [submission(1)], timeout_seconds=5, claimed_at=clock_seconds() - 6
        )
        assert running.carrier.counts["accepted"] == 0
    assert (outcome.kind, outcome.code) == (OutcomeKind.NOT_WRITTEN, "claim_too_old")


async def test_the_journal_is_never_behind_what_was_written(tmp_path):
    journal = Journal(tmp_path / "lane.journal")
    token = uuid4()
    journal.begin(token)
    async with (
        carrier("perfect,http_fault=hang,http_fault_requests_max=1") as running,
        web_gateway(
            running.http_port, messages_per_request_max=10, requests_in_flight_max=1
        ) as way,
    ):
        window = [submission(n) for n in range(30)]
        outcomes = await way.submit_window(window, timeout_seconds=0.3, journal=journal)
    written = [n for n, o in enumerate(outcomes) if o.kind is not OutcomeKind.NOT_WRITTEN]
    assert written == list(range(10))
    entry = read(tmp_path / "lane.journal")
    assert entry is not None
    assert entry.last_index >= max(written)
    journal.close()


async def test_an_answer_that_was_lost_is_asked_for():
    recorder = Recorder()
    async with (
        carrier("perfect,http_fault=half_answer,http_fault_requests_max=1") as running,
        web_gateway(running.http_port, recorder, has_request_lookup=True) as way,
    ):
        [outcome] = await way.submit_window([submission(1)], timeout_seconds=5)
        assert outcome.kind is OutcomeKind.IN_DOUBT
        await until(lambda: recorder.late)
        assert running.carrier.counts["accepted"] == 1
    [late] = recorder.late
    assert (late.key, late.part, late.kind) == (outcome.key, 0, OutcomeKind.ACCEPTED)
    assert late.carrier_id


async def test_receipts_and_replies_come_back_signed():
    recorder = Recorder()
    recorder.failures_left = 1
    async with (
        carrier("seed=1,redelivery_ms=50") as running,
        callback_door(recorder) as url,
        web_gateway(running.http_port, callback_url=url) as way,
    ):
        window = [submission(1, "0001", reference="session:1:1"), submission(2, "0003")]
        first, second = await way.submit_window(window, timeout_seconds=5)
        await until(lambda: len(recorder.receipts) == 2)
        said = Reply("+4917000000010001", "Clearsend", "Grüße, ja")
        running.carrier.deliver([delivery_of(said, "tester")])
        await until(lambda: recorder.messages)
    by_id = {receipt.carrier_id: receipt for receipt in recorder.receipts}
    assert by_id[first.carrier_id].status is ReceiptStatus.DELIVERED
    assert by_id[first.carrier_id].reference_number == reference_number("session:1:1")
    off = by_id[second.carrier_id]
    assert (off.status, off.cause) == (ReceiptStatus.UNDELIVERED, Cause.PHONE_OFF)
    assert off.permanence is Permanence.TEMPORARY
    [heard] = recorder.messages
    assert heard.body.decode("utf-16-be") == "Grüße, ja"


async def test_a_wrong_signature_is_not_taken():
    recorder = Recorder()
    async with (
        carrier("perfect,has_wrong_signatures=true,redelivery_ms=20") as running,
        callback_door(recorder) as url,
        web_gateway(running.http_port, callback_url=url) as way,
    ):
        await way.submit_window([submission(1)], timeout_seconds=5)
        await until(lambda: running.carrier.counts["redelivered"] > 2)
        assert not recorder.receipts


async def test_the_rate_is_kept_over_requests():
    async with (
        carrier() as running,
        web_gateway(running.http_port, throughput_segments_per_second_max=50.0) as way,
    ):
        began = clock_seconds()
        window = [submission(n) for n in range(100)]
        outcomes = await way.submit_window(window, timeout_seconds=10)
        took = clock_seconds() - began
    assert _kinds(outcomes) == {OutcomeKind.ACCEPTED}
    assert took >= 1.5


async def test_closing_leaves_nothing_half_said():
    async with (
        carrier("perfect,http_fault=hang") as running,
        web_gateway(running.http_port, response_timeout_seconds=30.0) as way,
    ):
        submitting = asyncio.create_task(
            way.submit_window([submission(n) for n in range(3)], timeout_seconds=20)
        )
        await until(lambda: running.carrier.counts["accepted"] == 3)
        await way.close(drain_seconds=0.1)
        outcomes = await submitting
    assert _kinds(outcomes) == {OutcomeKind.IN_DOUBT}


async def test_a_message_without_a_text_is_refused_here():
    async with carrier() as running, web_gateway(running.http_port) as way:
        window = [
            submission(1),
            msgspec.structs.replace(submission(2), body_parts=()),
            submission(3),
        ]
        outcomes = await way.submit_window(window, timeout_seconds=5)
    kinds = [outcome.kind for outcome in outcomes]
    assert kinds == [OutcomeKind.ACCEPTED, OutcomeKind.REFUSED, OutcomeKind.ACCEPTED]
