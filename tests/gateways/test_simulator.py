import asyncio
import json
import subprocess
import sys
from collections import Counter

import pytest

from backend.gateways.port import OutcomeKind, ReceiptStatus
from backend.gateways.simulator import truth
from backend.gateways.simulator.fates import DELIVERED, MAGIC, draw, odds_of
from backend.gateways.simulator.gsm import decode_gsm
from backend.gateways.simulator.script import PRESETS, Script, changed, parse
from backend.kernel.errors import InvalidInput
from tests.gateways.lines import Recorder, carrier, gateway, submission, until


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("perfect", PRESETS["perfect"]),
        ("demo", PRESETS["demo"]),
        ("", Script()),
        ("seed=7,drop_rate=0.5,has_hex_ids=true", Script(seed=7, drop_rate=0.5, has_hex_ids=True)),
        ("perfect, drop_after_accepted=3", Script(has_magic_numbers=False, drop_after_accepted=3)),
        ('{"seed": 3, "is_silent": true}', Script(seed=3, is_silent=True)),
    ],
)
def test_a_script_is_a_preset_changes_or_json(text, script):
    assert parse(text) == script


def test_a_script_may_be_a_file(tmp_path):
    path = tmp_path / "night.json"
    path.write_text('{"preset": "demo", "seed": 9}')
    assert parse(str(path)).seed == 9
    assert parse(str(path)).undelivered_permanent_rate == 0.03


@pytest.mark.parametrize(
    "text", ["nonsense", "seed=x", "drop_rate=2", "nothing=1", "{", '{"preset": "x"}', '{"a": 1}']
)
def test_a_script_that_cannot_be_is_refused(text):
    with pytest.raises(InvalidInput):
        parse(text)


def test_a_change_keeps_the_rest():
    script = changed(parse("faulty,seed=4"), b'{"drop_after_accepted": 2}')
    assert (script.seed, script.drop_after_accepted) == (4, 2)
    assert changed(script, b'{"drop_after_accepted": null}').drop_after_accepted is None


def test_one_seed_one_fate_and_another_seed_another():
    script = parse("faulty,seed=1")
    numbers = [f"49170{n:07d}7" for n in range(2_000)]
    fates = [draw(odds_of(script), number, 0) for number in numbers]
    assert fates == [draw(odds_of(script), number, 0) for number in numbers]
    assert fates != [draw(odds_of(parse("faulty,seed=2")), number, 0) for number in numbers]
    counts = Counter(drawn.fate.name for drawn in fates)
    assert 0.6 < counts["delivered"] / len(fates) < 0.75
    assert counts["undelivered_temporary"] > 50
    retried = {draw(odds_of(script), n, 1).fate.name for n in numbers}
    assert "undelivered_temporary" not in retried


def test_the_demo_delivers_97_of_100_within_five_seconds_and_refuses_none():
    script = PRESETS["demo"]
    fates = [draw(odds_of(script), f"33612{n:06d}99", 0).fate for n in range(10_000)]
    counts = Counter(fate.name for fate in fates)
    assert set(counts) == {"delivered", "undelivered_permanent"}
    assert 0.96 < counts["delivered"] / 10_000 < 0.98
    assert script.receipt_delay_ms_max + script.response_delay_ms_max < 5_000


def test_magic_numbers_can_be_turned_off():
    assert draw(odds_of(parse("perfect")), "491700000006", 0).fate is DELIVERED
    assert len({fates[0].name for fates in MAGIC.values()}) >= 18


def test_the_alphabet_of_handsets():
    assert decode_gsm(b"\x00 \x1b\x65 \x1b\x14 \x7f \x1b") == "@ € ^ à "


def test_a_torn_last_line_of_the_truth_is_left_out(tmp_path):
    path = tmp_path / "truth.jsonl"
    log = truth.TruthLog(path)
    log.add(truth.TruthRecord(1.0, "accepted", "a", "b", "c", message=b"\xff\x00"))
    log.flush()
    log.close()
    with path.open("ab") as file:
        file.write(b'{"at":2.0,"kind":"acc')
    assert [record.message for record in truth.read(path)] == [b"\xff\x00"]


async def _http(port: int, method: str, path: str, body: object = None, **headers: str):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    payload = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, f"Content-Length: {len(payload)}", "", ""])
    writer.write(head.encode() + payload)
    answer = await reader.read()
    writer.close()
    head_bytes, _, content = answer.partition(b"\r\n\r\n")
    return int(head_bytes.split()[1]), content


