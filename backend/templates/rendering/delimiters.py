"""One linear look at `{{ … }}` and `{% … %}` before the lexer sees them.

The lexer is one regular expression that backtracks: `{{` 5,000 times without an end, or one `{{`
with 10,000 blanks, costs it seconds. What passes here costs it microseconds.
"""

import re

from backend.templates.rendering.limits import (
    BLOCK_NESTING_LIMIT_LEVELS,
    MARKUP_BLANK_LIMIT_CHARS,
    MARKUP_LIMIT_CHARS,
    MARKUP_LIMIT_PIECES,
)
from backend.templates.rendering.refusals import refuse

_OPENING = re.compile(r"\{\{|\{%(?:-?\s{0,64}(?P<verbatim>raw|doc)\s{0,64}-?%\})?")
_CLOSING = {"{{": "}}", "{%": "%}"}
_VERBATIM_END = {
    name: re.compile(rf"\{{%-?\s{{0,64}}end{name}\s{{0,64}}-?%\}}") for name in ("raw", "doc")
}
_TAG_NAME = re.compile(r"-?\s{0,64}(\w+)")
_NESTING_TAGS = frozenset({"if", "unless", "case", "for", "capture", "comment"})
_BLANKS = re.compile(rf"\s{{{MARKUP_BLANK_LIMIT_CHARS + 1}}}")


def check_delimiters(source: str, pointer: str) -> None:
    position = pieces = depth = 0
    while opening := _OPENING.search(source, position):
        depth = max(depth + _nesting_step(source, opening), 0)
        if depth > BLOCK_NESTING_LIMIT_LEVELS:
            message = f"blocks nest at most {BLOCK_NESTING_LIMIT_LEVELS} deep"
            refuse(pointer, "template_nesting", message, source, opening.start())
        pieces += 1
        if pieces > MARKUP_LIMIT_PIECES:
            message = f"a template has at most {MARKUP_LIMIT_PIECES} tags and outputs"
            refuse(pointer, "template_too_expensive", message, source, opening.start())
        verbatim = opening["verbatim"]
        if verbatim:
            closing = _VERBATIM_END[verbatim].search(source, opening.end())
            if closing is None:
                refuse(
                    pointer,
                    "template_syntax",
                    f"“{verbatim}” is never closed",
                    source,
                    opening.start(),
                )
            position = closing.end()
            continue
        wanted = _CLOSING[opening[0]]
        end = source.find(wanted, opening.end())
        if end < 0:
            message = f"“{opening[0]}” is never closed by “{wanted}”"
            refuse(pointer, "template_syntax", message, source, opening.start())
        if end - opening.start() > MARKUP_LIMIT_CHARS or _BLANKS.search(source, opening.end(), end):
            refuse(
                pointer,
                "template_too_expensive",
                f"one “{opening[0]} {wanted}” is at most {MARKUP_LIMIT_CHARS} characters, "
                f"with at most {MARKUP_BLANK_LIMIT_CHARS} blanks in a row",
                source,
                opening.start(),
            )
        position = end + len(wanted)


def _nesting_step(source: str, opening: re.Match[str]) -> int:
    """+1 for a tag that opens a block, -1 for one that closes it."""
    name = _TAG_NAME.match(source, opening.end()) if opening[0] == "{%" else None
    if name is None:
        return 0
    if name[1] in _NESTING_TAGS:
        return 1
    return -1 if name[1].removeprefix("end") in _NESTING_TAGS else 0
