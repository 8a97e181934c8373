"""Words and patterns as one automaton: a single pass over a text, in time linear in its length.

RE2 has no backtracking, so no pattern makes a text slow. Texts are searched as they read (see
`sms.skeletons`): capitals, look-alike letters and hidden characters are gone before.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import re2

from backend.kernel.errors import InvalidInput
from backend.sms.skeletons import plain_bytes, plain_places

PATTERN_BYTES_MAX: Final = 1 << 20
"""RE2's own measure of one compiled pattern."""
ALL_BYTES_MAX: Final = 64 << 20
"""Of all of them together, states met while searching included."""
SPACED_LETTERS_MIN: Final = 3
"""Two letters apart from each other are no word: `Jones's ex` names nothing."""

# What stands between words is ASCII in a text as it reads, and a class of bytes keeps the automaton
# small: with Unicode's letters in their place 500 words did not fit.
_BLANK: Final = r"[\x00-/:-`{-\x7f]"
_LETTER: Final = r"[0-9a-z\x{80}-\x{10ffff}]"
_START: Final = f"(?:^|{_BLANK})"
_END: Final = f"(?:$|{_BLANK})"
_BETWEEN_WORDS: Final = f"{_BLANK}{{1,5}}"
_BETWEEN_LETTERS: Final = f"{_BLANK}{{1,3}}"
# Digits and signs that stand for a letter inside a word.
_LETTERS: Final = {
    "a": "[a4@]",
    "b": "[b8]",
    "e": "[e3]",
    "g": "[g9]",
    "i": "[i1l!|]",
    "l": "[l1i|]",
    "o": "[o0]",
    "s": "[s5$]",
    "t": "[t7+]",
    "z": "[z2]",
}


def _options(max_bytes: int) -> re2.Options:
    options = re2.Options()
    options.max_mem = max_bytes
    options.log_errors = False
    return options


_ONE: Final = _options(PATTERN_BYTES_MAX)


def word_source(word: str) -> str:
    """The RE2 source of a word or phrase, its place as the one group; empty where nothing is left
    to look for. `*` at the end stands for whatever follows.
    """
    is_open = word.endswith("*")
    plain = plain_bytes(word.rstrip("*")).decode()
    tokens = "".join(c if c.isalnum() else " " for c in plain).split()
    if not tokens:
        return ""
    parts = [_token(token) for token in tokens]
    rest = f"{_LETTER}*" if is_open else ""
    return f"{_START}({_BETWEEN_WORDS.join(parts)}{rest}){_END}"


def _token(token: str) -> str:
    letters = [_LETTERS.get(letter, re2.escape(letter)) for letter in token]
    together = "".join(letters)
    if len(letters) < SPACED_LETTERS_MIN:
        return together
    return f"(?:{together}|{_BETWEEN_LETTERS.join(letters)})"


def stem_source(stems: Iterable[str]) -> str:
    """Any of these at the beginning of a word: `stop` also finds `stopp`."""
    found = [f"{_BLANK}{{0,3}}".join(map(re2.escape, _words(stem))) for stem in stems]
    return f"{_START}({'|'.join(found)})" if found else ""


def _words(text: str) -> list[str]:
    plain = plain_bytes(text).decode()
    return "".join(c if c.isalnum() else " " for c in plain).split()


def check_pattern(pattern: str) -> None:
    """Raises InvalidInput `pattern_invalid`, `pattern_matches_everything`."""
    try:
        compiled = re2.compile(f"(?i){pattern}", _ONE)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise InvalidInput("pattern_invalid", f"no pattern of RE2: {reason}"[:300]) from error
    if compiled.search(b"") is not None:
        raise InvalidInput(
            "pattern_matches_everything", "a pattern that matches nothing at all matches every text"
        )


class TextMatcher:
    """`sources`: name → RE2 source. Sources are checked before."""

    __slots__ = ("_each", "_names", "_set")

    def __init__(self, sources: Mapping[str, Iterable[str]]) -> None:
        self._names: list[str] = []
        self._each: dict[str, list[re2._Regexp]] = {}
        self._set = re2.Set.SearchSet(_options(ALL_BYTES_MAX))
        for name, several in sources.items():
            for source in several:
                compiled = re2.compile(source, _ONE)
                self._each.setdefault(name, []).append(compiled)
                self._set.Add(source)
                self._names.append(name)
        if self._names:
            self._set.Compile()

    def names(self, plain: bytes) -> set[str]:
        """Of the sources that are found in `plain_bytes` of a text."""
        if not self._names:
            return set()
        return {self._names[number] for number in self._set.Match(plain) or ()}

    def place(self, name: str, text: str) -> tuple[int, int]:
        """Where in the text itself a name that was found stands first."""
        plain = plain_bytes(text)
        spans = []
        for compiled in self._each.get(name, ()):
            match = compiled.search(plain)
            if match is not None:
                spans.append(match.span(1) if match.re.groups else match.span())
        start, end = min((span for span in spans if span[0] >= 0), default=(0, 0))
        if start == end:
            return 0, len(text)
        places = plain_places(text)
        return places[start], places[end - 1] + 1
