"""A gateway over HTTP JSON: windows cut into requests, each answered or in doubt as a whole."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from backend.gateways import status_maps
from backend.gateways.config import HttpJsonConfig
from backend.gateways.http_json.client import Client, NoAnswer
from backend.gateways.http_json.lookups import Lookups
from backend.gateways.http_json.protocol import STATUS_PATH
from backend.gateways.http_json.requests import Request, RequestWindow, cut
from backend.gateways.journal import Journal
from backend.gateways.pacer import Pacer
from backend.gateways.port import (
    WRITE_WITHIN_SECONDS,
    Cause,
    GatewayHealth,
    LinkHealth,
    LinkState,
    Listeners,
    Outcome,
    OutcomeKind,
    Submission,
    clock_seconds,
)

STATUS_AGAIN_SECONDS: Final = 1.0
"""After a failure, doubling up to the configured interval."""
_REFUSED_STATUSES: Final = frozenset({401, 403})
_logger = logging.getLogger(__name__)


class HttpJsonGateway:
    def __init__(
        self, config: HttpJsonConfig, listeners: Listeners, *, may_reach_private: bool = False
    ) -> None:
        self.config = config
        self.status_map = status_maps.load(config.status_map)
        self.client = Client(config, may_reach_private=may_reach_private)
        self.pacer = Pacer(
            config.throughput_segments_per_second_max,
            pause_seconds_min=config.throttle_pause_seconds_min,
            pause_seconds_max=config.throttle_pause_seconds_max,
        )
        self.turn = asyncio.Semaphore(config.requests_in_flight_max)
        self._lookups = Lookups(self.client, self.status_map, listeners)
        self._keeper: asyncio.Task[None] | None = None
        self._windows: set[asyncio.Task[None]] = set()
        self._state = LinkState.CLOSED
        self._last_error = ""
        self._binds = 0
        self._is_closing = False
        self._was_ready = asyncio.Event()
        self._accepted = self._refused = self._in_doubt = self._malformed = 0

    # -- life

    async def start(self) -> None:
        """Returns at once; `health` tells when the provider answers."""
        self._state = LinkState.CONNECTING
        self._keeper = asyncio.create_task(self._keep_asking(), name=f"{self.config.name}-status")

    async def ready(self, *, timeout_seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._was_ready.wait(), timeout_seconds)
        return self.health().is_ready

    async def close(self, *, drain_seconds: float) -> None:
        """No new requests; those in flight get `drain_seconds`."""
        self._is_closing = True
        if self._windows:
            await asyncio.wait(self._windows, timeout=drain_seconds)
        for task in (self._keeper, *self._windows):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._lookups.close()
        await self.client.close()
        self._state = LinkState.CLOSED

    async def _keep_asking(self) -> None:
        pause = STATUS_AGAIN_SECONDS
        while True:
            await self._ask_status()
            is_bound = self._state is LinkState.BOUND
            wait = self.config.status_seconds if is_bound else pause
            await asyncio.sleep(min(wait, self.config.status_seconds))
            pause = STATUS_AGAIN_SECONDS if is_bound else pause * 2

    async def _ask_status(self) -> None:
        try:
            response = await self.client.ask("GET", STATUS_PATH)
        except NoAnswer as failure:
            self._lost(failure.code)
            return
        if 200 <= response.status < 300:
            self._binds += self._state is not LinkState.BOUND
            self._state = LinkState.BOUND
            self._was_ready.set()
        elif response.status in _REFUSED_STATUSES:
            self._lost(f"http_{response.status}", LinkState.BIND_REFUSED)
        else:
            self._lost(f"http_{response.status}")

    def _lost(self, code: str, state: LinkState = LinkState.BACKING_OFF) -> None:
        if self._state is not state:
            _logger.warning("gateway %s: no answer (%s)", self.config.name, code)
        self._state, self._last_error = state, code
        self._was_ready.clear()

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
        window = RequestWindow(
            cut(submissions, self._parts_per_request()), write_before=write_before, journal=journal
        )
        if not self._is_closing:
            running = asyncio.create_task(self._run(window))
            self._windows.add(running)
            try:
                await asyncio.wait((running,), timeout=timeout_seconds)
            finally:
                # Also when the caller is cancelled: then nothing more of it may leave.
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                self._windows.discard(running)
        outcomes = window.results("gateway_closing" if self._is_closing else "timeout")
        self._count(outcomes)
        if self.config.has_request_lookup and not self._is_closing:
            self._lookups.add(window.doubtful())
        return outcomes

    def _parts_per_request(self) -> int:
        rate = self.config.throughput_segments_per_second_max
        most = self.config.messages_per_request_max
        return most if rate is None else max(1, min(most, int(rate)))

    async def _run(self, window: RequestWindow) -> None:
        """Requests begin in the order of the window, so one mark of the journal tells the rest."""
        async with asyncio.TaskGroup() as group:
            for request in window.requests:
                if not await self._may_begin(window, request):
                    window.drop_unbegun("claim_too_old")
                    return
                window.begin(request)
                group.create_task(self._send(request))

    async def _may_begin(self, window: RequestWindow, request: Request) -> bool:
        """Takes its turn and its share of the rate; False: the claim is too old by then."""
        await self.turn.acquire()
        may_begin = False
        try:
            wanted = request.parts_count
            while clock_seconds() <= window.write_before and not self._is_closing:
                wanted -= self.pacer.take(wanted)
                may_begin = wanted <= 0
                if may_begin:
                    break
                seconds = min(self.pacer.wait_seconds(), WRITE_WITHIN_SECONDS)
                await asyncio.sleep(max(0.001, seconds))
        finally:
            if not may_begin:
                self.turn.release()
        return may_begin

    async def _send(self, request: Request) -> None:
        try:
            content = request.encoded(self.config.callback_url)
            response = await self.client.ask(
                "POST", "/messages", content, key=request.key, sent=request.sent
            )
        except NoAnswer as failure:
            request.failed(failure.code)
            if not request.sent.was_written:
                self._lost(failure.code)
        else:
            request.answered(response.status, response.body, self.status_map)
            self._slow_down(request, response.status, response.retry_after_seconds)
            if response.status in _REFUSED_STATUSES:
                self._lost(f"http_{response.status}", LinkState.BIND_REFUSED)
        finally:
            self.turn.release()

    def _slow_down(self, request: Request, status: int, retry_after: float | None) -> None:
        outcomes = request.outcomes or []
        throttled = sum(outcome.cause is Cause.THROTTLED for outcome in outcomes)
        accepted = sum(outcome.kind is OutcomeKind.ACCEPTED for outcome in outcomes)
        if accepted:
            self.pacer.accepted(accepted)
        if throttled or status in (429, 503):
            self.pacer.throttled(max(throttled, 1))
            self.pacer.hold(retry_after or 0.0)

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            kind = outcome.kind
            self._accepted += kind is OutcomeKind.ACCEPTED
            self._refused += kind is OutcomeKind.REFUSED
            self._in_doubt += kind is OutcomeKind.IN_DOUBT
            self._malformed += outcome.code == "malformed_response"

    def health(self) -> GatewayHealth:
        outstanding = self.config.requests_in_flight_max - self.turn._value  # noqa: SLF001
        link = LinkHealth(self._state, self._last_error, self._binds, outstanding)
        return GatewayHealth(
            name=self.config.name,
            links=(link,),
            accepted=self._accepted,
            refused=self._refused,
            in_doubt=self._in_doubt,
            throttled=self.pacer.throttled_count,
            malformed=self._malformed,
            unconfirmed_receipts=0,
            rate_segments_per_second=self.pacer.rate,
        )
