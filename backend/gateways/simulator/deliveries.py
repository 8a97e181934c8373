"""What the carrier hands to a client: receipts, and what handsets write."""

import time
from typing import Annotated, Final, Literal

import msgspec

from backend.gateways.simulator.truth import Kind, TruthRecord
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.pdu import (
    SHORT_MESSAGE_BYTES_MAX,
    address_prefix,
    c_string,
    message_body,
    timing_fields,
)
from backend.kernel.errors import InvalidInput


class Delivery(msgspec.Struct, gc=False):
    """A deliver_sm waiting for its acknowledgement."""

    system_id: str
    body: bytes
    kind: Literal["receipt", "reply"]
    source: str
    destination: str
    carrier_id: str = ""
    stat: str = ""
    text: bytes = b""
    error_code: str = ""
    reference: str = ""
    """As the sender wrote it, over HTTP."""

    def record(self, kind: Kind) -> TruthRecord:
        return TruthRecord(
            time.time(),
            kind,
            self.system_id,
            self.source,
            self.destination,
            self.carrier_id,
            self.stat,
            message=self.text,
        )


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An MO from a handset."""

    number: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9]{3,15}$")]
    to: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=127)]
    system_id: str | None = None
    """The account that receives it; without one, every bound account that can."""


def delivery_of(reply: Reply, system_id: str) -> Delivery:
    number, to = reply.number.removeprefix("+"), reply.to.removeprefix("+")
    data_coding, text = (
        (0, reply.text.encode())
        if _is_plain(reply.text)
        else (
            8,
            reply.text.encode("utf-16-be"),
        )
    )
    fields = address_prefix(c_string(number), c.TON_INTERNATIONAL, c.NPI_E164, 0, 0) + c_string(to)
    if len(text) > SHORT_MESSAGE_BYTES_MAX:
        raise InvalidInput("reply_invalid", "the text is too long for one message")
    body = message_body(fields, 0, timing_fields(None, 0, data_coding), text)
    return Delivery(system_id, body, "reply", number, to, text=text)


_PLAIN: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n\r!\"#%&'()*+,-./:;<=>?"
)


def _is_plain(text: str) -> bool:
    """Written the same in ASCII and in the GSM alphabet."""
    return _PLAIN.issuperset(text)
