"""One linear look at `{{ … }}` and `{% … %}` before the lexer sees them.

The lexer is one regular expression that backtracks: `{{` 5,000 times without an end, or one `{{`
with 10,000 blanks, costs it seconds. What passes here costs it microseconds.
"""

import re

from backend.templates.rendering.limits import MARKUP_BLANK_LIMIT_CHARS, MARKUP_LIMIT_CHARS
from backend.templates.rendering.refusals import refuse

_OPENING = re.compile(r"\{\{|\{%(?:-?\s{0,64}(?P<verbatim>raw|doc)\s{0,64}-?%\})?")
_CLOSING = {"{{": "}}", "{%": "%}"}
_VERBATIM_END = {
    name: re.compile(rf"\{{%-?\s{{0,64}}end{name}\s{{0,64}}-?%\}}") for name in ("raw", "doc")
}
_BLANKS = re.compile(rf"\s{{{MARKUP_BLANK_LIMIT_CHARS + 1}}}")


def check_delimiters(source: str, pointer: str) -> None:
    position = 0
    while opening := _OPENING.search(source, position):
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
