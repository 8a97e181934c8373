"""Parts of a long message: the user data header of 3GPP TS 23.040 §9.2.3.24.1, and SAR TLVs."""

from typing import Final, NamedTuple

from backend.gateways.smpp import commands as c
from backend.gateways.smpp.pdu import Message

UDH_BYTES: Final = 6
PARTS_MAX: Final = 255
_CONCATENATED_8_BIT: Final = 0x00
_CONCATENATED_16_BIT: Final = 0x08


class Part(NamedTuple):
    reference: int
    total: int
    number: int
    """From 1."""


def udh(part: Part) -> bytes:
    return bytes((5, _CONCATENATED_8_BIT, 3, part.reference & 0xFF, part.total, part.number))


def split_udh(body: bytes) -> tuple[Part | None, bytes]:
    """The concatenation element of a UDH, if there is a sane one, and the text behind the UDH."""
    if not body or body[0] + 1 > len(body):
        return None, body
    header, text = body[1 : body[0] + 1], body[body[0] + 1 :]
    offset = 0
    while offset + 2 <= len(header):
        element, length = header[offset], header[offset + 1]
        value = header[offset + 2 : offset + 2 + length]
        if element == _CONCATENATED_8_BIT and len(value) == 3:
            return _sane(Part(value[0], value[1], value[2])), text
        if element == _CONCATENATED_16_BIT and len(value) == 4:
            return _sane(Part(value[0] << 8 | value[1], value[2], value[3])), text
        offset += 2 + length
    return None, text


def part_of(message: Message) -> tuple[Part | None, bytes]:
    if message.esm_class & c.ESM_UDH:
        return split_udh(message.body)
    tlvs = message.tlvs
    if c.TAG_SAR_REFERENCE in tlvs and c.TAG_SAR_TOTAL in tlvs and c.TAG_SAR_NUMBER in tlvs:
        reference, total, number = (
            int.from_bytes(tlvs[tag], "big")
            for tag in (c.TAG_SAR_REFERENCE, c.TAG_SAR_TOTAL, c.TAG_SAR_NUMBER)
        )
        return _sane(Part(reference, total, number)), message.body
    return None, message.body


def _sane(part: Part) -> Part | None:
    return part if 1 <= part.number <= part.total <= PARTS_MAX else None