@pytest.mark.anyio
async def test_the_page_shows_handsets_and_lets_them_reply():
    recorder = Recorder()
    async with carrier("seed=1") as running, gateway(running.smpp_port, recorder) as way:
        window = [
            submission(1, body_parts=("Grüße €".encode("utf-16-be"),), data_coding=8),
            submission(2, "0002", parts=3),
        ]
        await way.submit_window(window, timeout_seconds=5)
        await until(lambda: len(recorder.receipts) == 4)
        status, page = await _http(running.http_port, "GET", "/")
        assert status == 200
        assert b"<title>Simulated handsets</title>" in page
        assert b"http://" not in page
        assert b"https://" not in page
        _, content = await _http(running.http_port, "GET", "/handsets.json?x=1")
        shown = {message["number"]: message for message in json.loads(content)}
        first, second = (shown[s.destination.removeprefix("+")] for s in window)
        assert (first["text"], first["sender"], first["stat"]) == (
            "Grüße €",
            "Clearsend",
            "DELIVRD",
        )
        assert (second["parts"], second["parts_total"], second["stat"]) == (3, 3, "UNDELIV")
        assert second["text"].startswith("part 0 of the text 2part 1")
        for text in ("STOP", "Arrêt ✓"):
            reply = {"number": "+491701", "to": "12345", "text": text}
            assert (await _http(running.http_port, "POST", "/reply", reply))[0] == 200
        await until(lambda: len(recorder.messages) == 2)
    assert recorder.messages[0].body == b"STOP"
    assert recorder.messages[1].data_coding == 8
    assert recorder.messages[1].body.decode("utf-16-be") == "Arrêt ✓"


@pytest.mark.anyio
async def test_the_switches():
    async with carrier() as running, gateway(running.smpp_port) as way:
        port = running.http_port
        status, content = await _http(port, "POST", "/script", {"refused_rate": 1})
        assert (status, json.loads(content)["refused_rate"]) == (200, 1.0)
        [outcome] = await way.submit_window([submission(1)], timeout_seconds=5)
        assert outcome.kind is OutcomeKind.REFUSED
        assert json.loads((await _http(port, "POST", "/drop"))[1]) == {"dropped": 1}
        await until(lambda: way.health().links[0].binds == 2)
        assert json.loads((await _http(port, "GET", "/stats.json"))[1])["refused"] == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/nothing", None, {}, 404),
        ("POST", "/script", {"no_such": 1}, {}, 400),
        ("POST", "/script", [1], {}, 400),
        ("POST", "/reply", {"number": "x"}, {}, 400),
        ("POST", "/reply", {"number": "+1", "to": "1", "text": ""}, {}, 400),
        ("POST", "/drop", None, {"Origin": "http://elsewhere.example"}, 400),
        ("GET", "/" + "x" * 70_000, None, {}, 400),
    ],
)
async def test_wrong_requests_are_refused(method, path, body, headers, status):
    async with carrier() as running:
        answer, content = await _http(running.http_port, method, path, body, **headers)
    assert answer == status
    assert set(json.loads(content)) == {"code", "detail"}


@pytest.mark.anyio
async def test_a_faulty_carrier_answers_for_every_message_it_accepted(tmp_path):
    path = tmp_path / "truth.jsonl"
    recorder = Recorder()
    script = "faulty,seed=3,has_magic_numbers=false,receipt_delay_ms_max=300,late_receipt_ms=500"
    script += ",late_response_ms=300,drop_rate=0.005"
    async with (
        carrier(script, path) as running,
        gateway(running.smpp_port, recorder, window_segments_max=50) as way,
    ):
        window = [submission(n) for n in range(400)]
        outcomes = await way.submit_window(window, timeout_seconds=3)
        expected = {
            (record.carrier_id, record.fate)
            for record in truth.read(path)
            if record.kind == "accepted" and record.fate != "no_receipt"
        }
        ids = {carrier_id for carrier_id, _ in expected}
        await until(lambda: ids <= {receipt.carrier_id for receipt in recorder.receipts})
    accepted = {r.carrier_id for r in truth.read(path) if r.kind == "accepted"}
    named = {o.carrier_id for o in outcomes if o.kind is OutcomeKind.ACCEPTED}
    assert named <= accepted
    in_doubt = sum(o.kind is OutcomeKind.IN_DOUBT for o in outcomes)
    assert len(accepted - named) <= in_doubt
    assert {r.status for r in recorder.receipts} >= {
        ReceiptStatus.DELIVERED,
        ReceiptStatus.UNDELIVERED,
    }


@pytest.mark.anyio
async def test_the_simulator_is_a_process_of_its_own(tmp_path):
    command = [
        sys.executable,
        "-m",
        "backend.gateways.simulator",
        "--account",
        "tester:s3cr3t-1",
    ]
    command += ["--script", "perfect,seed=1", "--truth", str(tmp_path / "truth.jsonl")]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        ports = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        recorder = Recorder()
        async with gateway(ports["smpp_port"], recorder) as way:
            await way.submit_window([submission(n) for n in range(100)], timeout_seconds=10)
            await until(lambda: len(recorder.receipts) == 100)
        assert (await _http(ports["http_port"], "GET", "/stats.json"))[0] == 200
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0
    kinds = Counter(record.kind for record in truth.read(tmp_path / "truth.jsonl"))
    assert kinds == {"accepted": 100, "receipt": 100, "acknowledged": 100}


def test_a_wrong_script_ends_the_process_with_a_sentence():
    command = [sys.executable, "-m", "backend.gateways.simulator", "--script", "nonsense"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 1
    assert ended.stderr.startswith("--script: script_unknown")
