"""What only a real socket can send: B5 and B11 byte by byte."""

import asyncio
import contextlib
import socket
from itertools import chain, repeat
from urllib.parse import urlsplit

import pytest
from litestar.params import JSONBody

from backend.api.authorization import platform
from backend.api.authorization.access import Access
from backend.api.bodies import SMALL_BODY_LIMIT_BYTES
from backend.api.routing import post
from backend.kernel.views import Input
from tests.api.demo import build
from tests.api.serving import serving

pytestmark = pytest.mark.anyio


class Named(Input, kw_only=True, frozen=True):
    name: str


@post("/v1/names", body_limit_bytes=SMALL_BODY_LIMIT_BYTES, body_timeout_seconds=0.5)
async def create_name(data: JSONBody[Named]) -> None:
    return None


@pytest.fixture
async def address():
    app = build(routes=[create_name], rows={**platform.ROWS, "create_name": Access(public=True)})
    async with serving(app) as served:
        yield urlsplit(served).port


@contextlib.asynccontextmanager
async def connected(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def ask(port, text, seconds=10.0):
    async with connected(port) as (reader, writer), asyncio.timeout(seconds):
        writer.write(text.replace("\n", "\r\n").encode("latin-1"))
        return await reader.read()


async def ask_without_end(port, pieces, pause_seconds=0.0, seconds=10.0):
    """Goes on writing until answered. Read from the socket itself: the server closes what still
    comes with a reset, and a stream forgets for a reset what had arrived before it.
    """
    loop = asyncio.get_running_loop()
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setblocking(False)

        async def write():
            for piece in pieces:
                await loop.sock_sendall(line, piece)
                await asyncio.sleep(pause_seconds)

        writing = asyncio.create_task(write())
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            async with asyncio.timeout(seconds):
                while block := await loop.sock_recv(line, 65_536):
                    answer += block
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await writing
    return answer


HEAD = "POST /v1/names HTTP/1.1\nHost: x\nConnection: close\nContent-Type: application/json\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


async def test_a_plain_request_passes(address):
    assert status(await ask(address, HEAD + 'Content-Length: 12\n\n{"name":"a"}')) == 201


async def test_b11_two_content_lengths(address):
    body = 'Content-Length: 12\nContent-Length: 13\n\n{"name":"a"} '
    assert status(await ask(address, HEAD + body)) == 400


async def test_b11_a_length_and_chunks(address):
    body = "Content-Length: 12\nTransfer-Encoding: chunked\n\n0\n\n"
    assert status(await ask(address, HEAD + body)) == 400


async def test_b11_trace(address):
    answer = await ask(address, "TRACE /v1/names HTTP/1.1\nHost: x\nConnection: close\n\n")
    assert status(answer) == 405
    assert b"method_not_allowed" in answer
    assert b"Host: x" not in answer


@pytest.mark.parametrize("host", ["evil.test", "a b", "évil"])
async def test_b11_a_forged_host_appears_nowhere(address, host):
    answer = await ask(address, f"GET /v1/health HTTP/1.1\nHost: {host}\nConnection: close\n\n")
    assert status(answer) in {200, 400}
    assert b"evil" not in answer


CHUNKED = HEAD.replace("\n", "\r\n").encode() + b"Transfer-Encoding: chunked\r\n\r\n"


async def test_b5_chunks_that_never_end(address):
    pieces = chain([CHUNKED, b"1\r\n{\r\n"], repeat(b"1\r\n \r\n"))
    answer = await ask_without_end(address, pieces, pause_seconds=0.1)
    assert status(answer) == 408
    assert b"body_too_slow" in answer
    assert b"connection: close" in answer


async def test_b5_chunks_without_an_end_are_bounded_in_size(address):
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    pieces = [CHUNKED, *[chunk] * (SMALL_BODY_LIMIT_BYTES // 4096 + 2)]
    answer = await ask_without_end(address, pieces)
    assert status(answer) == 413
    assert b"body_too_large" in answer


async def test_b5_an_announced_giant_is_refused_before_it_is_sent(address):
    answer = await ask(address, HEAD + "Content-Length: 11000000\n\n")
    assert status(answer) == 413


async def test_b5_a_body_that_never_comes(address):
    answer = await ask(address, HEAD + "Content-Length: 12\n\n")
    assert status(answer) == 408


async def test_the_server_does_not_name_itself(address):
    answer = await ask(address, "GET /v1/health HTTP/1.1\nHost: x\nConnection: close\n\n")
    assert b"\nserver:" not in answer.lower()
