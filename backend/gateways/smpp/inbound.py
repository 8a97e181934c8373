"""Receipts and MO messages on their way in: coalesced, handed over, acknowledged after commit.

A deliver_sm that was answered is the carrier's no longer; a crash before our commit would lose
it. So answers wait for the listener, and a listener that fails makes the carrier keep them.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final, Protocol

from backend.gateways.port import InboundMessage, Listeners, Receipt
from backend.gateways.smpp import commands as c
from backend.kernel import faults

COALESCE_SECONDS_MAX: Final = 0.02
BATCH_MAX: Final = 2_000
PENDING_MAX: Final = 20_000
"""Beyond it the carrier is told to keep them: memory stays bounded while the database is away."""

_logger = logging.getLogger(__name__)


class Acknowledger(Protocol):
    def acknowledge(self, sequences: Sequence[int], status: int) -> None: ...


_Pending = tuple[Acknowledger, int, Receipt | InboundMessage]


class Inbound:
    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners
        self._pending: list[_Pending] = []
        self._timer: asyncio.TimerHandle | None = None
        self._draining: asyncio.Task[None] | None = None
        self._in_batch = 0

    def __len__(self) -> int:
        return len(self._pending) + self._in_batch

    def add(self, link: Acknowledger, received: list[tuple[int, Receipt | InboundMessage]]) -> None:
        """What one socket buffer brought, with the sequence numbers to answer."""
        room = PENDING_MAX - len(self._pending)
        if len(received) > room:
            link.acknowledge([n for n, _ in received[room:]], c.STATUS_RECEIVER_TEMPORARY)
            received = received[:room]
        self._pending.extend((link, sequence, item) for sequence, item in received)
        if self._draining is not None or not self._pending:
            return
        if len(self._pending) >= BATCH_MAX:
            self._drain_now()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(COALESCE_SECONDS_MAX, self._drain_now)

    def _drain_now(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._draining is None:
            self._draining = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._pending:
                batch = self._pending[:BATCH_MAX]
                del self._pending[:BATCH_MAX]
                self._in_batch = len(batch)
                await self._deliver(batch, Receipt, self._listeners.on_receipts)
                await self._deliver(batch, InboundMessage, self._listeners.on_messages)
                self._in_batch = 0
                if 0 < len(self._pending) < BATCH_MAX:
                    # The next batch gets the same chance to fill up as the first.
                    await asyncio.sleep(COALESCE_SECONDS_MAX)
        finally:
            self._in_batch = 0
            self._draining = None

    async def _deliver(self, batch: list[_Pending], kind: type[Any], listener: Any) -> None:
        mine = [entry for entry in batch if isinstance(entry[2], kind)]
        if not mine:
            return
        status = c.STATUS_OK
        try:
            await listener([item for _, _, item in mine])
        except Exception:
            # Whatever went wrong, the carrier has to keep what we could not.
            _logger.exception("a batch of %s was not stored; the carrier keeps it", kind.__name__)
            status = c.STATUS_RECEIVER_TEMPORARY
        faults.point("receipts.ack")
        by_link: dict[Acknowledger, list[int]] = {}
        for link, sequence, _ in mine:
            by_link.setdefault(link, []).append(sequence)
        for link, sequences in by_link.items():
            link.acknowledge(sequences, status)

    async def drained(self) -> None:
        """Returns when everything received so far is committed and acknowledged."""
        while self._pending or self._draining is not None:
            self._drain_now()
            if self._draining is not None:
                await asyncio.shield(self._draining)
