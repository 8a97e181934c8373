"""The one actor behind every topic: lease the row, run its consumers, mark it done."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import dramatiq
import structlog

from backend.outbox.service import LEASE_SECONDS, Announcement, extend, finish, give_back, lease
from workers.broker import broker
from workers.consumers import CONSUMERS
from workers.queues import Queue

_log = structlog.get_logger("clearsend.workers")


@dramatiq.actor(broker=broker, queue_name=Queue.MAINTENANCE)
async def deliver_announcement(announcement_id: str) -> None:
    await consume(UUID(announcement_id))


async def consume(announcement_id: UUID) -> None:
    """Runs every consumer of the row's topic; a failure announces it again, later."""
    announcement = await lease(announcement_id)
    if announcement is None:
        return
    try:
        async with _kept(announcement):
            for consumer in CONSUMERS[announcement.topic]:
                await consumer(announcement)
    except Exception as error:  # noqa: BLE001 - whatever it was, it is announced again
        _log.exception("consumer_failed", topic=announcement.topic, id=str(announcement.id))
        await give_back(announcement, f"{type(error).__name__}: {error}")
        return
    await finish(announcement)


@contextlib.asynccontextmanager
async def _kept(announcement: Announcement) -> AsyncIterator[None]:
    """Extends the lease while the consumers run."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            await extend(announcement)

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await keeper
