"""An SMPP gateway: its links, kept bound, and the windows that wait for them."""

import asyncio
import logging
import random
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from backend.gateways import status_maps
from backend.gateways.config import GatewayConfig
from backend.gateways.journal import Journal
from backend.gateways.pacer import Pacer
from backend.gateways.port import (
    WRITE_WITHIN_SECONDS,
    GatewayHealth,
    InboundMessage,
    LinkHealth,
    LinkState,
    Listeners,
    Outcome,
    OutcomeKind,
    Receipt,
    Submission,
    clock_seconds,
)
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.encoder import SubmitEncoder
from backend.gateways.smpp.inbound import Inbound
from backend.gateways.smpp.link import Link
from backend.gateways.smpp.window import Window, WindowQueue

STEADY_SECONDS: Final = 10.0
"""A link that held this long starts its back-off anew; a flapping one does not."""
BIND_REFUSED_FACTOR: Final = 8.0
"""A wrong password does not heal in a second, and trying it often locks accounts."""
UNBIND_SECONDS_MAX: Final = 1.0

_logger = logging.getLogger(__name__)


class _Slot:
    """One of the gateway's sessions over all its connections."""

    def __init__(self) -> None:
        self.link: Link | None = None
        self.state = LinkState.CLOSED
        self.last_error = ""
        self.binds = 0


