"""How many segments a text takes, and where it is cut: the billed unit.

A concatenated message gives 6 of its 140 bytes to the user data header (3GPP TS 23.040
§9.2.3.24.1), which leaves 153 septets or 67 UTF-16 units. Neither an escape pair nor a surrogate
pair may be cut, so a part may hold one unit less: dividing is not enough.
"""

from typing import Final

import msgspec

from backend.sms import encoding
from backend.sms.encoding import BASIC_AND_EXTENSION, BASIC_ONLY, EXTENSION_CHARACTERS, Encoding

SINGLE_GSM7_SEPTETS: Final = 160
PART_GSM7_SEPTETS: Final = 153
SINGLE_UCS2_UNITS: Final = 70
PART_UCS2_UNITS: Final = 67
_UCS2_UNIT_BYTES: Final = 2


class SegmentCount(msgspec.Struct, frozen=True, gc=False):
    """`units` are septets or UTF-16 units; `units_left` is the room in the last segment."""

    encoding: Encoding
    units: int
    segments: int
    units_left: int


def count(text: str) -> SegmentCount:
    """An empty text takes 0 segments; callers answer `message_empty`."""
    if BASIC_ONLY.fullmatch(text):
        units = len(text)
        if 0 < units <= SINGLE_GSM7_SEPTETS:
            return SegmentCount(Encoding.GSM7, units, 1, SINGLE_GSM7_SEPTETS - units)
        if not units:
            return SegmentCount(Encoding.GSM7, 0, 0, SINGLE_GSM7_SEPTETS)
        segments = -(-units // PART_GSM7_SEPTETS)
        return SegmentCount(Encoding.GSM7, units, segments, segments * PART_GSM7_SEPTETS - units)
    if BASIC_AND_EXTENSION.fullmatch(text):
        units = len(text) + sum(map(text.count, EXTENSION_CHARACTERS))
        if units <= SINGLE_GSM7_SEPTETS:
            return SegmentCount(Encoding.GSM7, units, 1, SINGLE_GSM7_SEPTETS - units)
        parts = _cut_gsm7(encoding.encode_gsm7_unpacked(text))
        left = PART_GSM7_SEPTETS - len(parts[-1])
        return SegmentCount(Encoding.GSM7, units, len(parts), left)
    body = encoding.encode_ucs2(text)
    units = len(body) // _UCS2_UNIT_BYTES
    if units <= SINGLE_UCS2_UNITS:
        return SegmentCount(Encoding.UCS2, units, 1, SINGLE_UCS2_UNITS - units)
    if units == len(text):
        segments = -(-units // PART_UCS2_UNITS)
        return SegmentCount(Encoding.UCS2, units, segments, segments * PART_UCS2_UNITS - units)
    parts = _cut_ucs2(body)
    left = PART_UCS2_UNITS - len(parts[-1]) // _UCS2_UNIT_BYTES
    return SegmentCount(Encoding.UCS2, units, len(parts), left)


def split(text: str) -> list[bytes]:
    """The bodies, without user data headers, in order; one body needs no header.

    GSM-7 bodies are unpacked (one septet a byte). As many bodies as `count` says segments.
    """
    if not text:
        return []
    if BASIC_AND_EXTENSION.fullmatch(text):
        septets = encoding.encode_gsm7_unpacked(text)
        return [septets] if len(septets) <= SINGLE_GSM7_SEPTETS else _cut_gsm7(septets)
    body = encoding.encode_ucs2(text)
    return [body] if len(body) <= SINGLE_UCS2_UNITS * _UCS2_UNIT_BYTES else _cut_ucs2(body)


def _cut_gsm7(septets: bytes) -> list[bytes]:
    parts = []
    start = 0
    while start < len(septets):
        end = start + PART_GSM7_SEPTETS
        # No extension's second septet is an escape, so an escape at the end is a pair's first.
        if end < len(septets) and septets[end - 1] == encoding.ESCAPE:
            end -= 1
        parts.append(septets[start:end])
        start = end
    return parts


def _cut_ucs2(body: bytes) -> list[bytes]:
    parts = []
    start = 0
    while start < len(body):
        end = start + PART_UCS2_UNITS * _UCS2_UNIT_BYTES
        if end < len(body) and _is_high_surrogate(body[end - 2]) and _is_low_surrogate(body[end]):
            end -= _UCS2_UNIT_BYTES
        parts.append(body[start:end])
        start = end
    return parts


def _is_high_surrogate(first_byte: int) -> bool:
    return 0xD8 <= first_byte <= 0xDB


def _is_low_surrogate(first_byte: int) -> bool:
    return 0xDC <= first_byte <= 0xDF
