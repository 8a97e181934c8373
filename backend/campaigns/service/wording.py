"""A compiled message with what is worth remembering from one recipient to the next."""

import unicodedata
from typing import Any

from backend.audience.schemas.rules import AudienceRow
from backend.sms import segments
from backend.sms.characters import check_text
from backend.sms.segments import SegmentCount
from backend.templates.rendering.brackets import attribute_key
from backend.templates.rendering.compose import CompiledMessage

# Characters met so far that are allowed wherever they stand. A look at the set of a text's
# characters takes 2 µs, the full check 20 to 80: too much for each of a million texts.
_harmless: set[str] = set()


class Wording:
    """The message under one pair of header and footer, and what its last text counted."""

    __slots__ = ("_text", "count", "message", "refused", "sources")

    def __init__(self, message: CompiledMessage) -> None:
        self.message = message
        self.sources = [(name, _keys(name)) for name in sorted(message.properties)]
        self._text: str | None = None
        self.count: SegmentCount
        self.refused = ""

    def weigh(self, text: str) -> None:
        """Counts and checks; the same text again, as most campaigns have it, costs nothing."""
        if text == self._text:
            return
        self.refused = refused_character(text)
        self.count = segments.count(text)
        self._text = text

    def properties_of(self, row: AudienceRow) -> dict[str, Any]:
        """A campaign's `{{ first_name }}` is the subscriber's attribute of that name."""
        found = {}
        for name, keys in self.sources:
            for key in keys:
                if key in row.attributes:
                    found[name] = row.attributes[key]
                    break
        return found


def _keys(name: str) -> tuple[str, ...]:
    """Liquid names hold no spaces, attributes may: `first_name` finds `first name`."""
    return (attribute_key(name), attribute_key(name.replace("_", " ")), name)


def refused_character(text: str) -> str:
    """`character:U+202E` for the first character a message may not hold; empty if there is none.

    A template is checked when it is saved; this finds what a subscriber's attribute brought in.
    """
    if text.isascii() and text.isprintable():
        return ""
    unknown = set(text) - _harmless
    if not unknown:
        return ""
    problems = check_text(text)
    if problems:
        return f"character:U+{ord(problems[0].character):04X}"
    # A combining mark is harmless only in company: what counts is how many stand in a row.
    _harmless.update(
        one for one in unknown if unicodedata.category(one)[0] != "M" and not check_text(one)
    )
    return ""
