"""The SMPP 3.4 codec: whole socket buffers in, whole socket buffers out.

Nothing here knows a socket. One call cuts every complete PDU out of what has arrived, and PDUs
are encoded as plain bytes to be joined into one write: at 100,000 PDUs a second a task, a future
or an object tree per PDU would be the whole cost.
"""

import re
import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from backend.gateways.smpp import commands as c
from backend.kernel.errors import MalformedInput

HEADER: Final = struct.Struct(">IIII")
HEADER_BYTES: Final = HEADER.size
PDU_BYTES_MAX: Final = 70_000
"""A message_payload TLV carries up to 64 KiB; nothing legitimate is longer."""
SHORT_MESSAGE_BYTES_MAX: Final = 254
"""SMPP 3.4 §5.2.22: 255 announces a length some peers read as a flag."""
C_STRING_BYTES_MAX: Final = 255
TLVS_PER_PDU_MAX: Final = 64
MESSAGE_ID_BYTES_MAX: Final = 255
SEQUENCE_MAX: Final = 0x7FFF_FFFF

_TLV: Final = struct.Struct(">HH")
# One match in C instead of a dozen steps in Python: half the cost of reading a PDU. No field can
# run into the next, so there is nothing to backtrack.
_MESSAGE: Final = re.compile(
    rb"[^\0]{0,255}\0..([^\0]{0,65})\0..([^\0]{0,65})\0"  # service type, source, destination
    rb"(.)..[^\0]{0,255}\0([^\0]{0,255})\0"  # esm_class, protocol, priority, schedule, validity
    rb"(.).(.).(.)",  # registered_delivery, replace, data_coding, default message, length
    re.DOTALL,
)
_UINT16: Final = struct.Struct(">H")
_NO_TLVS: Final[Mapping[int, bytes]] = MappingProxyType({})
_header = HEADER.pack
_read_header = HEADER.unpack_from


class MalformedPdu(MalformedInput):
    default_code = "malformed_pdu"


Frame = tuple[int, int, int, bytes]
"""Command id, status, sequence, body: a bare tuple, made at half the cost of a named one."""


class Message(msgspec.Struct, gc=False):
    """A submit_sm, deliver_sm or data-carrying body: the two share one layout (§4.4.1, §4.6.1)."""

    source: str
    destination: str
    esm_class: int
    data_coding: int
    registered_delivery: int
    validity: bytes
    body: bytes
    """short_message, or the message_payload TLV where that is empty; a UDH is still in front."""
    tlvs: Mapping[int, bytes]


class Framer:
    """Cuts a byte stream into frames, whatever the chunks; holds at most one partial PDU."""

    __slots__ = ("_needed_bytes", "_rest", "fault")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._needed_bytes = HEADER_BYTES
        self.fault: MalformedPdu | None = None
        """Set (`pdu_length`) where the stream cannot be followed: the connection has to go."""

    def feed(self, data: bytes) -> list[Frame]:
        """All complete frames, also those before a fault."""
        if self.fault is not None:
            return []
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed_bytes:
                return []
            data = bytes(self._rest)
            self._rest.clear()
        frames: list[Frame] = []
        offset = 0
        end = len(data)
        while end - offset >= HEADER_BYTES:
            length, command_id, status, sequence = _read_header(data, offset)
            if length < HEADER_BYTES or length > PDU_BYTES_MAX:
                self.fault = MalformedPdu(
                    "pdu_length",
                    "the length of a PDU is impossible",
                    length_bytes=length,
                    length_bytes_max=PDU_BYTES_MAX,
                )
                return frames
            if end - offset < length:
                self._needed_bytes = length
                break
            behind = offset + length
            frames.append((command_id, status, sequence, data[offset + HEADER_BYTES : behind]))
            offset = behind
        else:
            self._needed_bytes = HEADER_BYTES
        if offset < end:
            self._rest += data[offset:]
        return frames


def pdu(command_id: int, sequence: int, body: bytes = b"", *, status: int = 0) -> bytes:
    return _header(HEADER_BYTES + len(body), command_id, status, sequence) + body


def c_string(text: str, *, bytes_max: int = C_STRING_BYTES_MAX) -> bytes:
    """Raises `MalformedPdu` for what would end the field early or cannot be carried by it."""
    try:
        raw = text.encode("ascii")
    except UnicodeEncodeError:
        raise MalformedPdu("pdu_field", "a text field carries ASCII only") from None
    if len(raw) > bytes_max or b"\0" in raw:
        raise MalformedPdu("pdu_field", "a text field is too long", bytes_max=bytes_max)
    return raw + b"\0"


def tlv(tag: int, value: bytes) -> bytes:
    return _TLV.pack(tag, len(value)) + value


def read_c_string(body: bytes, offset: int, bytes_max: int) -> tuple[bytes, int]:
    """The field without its NUL, and the offset behind it."""
    end = body.find(0, offset, offset + bytes_max + 1)
    if end < 0:
        raise MalformedPdu("pdu_field", "a text field does not end", offset=offset)
    return body[offset:end], end + 1


