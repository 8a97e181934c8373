"""Sending processes hold the gateways; batches are rung for; what time does to sessions."""

import asyncio
import time
from datetime import datetime
from uuid import UUID

import dramatiq
from dramatiq.middleware import Middleware
from redis.asyncio import Redis

from backend.delivery.service import (
    failing,
    forgetting,
    holding,
    matching,
    recovery,
    returning,
    settling,
    starting,
    stopping,
    switching,
)
from backend.delivery.service.announcing import Bells, DueBatch, due_batches
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.inbound import INCOMPLETE_TEXTS_MAX, read_incomplete
from backend.delivery.service.live import ProgressNews
from backend.delivery.service.opening import ensure_simulator_gateway, keep_open
from backend.delivery.service.partitions import keep_partitions
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.sending import send_batch
from backend.delivery.service.system_messages import (
    are_due,
    expire_system_messages,
    send_system_messages,
)
from backend.delivery.service.unheld import drop_left_over
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from backend.settings import Settings
from workers.broker import broker, run_on_loop, settings
from workers.consumers import consumes, id_of, tenant_of
from workers.jobs import every
from workers.queues import SENDING, Queue

PREPARE_AGAIN_SECONDS = 10.0
COVER_SECONDS = 30.0
ANSWERS_AGAIN_SECONDS = 2.0
"""A ring nobody has followed yet is not repeated sooner."""
BEFORE_BULK = -1
"""A process that has fetched both takes the small batch first."""


class Links(Middleware):
    """The gateways of a process that listens to a sending queue, opened on its loop.

    Stands behind the resources: before-hooks run in order and after-hooks in reverse, so the links
    open behind the pool and close before it.
    """

    carriers: Carriers | None = None
    _keeper: asyncio.Task[None] | None = None

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        del broker
        listens = worker.consumer_whitelist
        if not listens or listens & set(SENDING):
            run_on_loop(self._open())

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        del broker, worker
        if self.carriers is not None:
            self.carriers.is_closing = True  # lanes end with the window they have

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        del broker, worker
        if self.carriers is not None:
            run_on_loop(self._close())

    async def _open(self) -> None:
        self.carriers = Carriers(self.settings.data_dir / "journals")
        self._keeper = asyncio.create_task(self._keep(self.carriers))

    async def _keep(self, carriers: Carriers) -> None:
        await recovery.recover_journals(carriers)
        await ensure_simulator_gateway(self.settings)
        await keep_open(carriers, settings.secret_key, may_reach_private=settings.may_reach_private)

    async def _close(self) -> None:
        assert self.carriers is not None
        assert self._keeper is not None
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        await self.carriers.close()


links = Links(settings)
broker.add_middleware(links)


# A window is never interrupted: between its first byte and its commit only kill -9 comes.
@dramatiq.actor(
    broker=broker, queue_name=Queue.BULK, actor_name="send_batch", notify_shutdown=False
)
async def send_bulk_batch(tenant_id: str, session_id: str, batch_no: int) -> None:
    assert links.carriers is not None, "only sending processes listen to this queue"
    await send_batch(links.carriers, UUID(tenant_id), UUID(session_id), batch_no)


@dramatiq.actor(
    broker=broker, queue_name=Queue.TRANSACTIONAL, notify_shutdown=False, priority=BEFORE_BULK
)
async def send_small_batch(tenant_id: str, session_id: str, batch_no: int) -> None:
    assert links.carriers is not None, "only sending processes listen to this queue"
    await send_batch(links.carriers, UUID(tenant_id), UUID(session_id), batch_no)


@dramatiq.actor(broker=broker, queue_name=Queue.MAINTENANCE)
async def prepare(tenant_id: str, session_id: str) -> None:
    await prepare_session(UUID(tenant_id), UUID(session_id))


@dramatiq.actor(broker=broker, queue_name=Queue.TRANSACTIONAL, notify_shutdown=False)
async def send_answers() -> None:
    assert links.carriers is not None, "only sending processes listen to this queue"
    await send_system_messages(links.carriers)


def ring(batch: DueBatch) -> None:
    actor = send_small_batch if batch.is_small else send_bulk_batch
    actor.send(str(batch.key.tenant_id), str(batch.key.session_id), batch.key.batch_no)


@consumes(Topic.SESSION_APPROVED)
async def start_session(announcement: Announcement) -> None:
    await starting.start_approved(tenant_of(announcement), id_of(announcement, "session_id"))


