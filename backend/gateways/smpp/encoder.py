"""Turns submissions into submit_sm bodies; what repeats over a window is encoded once."""

import os
import re
from functools import lru_cache
from typing import Final

from backend.gateways.config import AddressRules
from backend.gateways.port import Submission, reference_number
from backend.gateways.smpp import commands as c
from backend.gateways.smpp.concatenation import PARTS_MAX, Part, udh
from backend.gateways.smpp.pdu import (
    MalformedPdu,
    address_prefix,
    c_string,
    message_body,
    timing_fields,
    tlv,
    uint16,
)

_NUMBER: Final = re.compile(r"\+?([0-9]{1,20})")
SHORT_CODE_DIGITS_MAX: Final = 8
ALPHANUMERIC_CHARACTERS_MAX: Final = 11
"""3GPP TS 23.040 §9.1.2.5: ten octets of septets."""
_CACHED_SENDERS_MAX: Final = 4_096

_timing = lru_cache(maxsize=256)(timing_fields)


class SubmitEncoder:
    __slots__ = ("_concatenation_reference", "_prefix")

    def __init__(self, addresses: AddressRules) -> None:
        # Two processes that both began at 0 could mix the parts of two texts on one handset.
        self._concatenation_reference = os.urandom(1)[0]

        @lru_cache(maxsize=_CACHED_SENDERS_MAX)
        def prefix(sender: str) -> bytes:
            return sender_prefix(sender, addresses)

        self._prefix = prefix

    def bodies(self, submission: Submission) -> list[bytes]:
        """One per part. Raises `MalformedPdu`: the message can never be sent as it stands."""
        destination = submission.destination.removeprefix("+")
        if not (destination.isascii() and destination.isdigit() and len(destination) <= 20):
            raise MalformedPdu("destination_invalid", "the destination is not a phone number")
        fields = self._prefix(submission.sender) + destination.encode() + b"\0"
        registered = c.REGISTERED_FINAL_RECEIPT if submission.wants_receipt else 0
        timing = _timing(submission.validity_seconds, registered, submission.data_coding)
        tlvs = b""
        if submission.reference is not None:
            number = uint16(reference_number(submission.reference))
            tlvs = tlv(c.TAG_USER_MESSAGE_REFERENCE, number)
        parts = submission.body_parts
        if len(parts) == 1:
            return [message_body(fields, 0, timing, parts[0], tlvs)]
        if not 0 < len(parts) <= PARTS_MAX:
            raise MalformedPdu("parts_count", "a message has 1 to 255 parts", parts=len(parts))
        self._concatenation_reference = reference = (self._concatenation_reference + 1) & 0xFF
        total = len(parts)
        return [
            message_body(fields, c.ESM_UDH, timing, udh(Part(reference, total, n)) + part, tlvs)
            for n, part in enumerate(parts, start=1)
        ]


def sender_prefix(sender: str, addresses: AddressRules) -> bytes:
    number = _NUMBER.fullmatch(sender)
    if number is None:
        if not 0 < len(sender) <= ALPHANUMERIC_CHARACTERS_MAX:
            raise MalformedPdu("sender_invalid", "the sender is neither a number nor a short name")
        source, ton, npi = sender, addresses.alphanumeric_ton, addresses.alphanumeric_npi
    elif not sender.startswith("+") and len(sender) <= SHORT_CODE_DIGITS_MAX:
        source, ton, npi = sender, addresses.short_code_ton, addresses.short_code_npi
    else:
        source, ton, npi = number[1], addresses.number_ton, addresses.number_npi
    return address_prefix(
        c_string(source, bytes_max=20), ton, npi, addresses.number_ton, addresses.number_npi
    )
