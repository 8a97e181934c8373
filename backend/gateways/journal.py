"""How far a lane came with its window, in a file that survives kill -9.

A database cannot be told of every write; a mapped page can, for the price of a memory store, and
the kernel keeps it when the process dies. After a restart on the same host the rows above the
mark were never handed to a socket and may go back to the queue; at or below it they are in doubt.
A power cut loses the file's truth: a reader must check that the machine did not reboot, which is
why the boot id is part of the record.
"""

import mmap
import os
import struct
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

_MAGIC: Final = b"CSJ1"
_INDEX: Final = struct.Struct("=q")
_BOOT_ID_FILE: Final = Path("/proc/sys/kernel/random/boot_id")
JOURNAL_BYTES: Final = 4096
NOTHING_WRITTEN: Final = -1
_INDEX_OFFSET: Final = 64
"""Aligned to its size: the processor stores the index in one piece, so it is never half old."""


class JournalEntry(NamedTuple):
    window_token: UUID
    last_index: int
    """Index of the last submission that may have been written; `NOTHING_WRITTEN` for none."""


class Journal:
    """One lane's file; one window at a time."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, JOURNAL_BYTES)
            self._map = mmap.mmap(descriptor, JOURNAL_BYTES)
        finally:
            os.close(descriptor)
        self._boot_id = _boot_id()
        self._index = memoryview(self._map)[_INDEX_OFFSET : _INDEX_OFFSET + 8].cast("q")

    def begin(self, window_token: UUID) -> None:
        """Before the window's first byte may leave."""
        # A crash in here leaves no readable record, which reads as "everything is in doubt".
        self._map[0:4] = b"\0\0\0\0"
        self._index[0] = NOTHING_WRITTEN
        self._map[4:36] = window_token.bytes + self._boot_id
        self._map[0:4] = _MAGIC

    def written(self, index: int) -> None:
        """Called before the bytes are handed over: the mark may be ahead, never behind."""
        self._index[0] = index

    def close(self) -> None:
        self._index.release()
        self._map.close()


def read(path: Path) -> JournalEntry | None:
    """Nothing where there is no record of this boot: then the whole window is in doubt."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(data) < JOURNAL_BYTES or data[0:4] != _MAGIC or data[20:36] != _boot_id():
        return None
    (index,) = _INDEX.unpack_from(data, _INDEX_OFFSET)
    return JournalEntry(UUID(bytes=data[4:20]), index)


def _boot_id() -> bytes:
    return UUID(_BOOT_ID_FILE.read_text().strip()).bytes