@consumes(Topic.SESSION_PREPARING)
async def prepare_announced(announcement: Announcement) -> None:
    await prepare_session(tenant_of(announcement), id_of(announcement, "session_id"))


@consumes(Topic.SESSION_SENDING)
async def ring_for_session(announcement: Announcement) -> None:
    for batch in await due_batches(returning.SESSIONS_MAX):
        if batch.key.session_id == id_of(announcement, "session_id"):
            ring(batch)
            return  # the first at once, the others in their turn


@consumes(Topic.SESSION_SETTLING)
async def settle_announced(announcement: Announcement) -> None:
    await settling.settle_session(tenant_of(announcement), id_of(announcement, "session_id"))


@consumes(Topic.SESSION_FAILED)
async def alarm_failed(announcement: Announcement) -> None:
    await failing.alarm_failed(tenant_of(announcement), id_of(announcement, "session_id"))


@consumes(Topic.SESSION_PAUSE_ENDING)
async def tell_of_pause_ending(announcement: Announcement) -> None:
    ends_at = datetime.fromisoformat(announcement.payload["ends_at"])
    tenant_id, session_id = tenant_of(announcement), id_of(announcement, "session_id")
    await stopping.tell_pause_ending(tenant_id, session_id, ends_at)


@consumes(Topic.SUBSCRIBER_ERASED)
async def forget_in_delivery(announcement: Announcement) -> None:
    await forgetting.forget_person(tenant_of(announcement), announcement.payload)


@consumes(Topic.CREDITS_ADDED)
async def cover_waiting(announcement: Announcement) -> None:
    await starting.cover_sessions(tenant_of(announcement))


@every(COVER_SECONDS)
async def cover_missed() -> bool:
    return bool(await starting.cover_sessions())


_bells = Bells()
_prepares: dict[UUID, float] = {}
_answers: dict[str, float] = {}
_news: list[ProgressNews] = []


@every(0.1)
async def ring_for_batches() -> bool:
    for batch in await _bells.to_ring(time.monotonic()):
        ring(batch)
    return False


@every(2)
async def ring_for_preparing() -> bool:
    now = time.monotonic()
    for tenant_id, session_id in await starting.preparing_without_owner():
        if now - _prepares.get(session_id, -PREPARE_AGAIN_SECONDS) >= PREPARE_AGAIN_SECONDS:
            _prepares[session_id] = now
            prepare.send(str(tenant_id), str(session_id))
    for session_id in [i for i, at in _prepares.items() if now - at > 2 * PREPARE_AGAIN_SECONDS]:
        del _prepares[session_id]
    return False


@every(0.5)
async def start_due_sessions() -> bool:
    return bool(await starting.start_due())


@every(5)
async def lapse_sessions() -> bool:
    await starting.lapse_preparing()
    await starting.lapse_deadlines()
    return False


@every(1)
async def enforce_switches() -> bool:
    await switching.enforce_switches()
    return False


@every(1)
async def expire_leases() -> bool:
    return bool(await recovery.recover_expired())


@every(0.5)
async def return_messages() -> bool:
    return bool(await returning.return_due())


@every(5)
async def retime_closed_batches() -> bool:
    await holding.retime_closed()
    return False


@every(0.5)
async def ring_for_answers() -> bool:
    now = time.monotonic()
    is_quiet = now - _answers.get("rung", -ANSWERS_AGAIN_SECONDS) >= ANSWERS_AGAIN_SECONDS
    if is_quiet and await are_due():
        _answers["rung"] = now
        send_answers.send()
    return False


@every(5)
async def expire_answers() -> bool:
    await expire_system_messages()
    return False


@every(60)
async def read_incomplete_replies() -> bool:
    return await read_incomplete() >= INCOMPLETE_TEXTS_MAX


@every(0.5)
async def apply_parked_receipts() -> bool:
    return await matching.apply_parked() >= matching.PARKED_ROWS_MAX


@every(15)
async def match_unowned_receipts() -> bool:
    await matching.match_parked()
    return False


@every(0.5)
async def settle_all() -> bool:
    return bool(await settling.settle_sessions())


@every(60)
async def drop_left_preparations() -> bool:
    await drop_left_over()
    return False


@every(3600)
async def make_partitions() -> bool:
    await keep_partitions()
    return False


@every(1)
async def publish_progress() -> bool:
    if not _news:
        _news.append(ProgressNews(Redis.from_url(settings.redis_url)))
    await _news[0].publish()
    return False
