"""The broker of this process. Importing this module sets it; actors are declared after.

Redis redelivers a killed worker's messages only when its maintenance runs, which is by chance:
here at every command, so just after the heartbeat's time (the defaults took minutes when quiet).
"""

from typing import Any

import dramatiq
import uvloop
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread, set_event_loop_thread
from dramatiq.middleware import AgeLimit, AsyncIO, CurrentMessage, Middleware, ShutdownNotifications

from backend.billing.payments import close_payments, open_payments
from backend.billing.vat_register import register_of, use_vat_register
from backend.db.engine import DATABASE
from backend.files.service import DirectoryStorage, use_storage
from backend.settings import Settings, load, require
from workers.queues import SENDING

HEARTBEAT_TIMEOUT_MS = 15_000
MAINTENANCE_ALWAYS = 1_000_000
MESSAGE_AGE_MAX_MS = 3_600_000
"""Older doorbells are dropped: what they rang for is done, or was rung for again."""
LOOP_START_SECONDS = 10.0


class Loop(AsyncIO):
    """The process's one event loop, on uvloop."""

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        del broker, worker
        thread = EventLoopThread(self.logger)
        thread.loop.close()
        thread.loop = uvloop.new_event_loop()
        thread.start(timeout=LOOP_START_SECONDS)
        set_event_loop_thread(thread)


class Resources(Middleware):
    """The pool, opened on the loop that uses it, per process and after the fork.

    Before the boot: Dramatiq starts its threads, and they take messages, before the after-hooks.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        del broker
        listens = worker.consumer_whitelist
        # Planning a claim takes a sixth of its time, and each of its windows is the same to it.
        run_on_loop(self._open(plans_once=bool(listens and listens <= set(SENDING))))

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        del broker, worker
        run_on_loop(self._close())

    @staticmethod
    async def _close() -> None:
        await DATABASE.close()
        await close_payments()

    async def _open(self, *, plans_once: bool) -> None:
        use_storage(DirectoryStorage(self.settings.data_dir / "files"))
        open_payments(self.settings)
        use_vat_register(register_of(self.settings.vat_register_url, is_demo=self.settings.demo))
        await DATABASE.open(
            self.settings.database_url,
            connections_max=self.settings.database_connections_per_process_max,
            plans_once=plans_once,
        )


def run_on_loop(work: Any) -> Any:
    """Run a coroutine on the process's loop and wait for it; for middleware."""
    thread = get_event_loop_thread()
    if thread is None:
        raise RuntimeError("the event loop of this process is not running")
    return thread.run_coroutine(work)


def make_broker(settings: Settings) -> dramatiq.Broker:
    """Redis or RabbitMQ, by the scheme of BROKER_URL."""
    url = settings.broker_url or settings.redis_url
    # No Retries: the rows decide. No TimeLimit: an actor is never interrupted between a socket and
    # a commit. `after_*` hooks run in reverse: the resources close while the loop still runs.
    middleware: list[Middleware] = [
        AgeLimit(max_age=MESSAGE_AGE_MAX_MS),
        ShutdownNotifications(notify_shutdown=True),
        CurrentMessage(),
        Loop(),
        Resources(settings),
    ]
    if url.startswith(("amqp://", "amqps://")):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415 - an optional extra

        return RabbitmqBroker(url=url, middleware=middleware, confirm_delivery=True)
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 - the other choice

    redis_broker: Any = RedisBroker  # untyped in Dramatiq
    made: dramatiq.Broker = redis_broker(
        url=url,
        middleware=middleware,
        namespace="clearsend",
        heartbeat_timeout=HEARTBEAT_TIMEOUT_MS,
        maintenance_chance=MAINTENANCE_ALWAYS,
    )
    return made


settings = load()
require(settings, "database_url", "redis_url")
broker = make_broker(settings)
dramatiq.set_broker(broker)
