import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from backend.embedded import children, places, postgres, valkey

REPOSITORY = Path(__file__).parents[2]
SECONDS_MAX = 60.0


class Machine:
    """`machine.py` as a process of its own, in a process group of its own, as a terminal has it."""

    def __init__(self, root: Path, *names: str, port: int, grace_seconds: int = 10) -> None:
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.embedded.machine", *names],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "CLEARSEND_DATA_DIR": str(root),
                "PORT": str(port),
                "CLEARSEND_STOP_GRACE_SECONDS": str(grace_seconds),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())

    def wait_for(self, pattern: str, count: int = 1) -> list[re.Match[str]]:
        def look() -> list[re.Match[str]]:
            found = [re.search(pattern, line) for line in list(self.said)]
            return [match for match in found if match]

        until(lambda: len(look()) >= count, lambda: f"{pattern} in {self.said}")
        return look()

    def end(self) -> int:
        code = self.process.wait(SECONDS_MAX)
        self._reader.join(SECONDS_MAX)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def until(holds: Callable[[], bool], why: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)


def app_processes(root: Path) -> list[int]:
    return children._marked(f"{children.MARK}={root}".encode())


@pytest.fixture
def boot(root: Path) -> Iterator[Callable[..., Machine]]:
    port = places.free_port()
    booted: list[Machine] = []

    def start(*names: str, **options: int) -> Machine:
        booted.append(Machine(root, *names, port=port, **options))
        return booted[-1]

    yield start
    for machine in booted:
        if machine.process.poll() is None:
            machine.process.kill()
            machine.end()
    for pid in app_processes(root):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_leaves_no_process_behind(root, boot, number):
    machine = boot("api", "workers", "carrier")
    machine.wait_for("master", count=2)
    database, redis = postgres.find(root), valkey.find(root)
    assert database
    assert redis
    assert len(app_processes(root)) == 5
    os.killpg(machine.process.pid, number)  # a terminal signals the whole group
    assert machine.end() == 0
    assert app_processes(root) == []
    assert not places.is_alive(database.pid)
    assert not places.is_alive(redis.pid)


def test_the_carrier_stops_after_those_who_talk_to_it(boot):
    machine = boot("workers", "carrier")
    machine.wait_for("master", count=2)
    machine.process.send_signal(signal.SIGTERM)
    assert machine.end() == 0
    ends = [line.split()[0] for line in machine.said if line.endswith("orderly")]
    assert ends == ["workers", "carrier"]


def test_who_does_not_listen_is_ended_when_the_grace_is_over(root, boot):
    machine = boot("deaf", grace_seconds=1)
    machine.wait_for(r"\| deaf")
    machine.process.send_signal(signal.SIGTERM)
    assert machine.end() == 0
    assert app_processes(root) == []


def test_a_second_ctrl_c_does_not_wait(root, boot):
    machine = boot("deaf", grace_seconds=50)
    machine.wait_for(r"\| deaf")
    machine.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    machine.process.send_signal(signal.SIGINT)
    started = time.monotonic()
    assert machine.end() == 0
    assert time.monotonic() - started < 30
    assert app_processes(root) == []
    assert postgres.find(root) is None


def test_a_killed_master_is_started_again_and_its_workers_do_not_stay(boot):
    machine = boot("workers")
    first = machine.wait_for(r"master (\d+) worker (\d+)")[0]
    os.kill(int(first[1]), signal.SIGKILL)
    second = machine.wait_for(r"master (\d+) worker (\d+)", count=2)[1]
    assert not places.is_alive(int(first[2]))
    assert places.is_alive(int(second[1]))
    machine.wait_for("ended with signal SIGKILL, starts again in 0.5 s")


def test_who_keeps_dying_is_started_ever_more_slowly(boot):
    machine = boot("dying")
    machine.wait_for("ended with exit code 3, starts again in 2 s")
    assert [line.rpartition("in ")[2] for line in machine.said if "again" in line][:3] == [
        "0.5 s",
        "1 s",
        "2 s",
    ]


def test_kill_9_of_the_supervisor_takes_the_children_and_the_next_start_recovers(root, boot):
    first = boot("api", "workers", "carrier")
    first.wait_for("master", count=2)
    database = postgres.find(root)
    assert database

    async def keep(url: str, statement: str) -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    url = database.url("clearsend")
    asyncio.run(keep(url, "CREATE TABLE kept AS SELECT 42 AS n"))
    first.process.kill()
    assert first.end() == -signal.SIGKILL
    until(lambda: app_processes(root) == [])

    second = boot("api", "workers", "carrier")
    second.wait_for("master", count=2)
    adopted = postgres.find(root)
    assert adopted
    assert adopted.pid == database.pid
    assert asyncio.run(keep(url, "SELECT n FROM kept")) == 42
    second.process.send_signal(signal.SIGINT)
    assert second.end() == 0
    assert not places.is_alive(database.pid)


def test_what_even_its_leash_could_not_end_ends_with_the_next_start(root, boot):
    first = boot("deaf")
    first.wait_for(r"\| deaf")
    left = app_processes(root)
    first.process.kill()
    first.end()
    time.sleep(0.2)
    assert app_processes(root) == left
    second = boot("api")
    second.wait_for("ready")
    assert not any(places.is_alive(pid) for pid in left)


def test_servers_killed_under_it_come_back_where_they_were(root, boot):
    machine = boot("api")
    machine.wait_for("ready")
    database, redis = postgres.find(root), valkey.find(root)
    assert database
    assert redis
    os.kill(database.pid, signal.SIGKILL)
    os.kill(redis.pid, signal.SIGKILL)
    machine.wait_for("Valkey died: starting it again")

    def is_back() -> bool:
        again = postgres.find(root)
        return again is not None and again.pid != database.pid and again.port == database.port

    until(is_back)
    until(lambda: valkey.find(root) is not None)
    machine.process.send_signal(signal.SIGINT)
    assert machine.end() == 0
    assert postgres.find(root) is None


def test_one_data_directory_has_one_supervisor(root, boot, monkeypatch):
    machine = boot("api")
    machine.wait_for("ready")
    second = boot("api")
    second.wait_for(f"is in use by process {machine.process.pid}")
    assert second.end() != 0
    assert machine.process.poll() is None
