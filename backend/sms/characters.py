"""Which characters a text may hold: those a handset shows to everyone as the moderator saw them."""

import functools
import re
import unicodedata
from typing import Final, NamedTuple

from backend.kernel.errors import FieldError, InvalidInput

# Real writing stacks at most six (Tibetan, pointed Hebrew with cantillation); beyond lies "zalgo".
MAX_COMBINING_MARKS_IN_A_ROW: Final = 10
MAX_PROBLEMS_LISTED: Final = 20

# Implicit marks (U+200E, U+200F, U+061C) stay allowed: Hebrew and Arabic texts with prices need
# them and they reorder nothing but neutral neighbours. What embeds, isolates or overrides can make
# a moderator read another link than the recipient opens.
_REASONS: Final = {
    "control": r"\x00-\x09\x0b-\x1f\x7f-\x9f",
    "lone_surrogate": "\ud800-\udfff",
    "private_use": "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd",
    "noncharacter": "\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17)),
    "bidi_control": "\u202a-\u202e\u2066-\u2069",
    "invisible_format": "\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f",
}
_REFUSED = re.compile("|".join(f"(?P<{name}>[{body}])" for name, body in _REASONS.items()))
_ANY_REFUSED = re.compile(f"[{''.join(_REASONS.values())}]")
# England, Scotland, Wales: the only emoji spelled with tag characters.
_FLAG_OF_TAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")

# Combining marks live in planes 0 and 1, and among the variation selectors of plane 14.
_MARK_RANGES: Final = (range(0x300, 0x20000), range(0xE0100, 0xE01F0))


class CharacterProblem(NamedTuple):
    """`position` counts code points of the text as given; `reason` is stable."""

    position: int
    character: str
    reason: str
    code: str = "character_not_allowed"


def normalise_text(text: str) -> str:
    """NFC, and one kind of line end: what is checked, counted, hashed and sent."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def check_text(text: str) -> list[CharacterProblem]:
    """Characters that are refused, in order, at most `MAX_PROBLEMS_LISTED` (row B38).

    A carriage return is no problem: `normalise_text` makes it a line feed.
    """
    problems: list[CharacterProblem] = []
    if _ANY_REFUSED.search(text):
        flags = [match.span() for match in _FLAG_OF_TAGS.finditer(text)]
        for match in _REFUSED.finditer(text):
            position = match.start()
            in_flag = any(start < position < end for start, end in flags)
            if match.group() != "\r" and not in_flag:
                problems.append(CharacterProblem(position, match.group(), str(match.lastgroup)))
    if not text.isascii():
        problems += [
            CharacterProblem(
                match.start() + MAX_COMBINING_MARKS_IN_A_ROW,
                match.group()[MAX_COMBINING_MARKS_IN_A_ROW],
                "too_many_combining_marks",
            )
            for match in _too_many_marks().finditer(text)
        ]
        problems.sort()
    return problems[:MAX_PROBLEMS_LISTED]


def require_text(text: str, pointer: str) -> str:
    """The normalised text; raises InvalidInput with one FieldError per refused character."""
    problems = check_text(text)
    if not problems:
        return normalise_text(text)
    errors = [FieldError(pointer, problem.code, describe(problem)) for problem in problems]
    raise InvalidInput(
        problems[0].code,
        errors[0].message,
        errors=errors,
        positions=[problem.position for problem in problems],
    )


def describe(problem: CharacterProblem) -> str:
    """Plain words without the character itself, which may be unprintable or break the log."""
    code_point = f"U+{ord(problem.character):04X}"
    reason = problem.reason.replace("_", " ")
    return f"character {code_point} at position {problem.position} is not allowed ({reason})"


@functools.cache
def _too_many_marks() -> re.Pattern[str]:
    ranges: list[str] = []
    for span in _MARK_RANGES:
        start: int | None = None
        for code in (*span, None):
            is_mark = code is not None and unicodedata.category(chr(code)) in {"Mn", "Me"}
            if is_mark and start is None:
                start = code
            elif not is_mark and start is not None:
                ranges.append(f"{chr(start)}-{chr((code or span.stop) - 1)}")
                start = None
    return re.compile(f"[{''.join(ranges)}]{{{MAX_COMBINING_MARKS_IN_A_ROW + 1},}}")
