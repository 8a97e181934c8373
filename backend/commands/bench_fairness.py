"""Two tenants, one with very much and one that comes later with little: how long the little takes.

The lanes are those of `dispatch`, the turns those of the product: a batch is the next of whoever's
turn it is (`delivery.queries.turns`).
"""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from backend.commands.bench_dispatch import (
    SENDERS,
    await_files,
    carrier,
    delivered,
    make_session,
    progress_of,
    start,
)
from backend.db.engine import DATABASE
from backend.delivery.service.preparing import prepare_session
from backend.settings import Settings

SMALL_MESSAGES: Final = 100
DELAY_SECONDS_MAX: Final = 60.0
"""What is promised to who comes with SMALL_MESSAGES while a million is being sent."""
HEAD_START_RATIO: Final = 0.02
"""Of the large session, delivered before the small one is approved."""
_CONNECTIONS_MAX: Final = 4


async def measure_fairness(settings: Settings, messages: int) -> float:
    """Seconds from the small session's approval to the commit of its last receipt, its own sending
    included.
    """
    await DATABASE.open(settings.database_url, connections_max=_CONNECTIONS_MAX)
    try:
        with TemporaryDirectory() as name:
            async with carrier():
                large = await make_session(messages)
                await prepare_session(*large)
                senders = [await start(settings.database_url, name, n) for n in range(SENDERS)]
                try:
                    await await_files(Path(name), "ready-*", SENDERS)
                    (Path(name) / "go").touch()
                    head_start = messages * HEAD_START_RATIO
                    while (await progress_of(*large)).delivered < head_start:  # noqa: ASYNC110 # rows
                        await asyncio.sleep(0.05)
                    small = await make_session(SMALL_MESSAGES)
                    began = time.monotonic()
                    await prepare_session(*small)
                    await delivered(*small, SMALL_MESSAGES)
                    seconds = time.monotonic() - began
                    left = messages - (await progress_of(*large)).delivered
                finally:
                    (Path(name) / "stop").touch()
                    for process in senders:
                        await process.wait()
    finally:
        await DATABASE.close()
    if not left:
        raise RuntimeError("the large session ended first: more messages, or it proves nothing")
    return round(seconds, 3)
