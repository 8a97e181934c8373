"""Live updates: server-sent events over Redis pub/sub.

One subscriber connection per process, fanned out to its streams. A payload is an absolute
snapshot `{topic, id, version, …}`, never an increment: a slow reader gets the newest one per id,
and after any gap a `resync` event says to ask the API again.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
import structlog
from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.response import Stream
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.api.auth import PrincipalResolver, bearer_of, principal_now
from backend.api.context import Caller
from backend.api.listener import Listener
from backend.api.routing import FromCaller, FromPrincipal, get
from backend.api.stopping import told_to_stop
from backend.kernel.errors import (
    Forbidden,
    NotFound,
    TooManyRequests,
    Unavailable,
    invalid_field,
)
from backend.kernel.principal import Principal

PING_SECONDS: Final = 15.0
TOPICS_LIMIT: Final = 20
TOPIC_LIMIT_CHARS: Final = 100
STREAMS_LIMIT: Final = 2000
STREAMS_PER_CALLER_LIMIT: Final = 20
STREAM_LIMIT_SECONDS: Final = 3600.0  # the browser opens the next one, with a new look at rights
RECONNECT_SECONDS: Final = 1.0
POLL_SECONDS: Final = 1.0
# Keeps the subscriber connection open while nobody listens.
_IDLE_CHANNEL: Final = "live:idle"

# (who, topic) → the tenant whose topic it is, None for the platform's. Raises NotFound or
# Forbidden where the caller may not listen.
TopicAuthorizer = Callable[[Principal, str], Awaitable[UUID | None]]

_log = structlog.get_logger("clearsend.api")


def channel_of(tenant_id: UUID | None, topic: str) -> str:
    return f"live:{tenant_id or 'platform'}:{topic}"


async def publish(
    redis: Redis, tenant_id: UUID | None, topic: str, payload: dict[str, Any]
) -> None:
    """`payload` is what the thing now is, with `id` and a growing `version`. Call it after the
    commit; a lost one costs freshness only.
    """
    message = msgspec.json.encode({**payload, "topic": topic}, enc_hook=str)
    await redis.publish(channel_of(tenant_id, topic), message)


class LiveHub:
    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._callers: dict[str, int] = defaultdict(int)
        self._subscriber: Any = None
        self._ready: dict[str, asyncio.Event] = {}
        self.is_ending = False

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncIterator[None]:
        if self._redis is None:
            yield
            return
        reading = asyncio.create_task(self._keep_reading(self._redis))
        try:
            with told_to_stop(self._end_streams):
                yield
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading

    async def _keep_reading(self, redis: Redis) -> None:
        while True:
            try:
                async with redis.pubsub() as subscriber:
                    for confirmed in self._ready.values():
                        confirmed.clear()
                    await subscriber.subscribe(_IDLE_CHANNEL, *self._listeners)
                    self._subscriber = subscriber
                    self._resync_all()
                    try:
                        await self._read(subscriber)
                    finally:
                        self._subscriber = None  # before it closes: nobody speaks to it then
            except (RedisError, OSError) as failure:
                _log.warning("live_updates_interrupted", error=type(failure).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _read(self, subscriber: Any) -> None:
        while True:
            message = await subscriber.get_message(timeout=POLL_SECONDS)
            if message is None:
                continue
            channel = _text(message["channel"])
            if message["type"] == "subscribe" and channel in self._ready:
                self._confirm(channel)
            elif message["type"] == "message":
                for listener in tuple(self._listeners.get(channel, ())):
                    listener.offer(channel, _bytes(message["data"]))

    def _confirm(self, channel: str) -> None:
        """A second confirmation means that the client reconnected by itself: there was a gap."""
        if self._ready[channel].is_set():
            for listener in self._listeners.get(channel, ()):
                listener.resync()
        self._ready[channel].set()

    def _resync_all(self) -> None:
        """After a gap: whatever was published meanwhile is unknown."""
        for listener in self._all_listeners():
            listener.resync()

    def _end_streams(self) -> None:
        """They never end by themselves, and a server that stops waits for open answers."""
        self.is_ending = True
        for listener in self._all_listeners():
            listener.wake()

    def _all_listeners(self) -> set[Listener]:
        return {one for several in self._listeners.values() for one in several}

    @contextlib.asynccontextmanager
    async def listen(self, caller: str, channels: Sequence[str]) -> AsyncIterator[Listener]:
        """Subscribed when entered. Raises Unavailable or TooManyRequests at the named limits."""
        is_away = self._subscriber is None or self.is_ending
        if is_away or sum(self._callers.values()) >= STREAMS_LIMIT:
            raise Unavailable("live_updates_unavailable", retry_after_seconds=5)
        if self._callers[caller] >= STREAMS_PER_CALLER_LIMIT:
            raise TooManyRequests("too_many_streams", retry_after_seconds=30)
        listener = Listener(channels)
        self._callers[caller] += 1
        try:
            await self._join(listener)
            yield listener
        finally:
            self._callers[caller] -= 1
            if not self._callers[caller]:
                del self._callers[caller]
            await self._leave(listener)

    async def _join(self, listener: Listener) -> None:
        fresh = [channel for channel in listener.channels if channel not in self._ready]
        for channel in listener.channels:
            self._listeners[channel].add(listener)
        for channel in fresh:
            self._ready[channel] = asyncio.Event()
        try:
            if fresh:
                await self._subscriber.subscribe(*fresh)
            async with asyncio.timeout(PING_SECONDS):
                for channel in listener.channels:
                    await self._ready[channel].wait()
        except (RedisError, OSError, AttributeError, TimeoutError):
            raise Unavailable("live_updates_unavailable", retry_after_seconds=5) from None

    async def _leave(self, listener: Listener) -> None:
        unwanted = []
        for channel in listener.channels:
            self._listeners[channel].discard(listener)
            if not self._listeners[channel]:
                del self._listeners[channel]
                self._ready.pop(channel, None)
                unwanted.append(channel)
        if unwanted and self._subscriber is not None:
            with contextlib.suppress(RedisError, OSError, AttributeError):  # closed meanwhile
                await self._subscriber.unsubscribe(*unwanted)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def parse_topics(text: str) -> list[str]:
    topics = list(dict.fromkeys(topic for topic in text.split(",") if topic))
    if not topics:
        raise invalid_field("/query/topics", "min_items", "At least one topic.")
    if len(topics) > TOPICS_LIMIT:
        raise invalid_field("/query/topics", "max_items", f"At most {TOPICS_LIMIT} topics.")
    if any(len(topic) > TOPIC_LIMIT_CHARS or not topic.isprintable() for topic in topics):
        raise invalid_field("/query/topics", "invalid_format", "Not a topic.")
    return topics


def events_route(
    hub: LiveHub, resolver: PrincipalResolver, authorize_topic: TopicAuthorizer
) -> HTTPRouteHandler:
    async def channels_of(principal: Principal, names: Sequence[str]) -> list[str]:
        return [channel_of(await authorize_topic(principal, name), name) for name in names]

    async def may_still_listen(
        listener: Listener, names: Sequence[str], caller: Caller, secret: str | None
    ) -> bool:
        """Asked at every ping: the same right as at the opening, to every topic of the stream."""
        now = await principal_now(resolver, caller.login_token, secret)
        if now is None:
            return False
        try:
            return tuple(await channels_of(now, names)) == listener.channels
        except (Forbidden, NotFound):
            return False

    async def stream(
        opened: contextlib.AsyncExitStack,
        listener: Listener,
        is_allowed: Callable[[], Awaitable[bool]],
    ) -> AsyncIterator[bytes]:
        async with opened:
            yield b"retry: 2000\nevent: ready\ndata: {}\n\n"
            opened_at = checked = time.monotonic()
            while not hub.is_ending and time.monotonic() - opened_at < STREAM_LIMIT_SECONDS:
                yield await listener.wait(PING_SECONDS)
                if time.monotonic() - checked >= PING_SECONDS:
                    if not await is_allowed():
                        return
                    checked = time.monotonic()

    @get("/v1/events", summary="Live updates as server-sent events", media_type="text/event-stream")
    async def events(
        request: Request[Any, Any, Any],
        principal: FromPrincipal,
        caller: FromCaller,
        topics: Annotated[str, QueryParameter(max_length=TOPICS_LIMIT * TOPIC_LIMIT_CHARS)],
    ) -> Stream:
        names = parse_topics(topics)
        channels = await channels_of(principal, names)
        secret = bearer_of(request)
        opened = contextlib.AsyncExitStack()
        listener = await opened.enter_async_context(hub.listen(principal.actor, channels))
        return Stream(
            stream(opened, listener, lambda: may_still_listen(listener, names, caller, secret)),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no", "cache-control": "no-store"},
        )

    return events
