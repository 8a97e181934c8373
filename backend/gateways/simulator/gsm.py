"""The GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1), one octet per septet, for display.

Written out here and not taken from `backend.sms`: the carrier must not share a mistake in the
table with the side it is there to test.
"""

from typing import Final

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = dict(
    zip(b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", "\f^{}\\[~]|€", strict=True)
)
_ESCAPE: Final = 0x1B


def decode_gsm(body: bytes) -> str:
    characters: list[str] = []
    is_escaped = False
    for octet in body:
        if octet == _ESCAPE and not is_escaped:
            is_escaped = True
            continue
        basic = _BASIC[octet] if octet < len(_BASIC) else "\N{REPLACEMENT CHARACTER}"
        characters.append(_EXTENSION.get(octet, basic) if is_escaped else basic)
        is_escaped = False
    return "".join(characters)
