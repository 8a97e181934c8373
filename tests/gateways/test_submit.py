import asyncio
from collections import Counter
from collections.abc import Hashable

import msgspec
import pytest

from backend.gateways.port import (
    Cause,
    OutcomeKind,
    Permanence,
    Submission,
    clock_seconds,
    reference_number,
)
from backend.gateways.simulator import truth
from tests.gateways.lines import Recorder, carrier, gateway, submission, until

pytestmark = pytest.mark.anyio


def _accepted(path):
    return [record for record in truth.read(path) if record.kind == "accepted"]


async def test_every_part_gets_one_outcome_in_order(tmp_path):
    path = tmp_path / "truth.jsonl"
    async with carrier(truth=path) as running, gateway(running.smpp_port) as way:
        window = [submission(n, parts=1 + n % 3) for n in range(200)]
        outcomes = await way.submit_window(window, timeout_seconds=10)
    parts = [(s.key, part) for s in window for part in range(len(s.body_parts))]
    assert [(o.key, o.part) for o in outcomes] == parts
    assert {o.kind for o in outcomes} == {OutcomeKind.ACCEPTED}
    assert sorted(o.carrier_id for o in outcomes) == sorted(r.carrier_id for r in _accepted(path))


async def test_long_messages_arrive_whole(tmp_path):
    path = tmp_path / "truth.jsonl"
    bodies = tuple(bytes([65 + n]) * 153 for n in range(7))
    async with carrier(truth=path) as running, gateway(running.smpp_port) as way:
        long = msgspec.structs.replace(submission(1), body_parts=bodies, reference="batch-1/1")
        await way.submit_window([long], timeout_seconds=10)
        handset = running.carrier.handsets.shown()
    records = _accepted(path)
    assert len({record.part_reference for record in records}) == 1
    assert {record.parts_total for record in records} == {7}
    in_order = sorted(records, key=lambda record: record.part_number)
    assert b"".join(record.message for record in in_order) == b"".join(bodies)
    assert {record.reference for record in records} == {reference_number("batch-1/1")}
    assert [message.text for message in handset] == [b"".join(bodies).decode()]


@pytest.mark.parametrize(
    ("suffix", "code", "cause", "permanence"),
    [
        ("0006", "ESME_RINVDSTADR", Cause.NUMBER_NOT_IN_SERVICE, Permanence.PERMANENT),
        ("0007", "ESME_RTHROTTLED", Cause.THROTTLED, Permanence.TEMPORARY),
        ("0019", "ESME_RMSGQFUL", Cause.THROTTLED, Permanence.TEMPORARY),
    ],
)
async def test_a_refusal_says_why_and_for_how_long(suffix, code, cause, permanence):
    async with carrier("seed=1") as running, gateway(running.smpp_port) as way:
        [outcome] = await way.submit_window([submission(1, suffix)], timeout_seconds=10)
    assert outcome.kind is OutcomeKind.REFUSED
    assert (outcome.code, outcome.cause, outcome.permanence) == (code, cause, permanence)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"destination": "+49abc"}, "destination_invalid"),
        ({"destination": ""}, "destination_invalid"),
        ({"sender": "A name too long"}, "sender_invalid"),
        ({"sender": "Ünicode"}, "pdu_field"),
        ({"sender": "Nul\0"}, "pdu_field"),
        ({"body_parts": (bytes(255),)}, "pdu_message_length"),
        ({"body_parts": (bytes(250), b"x")}, "pdu_message_length"),
        ({"body_parts": ()}, "parts_count"),
        ({"body_parts": (b"x",) * 256}, "parts_count"),
    ],
)
async def test_what_can_never_be_sent_is_refused_here_and_harms_no_neighbour(changes, code):
    async with carrier() as running, gateway(running.smpp_port) as way:
        window = [submission(1), submission(2, **changes), submission(3)]
        outcomes = await way.submit_window(window, timeout_seconds=10)
        only = await way.submit_window([submission(4, **changes)], timeout_seconds=10)
    kinds = {outcome.key: outcome.kind for outcome in outcomes}
    assert kinds == {
        1: OutcomeKind.ACCEPTED,
        2: OutcomeKind.REFUSED,
        3: OutcomeKind.ACCEPTED,
    }
    assert {outcome.code for outcome in outcomes if outcome.key == 2} == {code}
    assert {outcome.permanence for outcome in only} == {Permanence.PERMANENT}


