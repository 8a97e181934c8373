"""A server that is told to stop while pages listen: their streams end, and nobody complains."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace
from redis.asyncio import Redis

from backend.embedded.supervisor import product_processes
from backend.kernel.principal import MemberRole
from backend.settings import load
from tests.api.conftest import free_port
from tests.api.demo import Credentials, build, member

END_SECONDS_MAX = 20
HEADERS = Credentials().log_in(member(MemberRole.VIEWER))


def create_app() -> Litestar:
    """What the process of these tests serves: the plumbing, and one who is logged in."""
    credentials = Credentials()
    credentials.log_in(member(MemberRole.VIEWER))
    app: Litestar = build(credentials, redis=Redis.from_url(load().redis_url))
    return app


@contextmanager
def server(redis_url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run as `clearsend run` runs it; its process, and where it answers."""
    settings = replace(load({}), port=free_port())
    (argv,) = [spec.argv for spec in product_processes(settings) if spec.name == "api"]
    served = f"{__name__}:create_app"
    process = subprocess.Popen(
        [served if word == "backend.app:create_app" else word for word in argv],
        env={"REDIS_URL": redis_url, "PYTHONPATH": ":".join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        assert any("running on" in line for line in process.stderr), "it did not start"
        yield process, settings.url
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_streams_end_with_the_server_and_nobody_complains(redis_url, number):
    with (
        server(redis_url) as (process, address),
        httpx.Client(base_url=address, headers=HEADERS, timeout=END_SECONDS_MAX) as client,
        client.stream("GET", "/v1/events?topics=campaign_session:1") as one,
        client.stream("GET", "/v1/events?topics=campaign_session:2") as other,
    ):
        streams = [one.iter_lines(), other.iter_lines()]
        for lines in streams:
            assert "data: {}" in lines, "ready"
        process.send_signal(number)
        for lines in streams:
            assert not any(lines), "nothing but the end of what was begun"
        _, said = process.communicate(timeout=END_SECONDS_MAX)
        assert "Finished server process" in said
        assert "Traceback" not in said, said
        assert "exceeded" not in said, said
