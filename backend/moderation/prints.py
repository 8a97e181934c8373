"""Texts as 64 numbers: the share of equal numbers is nearly the share of equal word groups.

MinHash over pairs of words and groups of letters; texts read as they look
(`sms.skeletons`), so look-alikes and hidden characters change nothing. Sixteen bands of four
numbers find candidates in an index: texts 80 % alike share a band with 99.9 %, texts 30 % alike
with 12 %.
"""

import functools
import hashlib
from typing import Final

from backend.sms.skeletons import plain_bytes

NUMBERS: Final = 64
BANDS: Final = 16
WORDS_PER_GROUP: Final = 2
LETTERS_PER_GROUP: Final = 5
WORDS_MIN: Final = 3
"""Shorter texts are alike by chance."""
_PRIME: Final = (1 << 61) - 1
_MASK: Final = (1 << 63) - 1


def _seed(number: int, name: str) -> int:
    digest = hashlib.sha256(f"{name}:{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % (_PRIME - 1) + 1


_TURNS: Final = [(_seed(number, "times"), _seed(number, "plus")) for number in range(NUMBERS)]


def groups_of(text: str) -> frozenset[str]:
    """Neighbouring words in their order, and letters where words are few. Numbers count as one
    word: another date or amount makes no other text.
    """
    plain = plain_bytes(text).decode("utf-8", "replace")
    letters = "".join(c if c.isalnum() else " " for c in plain)
    words = ["0" if any(c.isdigit() for c in word) else word for word in letters.split()]
    if len(words) < WORDS_MIN:
        return frozenset()
    joined = " ".join(words)
    by_words = {
        " ".join(words[at : at + WORDS_PER_GROUP]) for at in range(len(words) - WORDS_PER_GROUP + 1)
    }
    by_letters = {
        joined[at : at + LETTERS_PER_GROUP] for at in range(len(joined) - LETTERS_PER_GROUP + 1)
    }
    return frozenset(by_words | by_letters)


def signature_of(text: str) -> list[int] | None:
    """None for a text too short to be compared."""
    groups = groups_of(text)
    if not groups:
        return None
    hashes = [_hash(group) for group in groups]
    return [min((one * times + plus) % _PRIME for one in hashes) for times, plus in _TURNS]


@functools.lru_cache(maxsize=16_384)
def _hash(group: str) -> int:
    return int.from_bytes(hashlib.blake2b(group.encode(), digest_size=8).digest(), "big")


def bands_of(signature: list[int]) -> list[int]:
    """One number per band, none of them negative: what an index is asked for."""
    per_band = NUMBERS // BANDS
    found = []
    for band in range(BANDS):
        part = signature[band * per_band : (band + 1) * per_band]
        digest = hashlib.blake2b(repr((band, part)).encode(), digest_size=8).digest()
        found.append(int.from_bytes(digest, "big") & _MASK)
    return found


def similar_percent(left: list[int], right: list[int]) -> int:
    same = sum(a == b for a, b in zip(left, right, strict=True))
    return same * 100 // NUMBERS