async def test_without_a_link_nothing_is_written():
    async with carrier() as running:
        port = running.smpp_port
    async with gateway(port, is_awaited=False) as way:
        outcomes = await way.submit_window([submission(1)], timeout_seconds=0.2)
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.NOT_WRITTEN]


async def test_a_claim_too_old_is_not_written(tmp_path):
    path = tmp_path / "truth.jsonl"
    async with carrier(truth=path) as running, gateway(running.smpp_port) as way:
        claimed_at = clock_seconds() - 6
        outcomes = await way.submit_window(
            [submission(1)], timeout_seconds=5, claimed_at=claimed_at
        )
    assert [(o.kind, o.code) for o in outcomes] == [(OutcomeKind.NOT_WRITTEN, "claim_too_old")]
    assert _accepted(path) == []


@pytest.mark.parametrize("suffix", ["0011", "0017"])
async def test_accepted_then_dropped_is_in_doubt_and_never_refused(tmp_path, suffix):
    path = tmp_path / "truth.jsonl"
    async with carrier("seed=1", path) as running, gateway(running.smpp_port) as way:
        window = [submission(1), submission(2, suffix), submission(3)]
        outcomes = await way.submit_window(window, timeout_seconds=10)
        await until(lambda: way.health().is_ready)
        again = await way.submit_window([submission(4)], timeout_seconds=10)
    kinds = {outcome.key: outcome.kind for outcome in outcomes}
    assert kinds == {1: OutcomeKind.ACCEPTED, 2: OutcomeKind.IN_DOUBT, 3: OutcomeKind.IN_DOUBT}
    assert again[0].kind is OutcomeKind.ACCEPTED
    # The carrier has the one it dropped on: exactly what "in doubt" must not deny.
    assert len(_accepted(path)) == 3


async def test_no_loss_and_no_lie_over_a_carrier_that_drops_again_and_again(tmp_path):
    path = tmp_path / "truth.jsonl"
    script = "perfect,drop_after_accepted=37,response_delay_ms_max=5,seed=4"
    async with (
        carrier(script, path) as running,
        gateway(running.smpp_port, window_segments_max=20, sessions_count=2) as way,
    ):
        windows = [[submission(w * 50 + n) for n in range(50)] for w in range(6)]
        answers = await asyncio.gather(
            *(way.submit_window(window, timeout_seconds=5) for window in windows)
        )
    outcomes = [outcome for window in answers for outcome in window]
    assert len(outcomes) == 300
    accepted = {record.carrier_id for record in _accepted(path)}
    numbers = Counter(record.destination for record in _accepted(path))
    assert max(numbers.values()) == 1
    has = {number.removeprefix("4917")[:7] for number in numbers}
    for outcome in outcomes:
        if outcome.kind is OutcomeKind.ACCEPTED:
            assert outcome.carrier_id in accepted
        elif outcome.kind is OutcomeKind.NOT_WRITTEN:
            assert f"{outcome.key:07d}" not in has
    assert any(outcome.kind is OutcomeKind.IN_DOUBT for outcome in outcomes)


async def test_a_late_answer_is_in_doubt_first_and_told_later():
    recorder = Recorder()
    script = "seed=1,late_response_ms=700"
    async with (
        carrier(script) as running,
        gateway(running.smpp_port, recorder, response_timeout_seconds=0.5) as way,
    ):
        outcomes = await way.submit_window([submission(1, "0012")], timeout_seconds=5)
        assert [(o.kind, o.code) for o in outcomes] == [(OutcomeKind.IN_DOUBT, "response_timeout")]
        await until(lambda: recorder.late)
    [late] = recorder.late
    assert (late.key, late.kind) == (1, OutcomeKind.ACCEPTED)
    assert late.carrier_id


async def test_the_callers_patience_ends_a_window_too():
    recorder = Recorder()
    script = "seed=1,late_response_ms=500"
    async with carrier(script) as running, gateway(running.smpp_port, recorder) as way:
        outcomes = await way.submit_window(
            [submission(1, "0012"), submission(2)], timeout_seconds=0.2
        )
        assert [o.kind for o in outcomes] == [OutcomeKind.IN_DOUBT, OutcomeKind.ACCEPTED]
        await until(lambda: recorder.late)


