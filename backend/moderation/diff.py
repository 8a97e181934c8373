"""What changed between two texts, word by word."""

import difflib
import re
from typing import Final, Literal

import msgspec

Change = Literal["same", "removed", "added"]
DIFF_CHARACTERS_MAX: Final = 5_000
"""Of both together: beyond it the work grows faster than the use."""

# Words, runs of blanks, single signs: a link falls into its parts, so a changed host shows as such.
_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")


class DiffPiece(msgspec.Struct, frozen=True):
    change: Change
    text: str


def diff_words(before: str, after: str) -> list[DiffPiece]:
    """Pieces in reading order; `same` + `removed` give `before`, `same` + `added` give `after`."""
    if before == after or len(before) + len(after) > DIFF_CHARACTERS_MAX:
        whole = [DiffPiece("removed", before), DiffPiece("added", after)]
        return [DiffPiece("same", after)] if before == after else whole
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[DiffPiece] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for _, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        removed, added = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        if removed == added:
            pieces.append(DiffPiece("same", added))
            continue
        if removed:
            pieces.append(DiffPiece("removed", removed))
        if added:
            pieces.append(DiffPiece("added", added))
    return pieces
