"""The application behind a real uvicorn on a free port of the loopback."""

import asyncio
import contextlib

import uvicorn

from backend.api.server import SERVER_OPTIONS
from tests.api.conftest import free_port


@contextlib.asynccontextmanager
async def serving(app):
    port = free_port()
    # The test's own loop runs; `loop` only matters when uvicorn makes one.
    options = {**SERVER_OPTIONS, "log_level": "critical", "timeout_graceful_shutdown": 1}
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, **options))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:  # noqa: ASYNC110 # uvicorn has a flag, no event
            await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running
