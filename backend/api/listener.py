"""One open stream of live updates: what it has not sent yet."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

PENDING_LIMIT: Final = 500
_RESYNC: Final = b"event: resync\ndata: {}\n\n"


class Listener:
    """At most one snapshot per topic and id."""

    def __init__(self, channels: Sequence[str]) -> None:
        self.channels = tuple(channels)
        self._pending: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._needs_resync = False
        self._news = asyncio.Event()

    def offer(self, channel: str, data: bytes) -> None:
        """Keeps the higher version: pub/sub of several writers may arrive out of order."""
        snapshot = msgspec.json.decode(data)
        key = (channel, str(snapshot.get("id", "")))
        version = int(snapshot.get("version", 0))
        held = self._pending.get(key)
        if held is None or version >= held[0]:
            self._pending[key] = (version, event_of(snapshot, data))
        if len(self._pending) > PENDING_LIMIT:
            self.resync()
        self._news.set()

    def resync(self) -> None:
        self._pending.clear()
        self._needs_resync = True
        self._news.set()

    def wake(self) -> None:
        """To look whether it is to end."""
        self._news.set()

    async def wait(self, seconds: float) -> bytes:
        """What there is to send; a comment when nothing came in that time."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return b": ping\n\n"
        self._news.clear()
        chunks = [_RESYNC] if self._needs_resync else []
        chunks += [event for _, event in self._pending.values()]
        self._needs_resync = False
        self._pending.clear()
        return b"".join(chunks)


def event_of(snapshot: dict[str, Any], data: bytes) -> bytes:
    """One event named after the part of its topic before `:`; JSON has no raw line breaks."""
    name = str(snapshot.get("topic", "message")).partition(":")[0]
    clean = "".join(letter for letter in name if letter.isalnum() or letter in "._-")
    return b"event: " + clean.encode() + b"\ndata: " + data + b"\n\n"
