"""Reads what a provider posts to us: receipts and messages from handsets.

A receipt that cannot be read is stored as `unknown` with its bytes, as over SMPP: refusing it
would bring it back for days. A body that is no list of them at all is refused.
"""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from backend.gateways.http_json.protocol import CARRIER_ID_CHARACTERS_MAX
from backend.gateways.port import InboundMessage, Receipt, ReceiptStatus, reference_number
from backend.gateways.smpp.receipts import ERROR_CODE_CHARACTERS_MAX
from backend.gateways.status_maps import StatusMap
from backend.kernel.errors import InvalidInput
from backend.sms.encoding import encode_ucs2

ITEMS_MAX: Final = 2_000
ADDRESS_CHARACTERS_MAX: Final = 32
TEXT_CHARACTERS_MAX: Final = 4_000
UCS2_DATA_CODING: Final = 8


class ReceiptIn(msgspec.Struct, frozen=True, gc=False):
    id: str
    status: str
    to: str = ""
    sender: str = msgspec.field(name="from", default="")
    code: str = ""
    reference: str = ""
    done_at: datetime | None = None


class MessageIn(msgspec.Struct, frozen=True, gc=False):
    """What a handset wrote, whole."""

    sender: str = msgspec.field(name="from")
    to: str
    text: str
    id: str = ""


class _Callback(msgspec.Struct, frozen=True):
    receipts: list[msgspec.Raw] = []
    messages: list[msgspec.Raw] = []


class Callback(msgspec.Struct, frozen=True):
    receipts: list[Receipt]
    messages: list[InboundMessage]


_callbacks: Final = msgspec.json.Decoder(_Callback)
_receipts: Final = msgspec.json.Decoder(ReceiptIn)
_messages: Final = msgspec.json.Decoder(MessageIn)


def read_callback(body: bytes, status_map: StatusMap) -> Callback:
    """Raises InvalidInput `callback_invalid`."""
    try:
        found = _callbacks.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("callback_invalid", f"no callback of receipts: {error}") from None
    if len(found.receipts) + len(found.messages) > ITEMS_MAX:
        raise InvalidInput("callback_invalid", "too many items", items_max=ITEMS_MAX)
    read = [_message(bytes(raw)) for raw in found.messages]
    return Callback(
        receipts=[_receipt(bytes(raw), status_map) for raw in found.receipts],
        messages=[message for message in read if message is not None],
    )


def _decoded(decoder: "msgspec.json.Decoder[Any]", raw: bytes) -> Any:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _receipt(raw: bytes, status_map: StatusMap) -> Receipt:
    found: ReceiptIn = _decoded(_receipts, raw) or ReceiptIn(id="", status="")
    status = status_map.receipt_statuses.get(found.status.lower(), ReceiptStatus.UNKNOWN)
    code = _column(found.code, ERROR_CODE_CHARACTERS_MAX)
    meaning = status_map.delivery_error(status, code)
    done = found.done_at
    return Receipt(
        carrier_id=_column(found.id, CARRIER_ID_CHARACTERS_MAX),
        status=status,
        error_code=code,
        cause=meaning.cause,
        permanence=meaning.permanence,
        done_at=done.replace(tzinfo=done.tzinfo or UTC) if done else None,
        source=_column(found.to, ADDRESS_CHARACTERS_MAX),
        destination=_column(found.sender, ADDRESS_CHARACTERS_MAX),
        reference_number=reference_number(found.reference) if found.reference else None,
        raw=raw,
    )


def _message(raw: bytes) -> InboundMessage | None:
    found: MessageIn | None = _decoded(_messages, raw)
    if found is None or not found.sender or not found.to:
        return None  # nobody wrote it, or to nobody
    return InboundMessage(
        source=_column(found.sender, ADDRESS_CHARACTERS_MAX),
        destination=_column(found.to, ADDRESS_CHARACTERS_MAX),
        data_coding=UCS2_DATA_CODING,
        body=encode_ucs2(_column(found.text, TEXT_CHARACTERS_MAX)),
        part_reference=None,
        part_number=1,
        parts_total=1,
        raw=raw,
    )


def _column(text: str, characters_max: int) -> str:
    """No text column holds NUL."""
    return text.replace("\0", "").strip()[:characters_max]
