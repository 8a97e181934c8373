"""Ids are UUIDv7 (RFC 9562 §5.7), made here: they sort by time and reveal no count."""

import os
import time
from uuid import UUID

NIL_ID = UUID(int=0)
"""No row has it (RFC 9562, 5.9): a list read by id begins behind it."""


def uuid7() -> UUID:
    value = (time.time_ns() // 1_000_000 & 0xFFFF_FFFF_FFFF) << 80
    value |= int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