def read_tlvs(body: bytes, offset: int) -> dict[int, bytes]:
    tlvs: dict[int, bytes] = {}
    end = len(body)
    while offset < end:
        if end - offset < _TLV.size or len(tlvs) >= TLVS_PER_PDU_MAX:
            raise MalformedPdu("pdu_tlv", "the optional parameters cannot be read", offset=offset)
        tag, length = _TLV.unpack_from(body, offset)
        offset += _TLV.size
        if end - offset < length:
            raise MalformedPdu("pdu_tlv", "an optional parameter is cut short", tag=tag)
        tlvs[tag] = body[offset : offset + length]
        offset += length
    return tlvs


def read_message(body: bytes) -> Message:
    """Raises `MalformedPdu` (`pdu_field`, `pdu_tlv`)."""
    fields = _MESSAGE.match(body)
    if fields is None:
        raise MalformedPdu("pdu_field", "the mandatory fields cannot be read")
    source, destination, esm_class, validity, registered, data_coding, length = fields.groups()
    begin = fields.end()
    end = begin + length[0]
    if len(body) < end:
        raise MalformedPdu("pdu_field", "the message is shorter than it says")
    text = body[begin:end]
    tlvs = _NO_TLVS
    if end < len(body):
        tlvs = read_tlvs(body, end)
        if not text and c.TAG_MESSAGE_PAYLOAD in tlvs:
            text = tlvs[c.TAG_MESSAGE_PAYLOAD]
    return Message(
        str(source, "latin-1"),
        str(destination, "latin-1"),
        esm_class[0],
        data_coding[0],
        registered[0],
        validity,
        text,
        tlvs,
    )


def message_body(
    address_fields: bytes,
    esm_class: int,
    after_esm: bytes,
    text: bytes,
    tlvs: bytes = b"",
) -> bytes:
    """A submit_sm or deliver_sm body from parts that repeat over a batch and are made once:
    `address_fields` (service type to destination), `after_esm` (`timing_fields`).
    """
    if len(text) > SHORT_MESSAGE_BYTES_MAX:
        raise MalformedPdu(
            "pdu_message_length",
            "a short message is too long",
            bytes_max=SHORT_MESSAGE_BYTES_MAX,
        )
    return b"%b%c%b%c%b%b" % (address_fields, esm_class, after_esm, len(text), text, tlvs)


def address_prefix(source: bytes, source_ton: int, source_npi: int, ton: int, npi: int) -> bytes:
    """Everything before the destination's digits; `source` ends with its NUL."""
    return b"\0%c%c%b%c%c" % (source_ton, source_npi, source, ton, npi)


def timing_fields(
    validity_seconds: int | None, registered_delivery: int, data_coding: int
) -> bytes:
    """protocol_id to sm_default_msg_id, with the validity as a relative time (§7.1.1.2)."""
    validity = b"" if validity_seconds is None else relative_time(validity_seconds)
    tail = bytes((registered_delivery, 0, data_coding, 0))
    return b"\0\0\0" + validity + b"\0" + tail


def relative_time(seconds: int) -> bytes:
    minutes, second = divmod(max(seconds, 0), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    # Months of a relative time have no agreed length, so days carry it up to their two digits.
    return b"0000%02d%02d%02d%02d000R" % (min(days, 99), hour, minute, second)


def read_relative_time(validity: bytes) -> int | None:
    """Seconds, or nothing where the field is empty, absolute or unreadable."""
    if len(validity) != 16 or not validity.endswith(b"R") or not validity[:15].isdigit():
        return None
    days, hours, minutes, seconds = (int(validity[i : i + 2]) for i in (4, 6, 8, 10))
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def bind_body(system_id: str, password: str, system_type: str = "") -> bytes:
    fields = c_string(system_id) + c_string(password) + c_string(system_type)
    return fields + bytes((c.INTERFACE_VERSION, 0, 0)) + b"\0"


def read_bind(body: bytes) -> tuple[str, str]:
    """System id and password."""
    system_id, offset = read_c_string(body, 0, C_STRING_BYTES_MAX)
    password, _ = read_c_string(body, offset, C_STRING_BYTES_MAX)
    return system_id.decode("latin-1"), password.decode("latin-1")


def read_message_id(body: bytes) -> str:
    """The id of a submit_sm_resp. Some carriers leave the closing NUL out."""
    end = body.find(0, 0, MESSAGE_ID_BYTES_MAX + 1)
    raw = body if end < 0 else body[:end]
    if not raw or len(raw) > MESSAGE_ID_BYTES_MAX or not raw.isascii():
        raise MalformedPdu("pdu_field", "the message id cannot be read")
    return raw.decode("ascii")


def uint16(value: int) -> bytes:
    return _UINT16.pack(value)
