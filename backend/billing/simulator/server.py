"""The simulator as an ASGI application on a loopback port."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import structlog
import uvicorn

from backend.billing.simulator import api, control, pages
from backend.billing.simulator.book import Book
from backend.billing.simulator.posting import post_events
from backend.billing.simulator.provider import Provider
from backend.billing.simulator.web import Receive, Scope, Send, as_json, read, write

HOST: Final = "127.0.0.1"
LOCAL_NAMES: Final = {"127.0.0.1", "localhost", "[::1]"}
DUE_SECONDS: Final = 0.25
STARTED_SECONDS_MAX: Final = 20.0


_log = structlog.get_logger("clearsend.payment_simulator")


class Simulator:
    """Loopback alone: a name that merely resolves to it is somebody else's page."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = await read(scope, receive)
        if request is None:
            await write(send, as_json(413, {"error": {"message": "too large"}}))
            return
        name = request.headers.get("host", "").rsplit(":", 1)[0]
        if name not in LOCAL_NAMES:
            await write(send, as_json(421, {"error": {"message": "not this host"}}))
            return
        if request.path.startswith("/v1/"):
            answer = api.answer(self.provider, request)
            if request.method == "POST" and self.provider.faults.hang_up_next > 0:
                self.provider.faults.hang_up_next -= 1
                raise ConnectionAbortedError  # everything was done, and nobody hears of it
        elif request.path.startswith("/control/"):
            answer = (
                control.answer(self.provider, request)
                if api.is_authorized(self.provider, request)
                else as_json(401, {"error": {"message": "the key of the API, please"}})
            )
        elif request.path == "/health":
            answer = as_json(200, {"status": "ok"})
        else:
            answer = pages.answer(self.provider, request)
        await write(send, answer)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process, not to a part of it."""
        yield


async def _do_due(provider: Provider) -> None:
    while True:
        try:
            control.do_due(provider)
        except Exception:  # noqa: BLE001 - what is due later is not held up by one that fails
            _log.exception("deed_failed")
        await asyncio.sleep(DUE_SECONDS)


@contextlib.asynccontextmanager
async def serve(
    path: Path | str,
    *,
    api_key: str,
    webhook_secret: str,
    webhook_url: str = "",
    port: int = 0,
) -> AsyncIterator[Provider]:
    """`path`: the file of its book, or `:memory:`. Without a webhook's address nothing is posted.

    `provider.url` is where it listens.
    """
    book = Book(path)
    provider = Provider(book, api_key=api_key, webhook_secret=webhook_secret)
    listening = socket.create_server((HOST, port))
    provider.url = f"http://{HOST}:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        Simulator(provider), log_config=None, access_log=False, lifespan="off", server_header=False
    )
    server = _Server(config)
    tasks = [
        asyncio.create_task(server.serve(sockets=[listening])),
        asyncio.create_task(_do_due(provider)),
    ]
    if webhook_url:
        tasks.append(asyncio.create_task(post_events(provider, webhook_url)))
    try:
        async with asyncio.timeout(STARTED_SECONDS_MAX):
            while not server.started:  # noqa: ASYNC110 - uvicorn says it in no other way
                await asyncio.sleep(0.01)
        yield provider
    finally:
        server.should_exit = True
        server.force_exit = True
        await tasks[0]
        for task in tasks[1:]:
            task.cancel()
        for task in tasks[1:]:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        listening.close()
        book.close()
