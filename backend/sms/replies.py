"""What a handset wrote, out of the bytes a carrier made of it, and read as a word.

Nothing here refuses: a reply that cannot be decoded is still a reply.
"""

import unicodedata
from typing import Final

from backend.sms.encoding import decode_gsm7_unpacked, decode_ucs2
from backend.sms.folding import fold

TEXT_CHARACTERS_MAX: Final = 4_000
WORD_CHARACTERS_MAX: Final = 40

# data_coding of SMPP 3.4 §5.2.19; the 0xF- group of TS 23.038 §4 says it by its third bit.
_LATIN_1: Final = 0x03
_OCTETS: Final = frozenset({0x02, 0x04})
_UCS2: Final = frozenset({0x08, 0x18})
_MESSAGE_CLASS: Final = 0xF0
_CLASS_OCTETS: Final = 0x04
_HIGH_BIT: Final = 0x80
# Letters and digits are what a word is made of; marks stay with their letters.
_IN_A_WORD: Final = frozenset("LNM")


def decode_reply(data_coding: int, body: bytes) -> str:
    """At most TEXT_CHARACTERS_MAX characters, without NUL, which no text column holds."""
    return _decoded(data_coding, body).replace("\0", "")[:TEXT_CHARACTERS_MAX]


def _decoded(data_coding: int, body: bytes) -> str:
    if data_coding in _UCS2:
        return decode_ucs2(body)
    is_octets = data_coding in _OCTETS or (
        data_coding >= _MESSAGE_CLASS and data_coding & _CLASS_OCTETS
    )
    # A septet has no eighth bit: who sets one writes Latin-1 or UTF-8 and calls it the default.
    if is_octets or data_coding == _LATIN_1 or any(octet & _HIGH_BIT for octet in body):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            return body.decode("latin-1")
    return decode_gsm7_unpacked(body)


def reply_word(text: str) -> str:
    """The whole text as a table of words spells it: NFKC, case folded, letters and digits only,
    one space between words. “ Stop!! 🙏” is “stop”, “Opt-out” is “opt out”; empty where nothing is
    left, or too much for a word.
    """
    folded = unicodedata.normalize("NFKC", fold(text).text.casefold())
    kept = "".join(c if unicodedata.category(c)[0] in _IN_A_WORD else " " for c in folded)
    word = " ".join(kept.split())
    return word if len(word) <= WORD_CHARACTERS_MAX else ""
