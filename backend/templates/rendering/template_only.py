"""What a trial tenant, or one without a verified number, may send (DESIGN §3.2): approved words.

Header and footer are the template's, values are short and plain, and at least half of the longest
text is the template's own. Who falls under the rule is decided elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from liquid.ast import BlockNode, ConditionalBlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import StringLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.builtin.tags.doc_tag import DocNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode

from backend.kernel.errors import Forbidden
from backend.templates.rendering.brackets import Attribute, AttributeTextNode
from backend.templates.rendering.compose import CompiledMessage
from backend.templates.rendering.limits import PLAIN_VALUE_LIMIT_CHARS

LEAST_FIXED_RATIO = 0.5

# How many characters one of a value may become: ΐ in capitals is three, an emoji in a URL twelve.
_GROWTH = {"upcase": 3, "capitalize": 3, "downcase": 3, "url_encode": 12}
# Filters whose result is text made of their value and their literal arguments.
_TEXT_FILTERS = frozenset(
    {*_GROWTH, "default", "strip", "lstrip", "rstrip", "truncate", "truncatewords"}
)


class MessageParts(msgspec.Struct, frozen=True):
    """Sources, as approved or as asked for; an absent part is empty."""

    body: str
    header: str = ""
    footer: str = ""


class _Bounds(msgspec.Struct, frozen=True):
    """Characters: the template's own in every rendering, and at most from values in any."""

    fixed: int = 0
    variable: int = 0


class _Unprovable(Exception):  # a way out of the walk, not an error
    """Loops and captured texts: how much of them is the template's own cannot be said."""


def fixed_text_ratio(message: CompiledMessage) -> float:
    """The template's share of its longest rendering, at worst; 0 where it cannot be said."""
    fixed = variable = 0
    try:
        for part in message.parts:
            bounds = _sum(part.template.nodes)
            fixed += bounds.fixed
            variable += bounds.variable
    except _Unprovable:
        return 0.0
    return fixed / (fixed + variable) if fixed else 0.0


def is_plain_line(value: str, is_plain_value: Callable[[str], bool]) -> bool:
    """One line of ≤ 60 characters; `is_plain_value` knows links and phone numbers."""
    return (
        len(value) <= PLAIN_VALUE_LIMIT_CHARS
        and value.splitlines() in ([], [value])
        and is_plain_value(value)
    )


def find_unplain_value(
    message: CompiledMessage,
    properties: Mapping[str, str],
    attributes: Mapping[str, str],
    is_plain_value: Callable[[str], bool],
) -> str | None:
    """`property:NAME` or `attribute:NAME` of the first value that is more than plain words.

    Only what the message uses: a long note about a subscriber harms nothing that does not show it.
    """
    values = [
        *(
            (f"property:{name}", properties[name])
            for name in sorted(message.properties & properties.keys())
        ),
        *(
            (f"attribute:{written}", attributes[key])
            for key, written in sorted(message.attributes.items())
            if key in attributes
        ),
    ]
    return next(
        (part for part, value in values if not is_plain_line(value, is_plain_value)),
        None,
    )


def check_template_only(
    *,
    approved: MessageParts,
    wanted: MessageParts,
    message: CompiledMessage,
    properties: Mapping[str, str],
    attributes: Mapping[str, str],
    is_plain_value: Callable[[str], bool],
) -> None:
    """403 `template_only`; its fact `part` says which part went beyond the approved template.

    `message` is `approved`, compiled. An empty header or footer in `wanted` asks for none, which
    is a change too: a footer may be what the law wants said.
    """
    part = _changed_part(approved, wanted)
    if part is None and fixed_text_ratio(message) < LEAST_FIXED_RATIO:
        part = "fixed_text"
    if part is None:
        part = find_unplain_value(message, properties, attributes, is_plain_value)
    if part is not None:
        raise Forbidden(
            "template_only", f"only an approved template may be sent, unchanged: {part}", part=part
        )


def _changed_part(approved: MessageParts, wanted: MessageParts) -> str | None:
    if wanted.header != approved.header:
        return "header"
    if wanted.footer != approved.footer:
        return "footer"
    return "message" if wanted.body != approved.body else None


def _sum(nodes: Sequence[Node]) -> _Bounds:
    every = [_bounds(node) for node in nodes]
    return _Bounds(sum(one.fixed for one in every), sum(one.variable for one in every))


def _bounds(node: Node) -> _Bounds:
    if isinstance(node, ContentNode):
        return _Bounds(fixed=len(node.text))
    if isinstance(node, AttributeTextNode):
        places = sum(isinstance(part, Attribute) for part in node.parts)
        written = sum(len(part) for part in node.parts if isinstance(part, str))
        return _Bounds(written, places * PLAIN_VALUE_LIMIT_CHARS)
    if isinstance(node, OutputNode) and isinstance(node.expression, FilteredExpression):
        return _output_bounds(node.expression)
    if isinstance(node, CommentNode | DocNode):
        return _Bounds()
    if isinstance(node, BlockNode):
        return _sum(node.nodes)
    if isinstance(node, ConditionalBlockNode):
        return _bounds(node.block)
    if isinstance(node, IfNode | UnlessNode):
        branches = [node.consequence, *node.alternatives]
        every = [_bounds(branch) for branch in branches]
        every.append(_bounds(node.default) if node.default else _Bounds())
        return _Bounds(min(one.fixed for one in every), max(one.variable for one in every))
    raise _Unprovable


def _output_bounds(expression: FilteredExpression) -> _Bounds:
    filters = expression.filters or []
    if isinstance(expression.left, StringLiteral) and not filters:
        return _Bounds(fixed=len(expression.left.value))
    longest = PLAIN_VALUE_LIMIT_CHARS
    for one in filters:
        if one.name not in _TEXT_FILTERS:
            raise _Unprovable
        longest *= _GROWTH.get(one.name, 1)
        for argument in one.args:
            if isinstance(argument.value, StringLiteral):
                longest += len(argument.value.value)
            elif not hasattr(argument.value, "value"):
                raise _Unprovable
    return _Bounds(variable=longest)
