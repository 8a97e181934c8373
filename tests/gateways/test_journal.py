import os
import signal
import subprocess
import sys
import textwrap
from uuid import UUID, uuid4

import pytest

from backend.gateways.journal import NOTHING_WRITTEN, Journal, JournalEntry, read
from backend.gateways.port import OutcomeKind
from backend.gateways.simulator import truth
from tests.gateways.lines import carrier, gateway, submission, until


def test_a_journal_says_how_far_its_window_came(tmp_path):
    path = tmp_path / "lane-0"
    assert read(path) is None
    journal = Journal(path)
    assert read(path) is None
    first, second = uuid4(), uuid4()
    journal.begin(first)
    assert read(path) == JournalEntry(first, NOTHING_WRITTEN)
    journal.written(41)
    assert read(path) == JournalEntry(first, 41)
    journal.begin(second)
    assert read(path) == JournalEntry(second, NOTHING_WRITTEN)
    journal.close()
    assert path.stat().st_mode & 0o077 == 0


def test_the_record_of_another_boot_proves_nothing(tmp_path):
    path = tmp_path / "lane-0"
    journal = Journal(path)
    journal.begin(uuid4())
    journal.close()
    data = bytearray(path.read_bytes())
    data[20] ^= 0xFF
    path.write_bytes(data)
    assert read(path) is None
    path.write_bytes(data[:100])
    assert read(path) is None


@pytest.mark.anyio
async def test_the_journal_follows_the_submissions_not_their_parts(tmp_path):
    journal = Journal(tmp_path / "lane-0")
    async with carrier() as running, gateway(running.smpp_port) as way:
        token = uuid4()
        journal.begin(token)
        window = [submission(n, parts=3) for n in range(10)]
        outcomes = await way.submit_window(window, timeout_seconds=5, journal=journal)
    assert len(outcomes) == 30
    assert read(tmp_path / "lane-0") == JournalEntry(token, 9)
    journal.close()


CLIENT = """
    import asyncio, sys
    from pathlib import Path
    from uuid import UUID
    from backend.gateways.journal import Journal
    from backend.gateways.smpp.gateway import SmppGateway
    from tests.gateways.lines import Recorder, config, submission

    async def main():
        journal = Journal(Path(sys.argv[2]))
        way = SmppGateway(config(int(sys.argv[1]), window_segments_max=7), Recorder().listeners())
        await way.start()
        assert await way.ready(timeout_seconds=10)
        journal.begin(UUID(int=5))
        await way.submit_window(
            [submission(n) for n in range(500)], timeout_seconds=60, journal=journal
        )

    asyncio.run(main())
"""


@pytest.mark.anyio
@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("place", ["wire.write", "wire.sent"])
async def test_the_journal_survives_kill_9_and_never_says_less_than_the_truth(
    tmp_path, place, count
):
    path, log = tmp_path / "lane-0", tmp_path / "truth.jsonl"
    async with carrier("perfect,response_delay_ms_max=3", log) as running:
        process = subprocess.Popen(  # noqa: ASYNC220  # it only starts here
            [sys.executable, "-c", textwrap.dedent(CLIENT), str(running.smpp_port), str(path)],
            env=os.environ | {"CLEARSEND_FAULT": f"kill:{place}:{count}"},
        )
        await until(lambda: process.poll() is not None)
        await until(lambda: not running.carrier.lines)
        sent = {r.destination for r in truth.read(log) if r.kind == "accepted"}
    assert process.returncode == -signal.SIGKILL
    entry = read(path)
    assert entry is not None
    assert entry.window_token == UUID(int=5)
    numbers = [submission(n).destination.removeprefix("+") for n in range(500)]
    # What stands above the mark may be sent again: the carrier must not have any of it.
    assert not sent & set(numbers[entry.last_index + 1 :])
    assert len(sent) >= entry.last_index + 1 - 7

    async with carrier("perfect", log) as running, gateway(running.smpp_port) as way:
        rest = [submission(n) for n in range(entry.last_index + 1, 500)]
        outcomes = await way.submit_window(rest, timeout_seconds=10)
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ACCEPTED}
    destinations = [r.destination for r in truth.read(log) if r.kind == "accepted"]
    assert len(destinations) == len(set(destinations))
