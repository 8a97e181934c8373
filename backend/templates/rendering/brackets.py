r"""Subscriber attributes, written `[first name]` in the text of a template (not Liquid).

They are found once, in the literal text of the parsed template, and become places of the program.
Inserted values are never looked at again, so neither a property that says `[first name]` nor an
attribute that says `{{ code }}` is ever interpreted. `\[` writes a bracket that is only a bracket.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import TextIO

import msgspec
from liquid import Token
from liquid.ast import Node
from liquid.builtin.content import ContentNode, Literal
from liquid.context import RenderContext
from liquid.stream import TokenStream
from liquid.stringify import to_liquid_string
from liquid.token import TOKEN_CONTENT

_BRACKETS = re.compile(r"\\\[|\[([^\[\]\r\n]+)\]")


class Attribute(msgspec.Struct, frozen=True):
    """A place for a subscriber's attribute: `key` finds the value, `written` is for messages."""

    key: str
    written: str


def attribute_key(name: str) -> str:
    """The one spelling under which values are looked up: `First  Name` and `first name` agree."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def split_text(text: str) -> list[str | Attribute]:
    """Literal text and attributes in order; `[]` and `[ ]` name nothing and stay text."""
    if "[" not in text:
        return [text]
    parts: list[str | Attribute] = []
    literal: list[str] = []
    position = 0
    for match in _BRACKETS.finditer(text):
        literal.append(text[position : match.start()])
        position = match.end()
        name = match[1]
        if name is None:
            literal.append("[")
        elif name.isspace():
            literal.append(match[0])
        else:
            parts += ["".join(literal), Attribute(attribute_key(name), name)]
            literal.clear()
    parts.append("".join([*literal, text[position:]]))
    return [part for part in parts if part != ""]


class RecipientContext(RenderContext):
    """A render's scope: what the recipient brings, and nothing of the server.

    Liquid's built-in `now` and `today` are left out: the text a moderator approved must not change
    with the hour at which it is rendered.
    """

    __slots__ = ("attributes",)
    attributes: Mapping[str, object]


class AttributeTextNode(Node):
    """Literal text with at least one attribute in it."""

    __slots__ = ("parts",)

    def __init__(self, token: Token, parts: list[str | Attribute]) -> None:
        super().__init__(token)
        self.parts = parts
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, RecipientContext)
        text = [
            part
            if isinstance(part, str)
            else to_liquid_string(context.attributes[part.key], autoescape=False)
            for part in self.parts
        ]
        return buffer.write("".join(text))


class AttributeText(Literal):
    """The pseudo-tag for literal text: splits it where Liquid would keep it whole."""

    def parse(self, stream: TokenStream) -> ContentNode | AttributeTextNode:  # type: ignore[override]  # the base names its own node class; callers need any Node
        token = stream.expect(TOKEN_CONTENT)
        # `{% raw %}` arrives as text whose token starts at the tag: it stays as it is written.
        if token.source.startswith("{%", token.start_index):
            return ContentNode(token, token.value)
        parts = split_text(token.value)
        if any(isinstance(part, Attribute) for part in parts):
            return AttributeTextNode(token, parts)
        return ContentNode(token, "".join(part for part in parts if isinstance(part, str)))
