"""A text as the eye reads it: what hides links and numbers from a search is folded away."""

import functools
import unicodedata
from typing import Final, NamedTuple

# Blank though not of category Cf: fillers, variation selectors, the keycap of 1️⃣.
_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u20e3\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
_FULL_STOPS: Final = "。｡"
# Category Cf; a test compares it with the Unicode data of this Python.
_FORMATS: Final = (
    *((0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F)),
    *((0x890, 0x891), (0x8E2, 0x8E2), (0x180E, 0x180E), (0x200B, 0x200F), (0x202A, 0x202E)),
    *((0x2060, 0x2064), (0x2066, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB)),
    *((0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3)),
    *((0x1D173, 0x1D17A), (0xE0001, 0xE0001), (0xE0020, 0xE007F)),
)
_STABLE_YET_FOLDED: Final = _INVISIBLE.union(
    _FULL_STOPS, *(map(chr, range(first, last + 1)) for first, last in _FORMATS)
)
"""What NFKC leaves as it is and is read otherwise all the same."""


class Folded(NamedTuple):
    """`positions[i]` is the place of `text[i]` in the original; one more for the end."""

    text: str
    positions: list[int] | range
    hidden: frozenset[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.positions[start], self.positions[end - 1] + 1


def fold(text: str) -> Folded:
    """NFKC by character, ideographic full stops as dots, invisible characters left out.

    `hidden` holds the original positions of the invisible ones.
    """
    if text.isascii() or (
        unicodedata.is_normalized("NFKC", text) and _STABLE_YET_FOLDED.isdisjoint(text)
    ):
        return Folded(text, range(len(text) + 1), frozenset())
    folded: list[str] = []
    positions: list[int] = []
    hidden: list[int] = []
    for position, character in enumerate(text):
        reading = character if character.isascii() else _reading(character)
        if not reading:
            hidden.append(position)
        folded.append(reading)
        positions += [position] * len(reading)
    positions.append(len(text))
    return Folded("".join(folded), positions, frozenset(hidden))


@functools.lru_cache(maxsize=4096)
def _reading(character: str) -> str:
    if character in _FULL_STOPS:
        return "."
    if character in _INVISIBLE or unicodedata.category(character) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", character)
