"""Texts and names as a hurried eye reads them: lower case, no marks, look-alikes as one letter.

`confusables.json` holds the single characters of the Unicode confusables (UTS #39 data, Unicode
License v3) that read as a Latin letter or a digit, beside what NFKC reads already.
"""

import functools
import unicodedata
from pathlib import Path
from typing import Final

import msgspec

from backend.sms.folding import fold

_CONFUSABLES: Final = {
    character: read
    for read, characters in msgspec.json.decode(
        Path(__file__).with_name("confusables.json").read_bytes(), type=dict[str, str]
    ).items()
    for character in characters
}
_SOFT_HYPHEN: Final = b"\xad"
# Pairs that read as one letter come before the letters themselves.
_READ_AS: Final = (
    *(("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("|", "l"), ("!", "l")),
    *(("i", "l"), ("j", "l"), ("5", "s"), ("$", "s"), ("3", "e"), ("4", "a"), ("@", "a")),
    *(("8", "b"), ("6", "b"), ("7", "t"), ("+", "t"), ("9", "g"), ("2", "z")),
)


@functools.lru_cache(maxsize=16_384)
def _plain(character: str) -> str:
    """What one character reads as; empty for what nobody sees. What it gives reads as itself."""
    if character.isascii():
        return character.lower()
    if character in _CONFUSABLES:
        return _CONFUSABLES[character]
    parts = unicodedata.normalize("NFD", fold(character).text.lower())
    read = "".join(_seen(one) if one == character else _plain(one) for one in parts)
    return read[:1] if character <= "\xff" else read


def _seen(character: str) -> str:
    """Signs and emoji between letters are blanks; marks on a letter are not there; one currency is
    as good as another.
    """
    category = unicodedata.category(character)
    if category == "Mn":
        return ""
    if category == "Sc":
        return "$"
    return " " if category[0] in "PSZ" or category == "Cc" else character


# One byte for one byte: of a Latin-1 character that reads as several, the first stands for all.
_LATIN_1: Final = bytes(
    (_plain(chr(code))[:1] or " ").encode("ascii", "replace")[0] for code in range(256)
)


def plain_bytes(text: str) -> bytes:
    """UTF-8, for a search. Texts of Latin-1 are several times faster than others."""
    if text.isascii():
        return text.lower().encode()
    try:
        return text.encode("latin-1").translate(_LATIN_1, _SOFT_HYPHEN)
    except UnicodeEncodeError:
        # Few of a text's characters differ: replacing each once is quicker than asking for all.
        for character in set(text):
            if character > "\x7f":
                text = text.replace(character, _plain(character))
        return text.lower().encode("utf-8", "replace")


def plain_places(text: str) -> list[int]:
    """For every byte of `plain_bytes(text)` the character it came from, and one more for the end.
    A match of bytes `a` to `b` stands at characters `places[a]` to `places[b - 1] + 1`.
    """
    if text.isascii():
        return list(range(len(text) + 1))
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        places = [
            at
            for at, character in enumerate(text)
            for _ in _plain(character).encode("utf-8", "replace")
        ]
    else:
        places = [at for at, byte in enumerate(raw) if byte != _SOFT_HYPHEN[0]]
    return [*places, len(text)]


def skeleton(name: str) -> str:
    """Equal for names the eye confuses: `PayPaI`, `paypa1`, `раураl` and `PayPal`. Letters and
    digits only.
    """
    text = "".join(c for c in "".join(map(_plain, name)) if c.isalnum() or c in "|!$@+")
    for written, read in _READ_AS:
        text = text.replace(written, read)
    return text
