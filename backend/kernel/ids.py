"""Ids are UUIDv7 (RFC 9562 §5.7), made here: they sort by time and reveal no count.

The 12 bits behind the milliseconds are a fraction of one (§6.2, method 3): ids that a machine makes
one after another sort as they were made, and so do lists that are read by id.
"""

import os
import time
from uuid import UUID

NIL_ID = UUID(int=0)
"""No row has it (RFC 9562, 5.9): a list read by id begins behind it."""


_NS_PER_MS = 1_000_000


def uuid7() -> UUID:
    ms, ns = divmod(time.time_ns(), _NS_PER_MS)
    stamp = (ms & 0xFFFF_FFFF_FFFF) << 16 | 0x7 << 12 | (ns << 12) // _NS_PER_MS
    drawn = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=stamp << 64 | 0x2 << 62 | drawn)
