"""A carrier and a gateway over HTTP JSON on loopback, and a door for its callbacks."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from backend.gateways import status_maps
from backend.gateways.config import HttpJsonConfig
from backend.gateways.http_json.callbacks import read_callback
from backend.gateways.http_json.gateway import HttpJsonGateway
from backend.gateways.http_json.signing import is_signed
from tests.gateways.lines import ACCOUNTS, WAIT_SECONDS_MAX, Recorder

SECRET = ACCOUNTS["tester"]


def config(port: int, **changes: object) -> HttpJsonConfig:
    return msgspec.structs.replace(
        HttpJsonConfig(
            name="loopback",
            url=f"http://127.0.0.1:{port}/v1",
            secret=SECRET,
            response_timeout_seconds=0.5,
            connect_timeout_seconds=1.0,
            status_seconds=0.2,
            throttle_pause_seconds_min=0.05,
            throttle_pause_seconds_max=0.2,
            has_request_lookup=False,
        ),
        **changes,
    )


@asynccontextmanager
async def web_gateway(
    port: int,
    recorder: Recorder | None = None,
    *,
    is_awaited: bool = True,
    may_reach_private: bool = True,
    **changes: object,
) -> AsyncIterator[HttpJsonGateway]:
    way = HttpJsonGateway(
        config(port, **changes),
        (recorder or Recorder()).listeners(),
        may_reach_private=may_reach_private,
    )
    await way.start()
    try:
        if is_awaited:
            assert await way.ready(timeout_seconds=WAIT_SECONDS_MAX)
        yield way
    finally:
        await way.close(drain_seconds=2)


@asynccontextmanager
async def callback_door(recorder: Recorder, secret: str = SECRET) -> AsyncIterator[str]:
    """Takes what is signed and tells the recorder; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers["Content-Length"]))
        status = 401
        if is_signed(headers["Clearsend-Signature"], body, [secret], time.time()):
            callback = read_callback(body, status_maps.load("http_json"))
            try:
                await recorder.on_receipts(callback.receipts)
                await recorder.on_messages(callback.messages)
                status = 204
            except ConnectionError:
                status = 503
        writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callbacks"
    finally:
        server.close()
