"""Writes delivery receipts the way carriers do, tidy or broken (SMPP 3.4 Appendix B)."""

import time
from functools import lru_cache
from typing import Final

from backend.gateways.simulator.script import Script
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.pdu import Message, message_body, timing_fields, tlv

_TIMING: Final = timing_fields(None, 0, 0)
_MESSAGE_STATES: Final = {
    "ENROUTE": 1,
    "DELIVRD": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "ACCEPTD": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
}
_TEXT_BYTES_MAX: Final = 20


@lru_cache(maxsize=64)
def _minute(minutes: int) -> bytes:
    return time.strftime("%y%m%d%H%M", time.gmtime(minutes * 60)).encode()


def written_id(carrier_id: str, script: Script) -> str:
    """The id as receipts spell it."""
    if script.receipt_id_form == "decimal":
        return str(int(carrier_id, 16 if script.has_hex_ids else 10))
    if script.receipt_id_form == "hex":
        return f"{int(carrier_id, 16 if script.has_hex_ids else 10):x}"
    if script.receipt_id_form == "upper":
        return carrier_id.upper()
    if script.receipt_id_form == "zero_padded":
        return carrier_id.zfill(20)
    return carrier_id


def receipt_body(
    message: Message, carrier_id: str, stat: str, error_code: str, *, script: Script
) -> bytes:
    """A deliver_sm body from the handset back to the sender of `message`."""
    shown_id = written_id(carrier_id, script).encode()
    date = _minute(int(time.time()) // 60)
    if script.has_broken_receipts:
        text = b"Stat: %b  ID:%b done_date:%b ERR:%b" % (
            stat.lower().encode(),
            shown_id,
            date,
            error_code.encode(),
        )
    else:
        text = b"id:%b sub:001 dlvrd:%b submit date:%b done date:%b stat:%b err:%b text:%b" % (
            shown_id,
            b"001" if stat == "DELIVRD" else b"000",
            date,
            date,
            stat.encode(),
            error_code.encode(),
            message.body[:_TEXT_BYTES_MAX]
            if message.data_coding == 0 and not message.esm_class & c.ESM_UDH
            else b"",
        )
    tlvs = b""
    if script.has_receipt_tlvs:
        tlvs = tlv(c.TAG_RECEIPTED_MESSAGE_ID, shown_id + b"\0")
        tlvs += tlv(c.TAG_MESSAGE_STATE, bytes((_MESSAGE_STATES[stat],)))
    reference = message.tlvs.get(c.TAG_USER_MESSAGE_REFERENCE)
    if reference is not None:
        tlvs += tlv(c.TAG_USER_MESSAGE_REFERENCE, reference)
    fields = b"\0\1\1%b\0\0\0%b\0" % (
        message.destination.encode("latin-1"),
        message.source.encode("latin-1"),
    )
    return message_body(fields, c.ESM_RECEIPT, _TIMING, text, tlvs)