async def test_a_mute_carrier_gets_one_window_into_doubt_and_loses_the_link():
    async with (
        carrier("perfect,lost_response_rate=1") as running,
        gateway(running.smpp_port, window_segments_max=10, response_timeout_seconds=0.2) as way,
    ):
        window = [submission(n) for n in range(30)]
        outcomes = await way.submit_window(window, timeout_seconds=0.35)
        kinds = Counter(outcome.kind for outcome in outcomes)
        assert kinds == {OutcomeKind.IN_DOUBT: 10, OutcomeKind.NOT_WRITTEN: 20}
        await until(lambda: way.health().links[0].last_error == "submissions_unanswered")


async def test_a_carrier_that_loses_answers_does_not_use_the_window_up(tmp_path):
    path = tmp_path / "truth.jsonl"
    async with (
        carrier("perfect,seed=3,lost_response_rate=0.5", path) as running,
        gateway(running.smpp_port, window_segments_max=4, response_timeout_seconds=0.1) as way,
    ):
        window = [submission(n) for n in range(40)]
        outcomes = await way.submit_window(window, timeout_seconds=20)
    kinds = Counter(outcome.kind for outcome in outcomes)
    assert set(kinds) == {OutcomeKind.ACCEPTED, OutcomeKind.IN_DOUBT}
    assert kinds[OutcomeKind.IN_DOUBT] > 4
    assert len(_accepted(path)) == 40


async def test_throttling_slows_the_gateway_down_and_loses_nothing(tmp_path):
    path = tmp_path / "truth.jsonl"
    script = "perfect,throughput_segments_per_second_max=100"
    async with carrier(script, path) as running, gateway(running.smpp_port) as way:
        pending: dict[Hashable, Submission] = {n: submission(n) for n in range(250)}
        rounds = 0
        while pending:
            rounds += 1
            assert rounds < 50
            outcomes = await way.submit_window(list(pending.values()), timeout_seconds=8)
            for outcome in outcomes:
                assert outcome.kind in {
                    OutcomeKind.ACCEPTED,
                    OutcomeKind.REFUSED,
                    OutcomeKind.NOT_WRITTEN,
                }
                if outcome.kind is OutcomeKind.ACCEPTED:
                    del pending[outcome.key]
        health = way.health()
    assert len({record.destination for record in _accepted(path)}) == 250
    assert health.rate_segments_per_second is not None
    assert health.throttled < 400  # a client that did not slow down is refused thousands of times


async def test_the_contracted_rate_is_kept():
    async with (
        carrier() as running,
        gateway(running.smpp_port, throughput_segments_per_second_max=200) as way,
    ):
        began = asyncio.get_running_loop().time()
        outcomes = await way.submit_window([submission(n) for n in range(100)], timeout_seconds=5)
        elapsed = asyncio.get_running_loop().time() - began
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ACCEPTED}
    assert elapsed > 0.4


async def test_a_cancelled_caller_leaves_nothing_to_be_written(tmp_path):
    path = tmp_path / "truth.jsonl"
    script = "perfect,response_delay_ms_min=50,response_delay_ms_max=51"
    async with (
        carrier(script, path) as running,
        gateway(running.smpp_port, window_segments_max=5) as way,
    ):
        window = [submission(n) for n in range(100)]
        call = asyncio.create_task(way.submit_window(window, timeout_seconds=5))
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.sleep(0.2)
    assert len(_accepted(path)) <= 5


async def test_closing_drains_what_is_written_and_drops_what_is_not():
    script = "perfect,response_delay_ms_min=100,response_delay_ms_max=101"
    async with carrier(script) as running, gateway(running.smpp_port, window_segments_max=5) as way:
        window = [submission(n) for n in range(20)]
        call = asyncio.create_task(way.submit_window(window, timeout_seconds=5))
        await asyncio.sleep(0.02)
        await way.close(drain_seconds=2)
        outcomes = await call
        after = await way.submit_window([submission(99)], timeout_seconds=5)
    assert [o.kind for o in outcomes] == [OutcomeKind.ACCEPTED] * 5 + [OutcomeKind.NOT_WRITTEN] * 15
    assert [(o.kind, o.code) for o in after] == [(OutcomeKind.NOT_WRITTEN, "gateway_closing")]


async def test_no_submissions_no_outcomes():
    async with carrier() as running, gateway(running.smpp_port) as way:
        assert await way.submit_window([], timeout_seconds=1) == []
