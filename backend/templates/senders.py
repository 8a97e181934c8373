"""What may stand as a sender: 1 to 11 characters with a letter, a number in E.164, a short code."""

import re
from enum import StrEnum
from typing import Final

import msgspec

from backend.kernel.errors import invalid_field
from backend.sms.folding import fold
from backend.sms.numbering import NumberKind
from backend.sms.phone import Destinations, PhoneProblem, parse
from backend.templates.reserved_senders import resembled_name, reserved_name, skeleton_of

SENDER_CHARACTERS_MAX: Final = 11
"""3GPP TS 23.040 §9.1.2.5: seven octets of alphanumeric address hold 11 septets."""

_ALPHANUMERIC: Final = re.compile(rf"[A-Za-z0-9 &+_.\-]{{1,{SENDER_CHARACTERS_MAX}}}")
_LETTER: Final = re.compile(r"[A-Za-z]")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,6}")
_NUMBER: Final = re.compile(r"\+[0-9 ()\-]{7,20}")
# A sender is called back, so it may be a line; what costs the caller extra may not.
_OWN_NUMBERS: Final = Destinations(
    kinds=frozenset(
        {
            NumberKind.MOBILE,
            NumberKind.FIXED_LINE_OR_MOBILE,
            NumberKind.FIXED_LINE,
            NumberKind.TOLL_FREE,
            NumberKind.VOIP,
        }
    )
)


class SenderKind(StrEnum):
    ALPHANUMERIC = "alphanumeric"
    NUMBER = "number"
    SHORT_CODE = "short_code"
    SHARED = "shared"
    """The platform's own name, for tenants that have none yet."""


class SenderText(msgspec.Struct, frozen=True):
    """`skeleton` is equal for names the eye confuses; `resembles` names the one to look out for."""

    sender: str
    kind: SenderKind
    skeleton: str
    resembles: str | None


def read_sender_text(raw: str) -> SenderText:
    """Raises InvalidInput `sender_invalid` or `sender_reserved`, pointing at `/sender`."""
    text = raw.strip()
    if _NUMBER.fullmatch(text):
        try:
            number = parse(text, None, _OWN_NUMBERS).e164
        except PhoneProblem as problem:
            raise _invalid(problem.detail or problem.code) from problem
        return SenderText(number, SenderKind.NUMBER, number, None)
    skeleton = skeleton_of(fold(text).text)
    reserved = reserved_name(skeleton)
    if reserved is not None:
        message = f"“{reserved}” is not given on request; write to us with proof that it is yours"
        raise invalid_field("/sender", "sender_reserved", message, reserved=reserved)
    if _SHORT_CODE.fullmatch(text):
        return SenderText(text, SenderKind.SHORT_CODE, text, None)
    if not _ALPHANUMERIC.fullmatch(text):
        message = (
            f"1 to {SENDER_CHARACTERS_MAX} letters A–Z, digits, spaces or & + - _ ."
            " — or a number that begins with +"
        )
        raise _invalid(message)
    if not _LETTER.search(text):
        raise _invalid("a name holds at least one letter; a number begins with +")
    return SenderText(text, SenderKind.ALPHANUMERIC, skeleton, resembled_name(skeleton))


def _invalid(message: str) -> Exception:
    return invalid_field("/sender", "sender_invalid", message)
