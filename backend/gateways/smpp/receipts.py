"""Reads delivery receipts (SMPP 3.4 Appendix B), as specified and as carriers really write them.

Missing fields, any order, case and spacing, hexadecimal and decimal ids, leading zeros: all met
in the wild. What cannot be read becomes an `unknown` receipt with its raw bytes, never an error:
a refused receipt would be delivered again for days.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from backend.gateways.port import Receipt, ReceiptStatus
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.concatenation import split_udh
from backend.gateways.smpp.pdu import Message
from backend.gateways.status_maps import StatusMap

_FIELD: Final = re.compile(
    rb"(?:^|[\s,;])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err)\s*[:=]\s*([^\s,;]*)",
    re.IGNORECASE,
)
# The specified order, spacing and case: nearly every receipt, at a third of the cost.
_STRICT: Final = re.compile(
    rb"id:(\S+) sub:\S* dlvrd:\S* submit date:\S* done date:(\d*) stat:([A-Z]+) err:(\S*)"
)
# The text field repeats the message, which may itself say "stat:DELIVRD": nothing behind counts.
_TEXT_FIELD: Final = re.compile(rb"(?:^|[\s,;])text\s*[:=]", re.IGNORECASE)
_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f-]+")
RECEIPT_TEXT_BYTES_MAX: Final = 1_024
CARRIER_ID_CHARACTERS_MAX: Final = 64
ERROR_CODE_CHARACTERS_MAX: Final = 16


class IdForm(StrEnum):
    """How a carrier writes the id in receipts, compared with its submit_sm_resp."""

    SAME = "same"
    RESPONSE_HEX_RECEIPT_DECIMAL = "response_hex_receipt_decimal"
    RESPONSE_DECIMAL_RECEIPT_HEX = "response_decimal_receipt_hex"


# Members looked up once: Python 3.11 makes every `IdForm.X` a call.
_SAME: Final = IdForm.SAME
_UNKNOWN: Final = ReceiptStatus.UNKNOWN


def normal_id(carrier_id: str) -> str:
    """One spelling per id: case and leading zeros carry no meaning in a (hexa)decimal one, and
    everything in any other.
    """
    carrier_id = carrier_id.strip()[:CARRIER_ID_CHARACTERS_MAX]
    if carrier_id.isdecimal():
        return carrier_id.lstrip("0") or "0"
    if _HEXADECIMAL.fullmatch(carrier_id):
        return carrier_id.lower().lstrip("0") or "0"
    return carrier_id


def id_from_receipt(carrier_id: str, form: IdForm) -> str:
    """The receipt's id as the submit_sm_resp would have spelled it."""
    normal = normal_id(carrier_id)
    return normal if form is _SAME else _converted(normal, form) or normal


def other_ids(carrier_id: str) -> tuple[str, ...]:
    """Spellings under which the id may also be known, for a receipt nothing matches."""
    normal = normal_id(carrier_id)
    converted = {_converted(normal, form) for form in IdForm if form is not IdForm.SAME}
    return tuple(sorted(other for other in converted if other and other != normal))


def _converted(normal: str, form: IdForm) -> str | None:
    try:
        if form is IdForm.RESPONSE_HEX_RECEIPT_DECIMAL:
            return f"{int(normal):x}" if normal.isdecimal() else None
        return str(int(normal, 16)) if "-" not in normal else None
    except ValueError:
        return None


def is_receipt(message: Message) -> bool:
    """By type or TLV, never by its text: anyone can send "id:… stat:DELIVRD" from a handset."""
    return (
        message.esm_class & c.ESM_TYPE_MASK in (c.ESM_RECEIPT, c.ESM_INTERMEDIATE)
        or c.TAG_RECEIPTED_MESSAGE_ID in message.tlvs
    )


def read_receipt(
    message: Message,
    raw: bytes,
    *,
    status_map: StatusMap,
    id_form: IdForm = IdForm.SAME,
    utc_offset_minutes: int = 0,
) -> Receipt:
    """TLVs win over text: they have one spelling."""
    carrier_id, stat, error_code, done = _text_fields(message)
    status = status_map.receipt_statuses.get(stat, _UNKNOWN)
    reference = None
    tlvs = message.tlvs
    if tlvs:
        if c.TAG_RECEIPTED_MESSAGE_ID in tlvs:
            carrier_id = tlvs[c.TAG_RECEIPTED_MESSAGE_ID].rstrip(b"\0").decode("latin-1")
        if len(tlvs.get(c.TAG_MESSAGE_STATE, b"")) == 1:
            state = tlvs[c.TAG_MESSAGE_STATE][0]
            status = status_map.message_states.get(state, status)
        network_error = tlvs.get(c.TAG_NETWORK_ERROR_CODE, b"")
        if len(network_error) == 3 and not error_code.strip("0"):
            error_code = str(int.from_bytes(network_error[1:], "big"))
        if len(tlvs.get(c.TAG_USER_MESSAGE_REFERENCE, b"")) == 2:
            reference = int.from_bytes(tlvs[c.TAG_USER_MESSAGE_REFERENCE], "big")
    meaning = status_map.delivery_error(status, error_code)
    return Receipt(
        carrier_id=id_from_receipt(carrier_id, id_form),
        status=status,
        error_code=error_code,
        cause=meaning.cause,
        permanence=meaning.permanence,
        done_at=_done_at(done, utc_offset_minutes),
        source=message.source,
        destination=message.destination,
        reference_number=reference,
        raw=raw,
    )


def _text_fields(message: Message) -> tuple[str, str, str, bytes]:
    """Id, stat, err, done date; empty where missing."""
    text = message.body[:RECEIPT_TEXT_BYTES_MAX]
    if message.esm_class & c.ESM_UDH:
        _, text = split_udh(text)
    strict = _STRICT.match(text)
    if strict is not None:
        raw_id, done, stat, error = strict.groups()
    else:
        tail = _TEXT_FIELD.search(text)
        found = _FIELD.findall(text[: tail.start()] if tail else text)
        fields = {re.sub(rb"[ _]", b"", name.lower()): value for name, value in reversed(found)}
        raw_id, stat = fields.get(b"id", b""), fields.get(b"stat", b"").upper()
        error, done = fields.get(b"err", b""), fields.get(b"donedate", b"")
    return (
        raw_id.decode("latin-1"),
        stat.decode("latin-1"),
        error[:ERROR_CODE_CHARACTERS_MAX].decode("latin-1"),
        done,
    )


@lru_cache(maxsize=1_024)  # receipts of one minute share their date
def _done_at(done: bytes, utc_offset_minutes: int) -> datetime | None:
    """YYMMDDhhmm or YYMMDDhhmmss on the carrier's clock, or YYYYMMDDhhmmss."""
    digits = done[2:] if len(done) == 14 else done
    if len(digits) not in (10, 12) or not digits.isdigit():
        return None
    parts = [int(digits[i : i + 2]) for i in range(0, len(digits), 2)]
    try:
        local = datetime(2000 + parts[0], *parts[1:], tzinfo=UTC)  # type: ignore[misc,arg-type]  # month to second
        return local - timedelta(minutes=utc_offset_minutes)
    except (ValueError, OverflowError):
        return None
