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
    if text.isascii():
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
