"""What a sending process holds: its gateways, its lanes' journals, and whose parts it just sent.

The links live as long as the process and on its one event loop; a batch only borrows them.
"""

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

from backend.delivery.service.claiming import Part
from backend.delivery.service.recording import Recorder
from backend.gateways.journal import Journal
from backend.gateways.port import Gateway

KNOWN_PARTS_MAX: Final = 20_000
"""Parts whose receipts need no look-up: some seconds of a fast carrier, 10 MB. Older ones, and
those whose receipts another process got, are found in the database.
"""
DRAIN_SECONDS_MAX: Final = 8.0
_SUFFIX: Final = ".journal"


class Carriers:
    def __init__(self, journal_directory: Path) -> None:
        self.gateways: dict[UUID, Gateway] = {}
        self.is_closing = False
        self.recorder = Recorder()
        self._directory = journal_directory
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._idle_journals: list[Journal] = []
        self._journals = 0
        self._parts: dict[tuple[UUID, str], Part] = {}
        self._unrecorded = 0
        self._recorded = asyncio.Event()

    def ready(self, gateway_id: UUID) -> Gateway | None:
        gateway = self.gateways.get(gateway_id)
        return gateway if gateway is not None and gateway.health().is_ready else None

    # -- journals: one file per lane of this process

    def borrow_journal(self) -> Journal:
        if self._idle_journals:
            return self._idle_journals.pop()
        self._journals += 1
        return Journal(self._directory / f"{os.getpid()}-{self._journals}{_SUFFIX}")

    def give_back_journal(self, journal: Journal) -> None:
        self._idle_journals.append(journal)

    def left_journals(self) -> list[Path]:
        """Files of processes of this host that are no more."""
        return [
            path
            for path in self._directory.glob(f"*{_SUFFIX}")
            if not _is_alive(int(path.name.partition("-")[0]))
        ]

    # -- parts between their answer and their commit

    @property
    def is_recording(self) -> bool:
        return self._unrecorded > 0

    def begin_window(self) -> None:
        self._unrecorded += 1

    def end_window(self, gateway_id: UUID, parts: Iterable[tuple[str, Part]]) -> None:
        """After the commit: receipts of these parts have somewhere to go."""
        for carrier_id, part in parts:
            self._parts[gateway_id, carrier_id] = part
        excess = len(self._parts) - KNOWN_PARTS_MAX
        if excess > 0:
            for key in list(islice(self._parts, excess)):
                del self._parts[key]
        self._unrecorded -= 1
        self._recorded.set()

    def part(self, gateway_id: UUID, carrier_id: str) -> Part | None:
        return self._parts.get((gateway_id, carrier_id))

    def forget(self, gateway_id: UUID, carrier_ids: Iterable[str]) -> None:
        """Their final receipts are in."""
        for carrier_id in carrier_ids:
            self._parts.pop((gateway_id, carrier_id), None)

    async def wait_recorded(self, seconds: float) -> bool:
        """Until some window's outcomes are committed; False: none is on its way, or none came."""
        if not self._unrecorded:
            return False
        self._recorded.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._recorded.wait()
                return True
        return False

    async def close(self) -> None:
        self.is_closing = True
        for gateway in self.gateways.values():
            await gateway.close(drain_seconds=DRAIN_SECONDS_MAX)
        self.gateways.clear()
        for journal in self._idle_journals:
            journal.close()
        for number in range(1, self._journals + 1):
            with suppress(FileNotFoundError):
                (self._directory / f"{os.getpid()}-{number}{_SUFFIX}").unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