class SmppGateway:
    def __init__(self, config: GatewayConfig, listeners: Listeners) -> None:
        self.config = config
        self.status_map = status_maps.load(config.status_map)
        self.pacer = Pacer(
            config.throughput_segments_per_second_max,
            pause_seconds_min=config.throttle_pause_seconds_min,
            pause_seconds_max=config.throttle_pause_seconds_max,
        )
        self.queue = WindowQueue()
        self._encoder = SubmitEncoder(config.addresses)
        self._listeners = listeners
        self._inbound = Inbound(listeners)
        self._slots = [_Slot() for _ in range(config.sessions_count)]
        self._supervisors: list[asyncio.Task[None]] = []
        self._windows: set[Window] = set()
        self._late: list[Outcome] = []
        self._late_task: asyncio.Task[None] | None = None
        self._is_closing = False
        self._was_bound = asyncio.Event()
        self._accepted = self._refused = self._in_doubt = self._malformed = 0

    # -- life

    async def start(self) -> None:
        """Returns at once; `health` tells when a link is bound."""
        self._supervisors = [
            asyncio.create_task(self._keep_bound(slot), name=f"{self.config.name}-link")
            for slot in self._slots
        ]

    async def ready(self, *, timeout_seconds: float) -> bool:
        """Whether a link was bound by then."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._was_bound.wait(), timeout_seconds)
        return self.health().is_ready

    async def close(self, *, drain_seconds: float) -> None:
        """No new windows; answers and receipts in flight get `drain_seconds`; then unbind."""
        self._is_closing = True
        self.queue.drop_all("gateway_closing")
        waiting = [window.done for window in self._windows]
        with suppress(TimeoutError):
            async with asyncio.timeout(drain_seconds):
                if waiting:
                    await asyncio.wait(waiting)
                await self._inbound.drained()
        links = [slot.link for slot in self._slots if slot.link is not None]
        for link in links:
            link.unbind()
        bound = [link.lost for link in links if link.state is LinkState.BOUND]
        if bound:
            await asyncio.wait(bound, timeout=UNBIND_SECONDS_MAX)
        for link in links:
            link.close("closed")
        for task in self._supervisors:
            task.cancel()
        await asyncio.gather(*self._supervisors, return_exceptions=True)
        if self._late_task is not None:
            await self._late_task
        for slot in self._slots:
            slot.state = LinkState.CLOSED

    async def _keep_bound(self, slot: _Slot) -> None:
        attempt = 0
        while True:
            bound_at = None
            factor = 1.0
            try:
                if await self._bind(slot):
                    bound_at = time.monotonic()
                    self.pump()
                    assert slot.link is not None
                    slot.last_error = await slot.link.lost
                    if not self.health().is_ready:
                        self._was_bound.clear()
                    slot.state = LinkState.BACKING_OFF
                else:
                    factor = BIND_REFUSED_FACTOR
                    self._drop_if_nobody_lets_us_in()
            except (OSError, TimeoutError) as error:
                slot.state = LinkState.BACKING_OFF
                slot.last_error = f"{type(error).__name__}: {error}".rstrip(": ")
            if bound_at is not None and time.monotonic() - bound_at > STEADY_SECONDS:
                attempt = 0
            if self._is_closing:
                return
            _logger.warning(
                "gateway %s: link down (%s), attempt %d", self.config.name, slot.last_error, attempt
            )
            await asyncio.sleep(self._back_off_seconds(attempt, factor))
            attempt += 1

    async def _bind(self, slot: _Slot) -> bool:
        """False: the carrier answered, and does not let us in."""
        config = self.config
        slot.state = LinkState.CONNECTING
        link = slot.link = Link(self)
        context = ssl.create_default_context() if config.has_tls else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(config.connect_timeout_seconds):
                await loop.create_connection(lambda: link, config.host, config.port, ssl=context)
                slot.state = LinkState.BINDING
                # Either future may be the one that ends: a carrier may hang up instead of answer.
                await asyncio.wait((link.bound, link.lost), return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            link.close("bind_failed")
            raise
        if link.bound.cancelled() or not link.bound.done():
            raise ConnectionError(link.lost.result())
        status = link.bound.result()
        if status != c.STATUS_OK:
            slot.state = LinkState.BIND_REFUSED
            slot.last_error = self.status_map.command_status(status).name
            link.close("bind_refused")
            return False
        slot.state = LinkState.BOUND
        slot.binds += 1
        self._was_bound.set()
        return True

    def _back_off_seconds(self, attempt: int, factor: float) -> float:
        config = self.config
        seconds = config.rebind_seconds_min * factor * 2.0 ** min(attempt, 16)
        seconds = min(seconds, config.rebind_seconds_max)
        return seconds * random.uniform(0.5, 1.0)  # noqa: S311  # jitter

    def _drop_if_nobody_lets_us_in(self) -> None:
        if all(slot.state is LinkState.BIND_REFUSED for slot in self._slots):
            self.queue.drop_all("bind_refused")

    # -- out

    async def submit_window(
        self,
        submissions: Sequence[Submission],
        *,
        timeout_seconds: float,
        claimed_at: float | None = None,
        journal: Journal | None = None,
    ) -> list[Outcome]:
        now = clock_seconds()
        write_before = (now if claimed_at is None else claimed_at) + WRITE_WITHIN_SECONDS
        window = Window(submissions, self._encoder, write_before=write_before, journal=journal)
        self._windows.add(window)
        loop = asyncio.get_running_loop()
        timers = (
            loop.call_later(max(0.0, write_before - now), window.drop_unwritten, "claim_too_old"),
            loop.call_later(timeout_seconds, window.expire),
        )
        try:
            if self._is_closing:
                window.drop_unwritten("gateway_closing")
            elif window.unwritten:
                self.queue.append(window)
                self._drop_if_nobody_lets_us_in()
                self.pump()
            if window.unsettled:
                await window.done
        finally:
            # Also when the caller is cancelled: then nothing more of it may leave.
            window.expire()
            self._windows.discard(window)
            for timer in timers:
                timer.cancel()
        outcomes = window.results()
        self._in_doubt += sum(outcome.kind is OutcomeKind.IN_DOUBT for outcome in outcomes)
        return outcomes

    def pump(self) -> None:
        # The emptiest first, so that several sessions share the load.
        links = [slot.link for slot in self._slots if slot.link is not None]
        if len(links) > 1:
            links.sort(key=lambda link: len(link.outstanding))
        for link in links:
            link.pump()

    # -- in

    def receive(self, link: Link, items: list[tuple[int, Receipt | InboundMessage]]) -> None:
        self._inbound.add(link, items)

    def note_answers(self, accepted: int, refused: int, late: list[Outcome]) -> None:
        self._accepted += accepted
        self._refused += refused
        if late:
            self._late.extend(late)
            if self._late_task is None:
                self._late_task = asyncio.get_running_loop().create_task(self._tell_late())

    def note_malformed(self) -> None:
        self._malformed += 1

    async def _tell_late(self) -> None:
        while self._late:
            batch, self._late = self._late, []
            try:
                await self._listeners.on_late_outcomes(batch)
            except Exception:
                # They stay in doubt, which is true; their receipts settle them.
                _logger.exception("%d late answers were not stored", len(batch))
        self._late_task = None

    def health(self) -> GatewayHealth:
        return GatewayHealth(
            name=self.config.name,
            links=tuple(
                LinkHealth(
                    state=slot.state,
                    last_error=slot.last_error,
                    binds=slot.binds,
                    outstanding=len(slot.link.outstanding) if slot.link else 0,
                )
                for slot in self._slots
            ),
            accepted=self._accepted,
            refused=self._refused,
            in_doubt=self._in_doubt,
            throttled=self.pacer.throttled_count,
            malformed=self._malformed,
            unconfirmed_receipts=len(self._inbound),
            rate_segments_per_second=self.pacer.rate,
        )
