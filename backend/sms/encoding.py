"""GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1) and UCS-2, the two encodings of SMS."""

import enum
import re
import unicodedata
from typing import Final, NamedTuple

ESCAPE: Final = 0x1B

# Index = septet. 0x1B is the escape to the extension table and never a character of a text.
BASIC_CHARACTERS: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION_CHARACTERS: Final = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}

_BASIC_SET = BASIC_CHARACTERS.replace("\x1b", "")
_EXTENSION_CLASS = re.escape("".join(EXTENSION_CHARACTERS))
BASIC_ONLY: Final = re.compile(f"[{re.escape(_BASIC_SET)}]*")
BASIC_AND_EXTENSION: Final = re.compile(f"[{re.escape(_BASIC_SET)}{_EXTENSION_CLASS}]*")
_NOT_GSM7 = re.compile(f"[^{re.escape(_BASIC_SET)}{_EXTENSION_CLASS}]")

_TO_SEPTETS = {ord(character): septet for septet, character in enumerate(BASIC_CHARACTERS)}
del _TO_SEPTETS[ESCAPE]
# Where septet and ASCII are the same, which is most of what is sent. The escape is not among them.
_SAME_IN_ASCII = re.compile(
    f"[{re.escape(''.join(chr(code) for code, septet in _TO_SEPTETS.items() if code == septet))}]*"
)
# str.translate yields code points below 128, so latin-1 turns the result into septets as it is.
_TRANSLATION: dict[int, str] = {code: chr(septet) for code, septet in _TO_SEPTETS.items()}
_TRANSLATION |= {
    ord(character): chr(ESCAPE) + chr(septet) for character, septet in EXTENSION_CHARACTERS.items()
}
_FROM_EXTENSION = {septet: character for character, septet in EXTENSION_CHARACTERS.items()}

# Replacements that keep the meaning; an empty one means "leave it out". What is not here is tried
# by decomposition (ê → e); what that does not solve has no suggestion (emoji, other scripts).
_SUGGESTIONS: Final = {
    **dict.fromkeys("‘’‚‛′`´ʼʻ‹›", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006", " "),
    **dict.fromkeys("\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f", ""),
    **dict.fromkeys("\u2028\u2029", "\n"),
    **dict.fromkeys("•·‣", "-"),
    "…": "...",
    "©": "(c)",
    "®": "(R)",
    "™": "TM",
    "×": "x",
    "÷": "/",
    "°": " deg",
    "Œ": "OE",
    "œ": "oe",
    "ı": "i",
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "ð": "d",
    "Ð": "D",
    "Þ": "Th",
    "þ": "th",
    "ẞ": "ß",
    "⁄": "/",
    # Greek capitals the alphabet leaves to their Latin look-alikes.
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
}


class Encoding(enum.StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


class Offending(NamedTuple):
    """One character that forces UCS-2; `position` counts Unicode code points."""

    position: int
    character: str
    suggestion: str | None


def choose(text: str) -> Encoding:
    return Encoding.GSM7 if BASIC_AND_EXTENSION.fullmatch(text) else Encoding.UCS2


def encode_gsm7_unpacked(text: str) -> bytes:
    """One septet per byte, as SMPP carries it with data_coding 0; extensions are ESC pairs.

    Raises UnicodeEncodeError, at the first offending character, when `choose` says UCS-2.
    """
    if _SAME_IN_ASCII.fullmatch(text):
        return text.encode("ascii")
    offender = _NOT_GSM7.search(text)
    if offender:
        start, end = offender.span()
        raise UnicodeEncodeError("gsm7", text, start, end, "not in the GSM 7-bit alphabet")
    return text.translate(_TRANSLATION).encode("latin-1")


def encode_ucs2(text: str) -> bytes:
    """UTF-16 big endian. Lone surrogates pass, so that counting never fails on a stored text;
    `characters.check_text` is what keeps them out.
    """
    return text.encode("utf-16-be", "surrogatepass")


def decode_gsm7_unpacked(septets: bytes) -> str:
    """Tolerant, for what phones and carriers send: an unknown extension shows as the character of
    the basic table (TS 23.038 §6.2.1.1), a double or trailing escape as a space, the eighth bit
    is dropped.
    """
    characters: list[str] = []
    escaped = False
    for byte in septets:
        septet = byte & 0x7F
        if septet == ESCAPE:
            if escaped:
                characters.append(" ")
            escaped = not escaped
        elif escaped:
            characters.append(_FROM_EXTENSION.get(septet, BASIC_CHARACTERS[septet]))
            escaped = False
        else:
            characters.append(BASIC_CHARACTERS[septet])
    if escaped:
        characters.append(" ")
    return "".join(characters)


def decode_ucs2(body: bytes) -> str:
    """Tolerant: half a character at the end and lone surrogates become U+FFFD."""
    return body.decode("utf-16-be", "replace")


def suggest(character: str) -> str | None:
    """What could stand for this character within GSM-7; None if nothing keeps the meaning."""
    known = _SUGGESTIONS.get(character)
    if known is not None:
        return known
    decomposed = unicodedata.normalize("NFKD", character)
    bare = "".join(
        _SUGGESTIONS.get(part, part) for part in decomposed if not unicodedata.combining(part)
    )
    if bare and BASIC_AND_EXTENSION.fullmatch(bare):
        return bare
    return "" if unicodedata.combining(character) else None


def offending(text: str) -> list[Offending]:
    """Every character that forces UCS-2, in order, for the composer to name (row B37)."""
    return [
        Offending(match.start(), match.group(), suggest(match.group()))
        for match in _NOT_GSM7.finditer(text)
    ]
