"""A command's own way to the database: the running system's when there is one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from backend.db.engine import DATABASE
from backend.embedded import servers
from backend.settings import Settings, require

COMMAND_CONNECTIONS_MAX = 2
COMMAND_STATEMENT_TIMEOUT_MS = 600_000
"""A proof reads all of a tenant's rows in one statement, so that it sees one instant."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[None]:
    await DATABASE.open(
        settings.database_url,
        connections_max=COMMAND_CONNECTIONS_MAX,
        statement_timeout_ms=COMMAND_STATEMENT_TIMEOUT_MS,
    )
    try:
        yield
    finally:
        await DATABASE.close()


def run_with_database(settings: Settings, work: Callable[[], Awaitable[int]]) -> int:
    """Runs `work` on the database the settings name, or on the embedded one."""

    async def connected(complete: Settings) -> int:
        async with opened(complete):
            return await work()

    with servers.reached(settings) as complete:
        require(complete, "database_url")
        return asyncio.run(connected(complete))
