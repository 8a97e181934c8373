"""What a trial tenant, or one without a verified number, may send (DESIGN §3.2): approved words.

Header and footer are the template's, values are short and plain, and at least half of the longest
text is the template's own. Who falls under the rule is decided elsewhere.
"""

from collections.abc import Mapping, Sequence

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
from backend.sms.plain_values import MAX_PLAIN_VALUE_CHARACTERS, is_plain_value
from backend.templates.rendering.brackets import Attribute, AttributeTextNode
from backend.templates.rendering.compose import CompiledMessage

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


def find_unplain_value(
    message: CompiledMessage,
    properties: Mapping[str, str],
    attributes: Mapping[str, str],
) -> tuple[str, str] | None:
    """`property:NAME` or `attribute:NAME` of the first value that is not plain, and the reason.

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
    for part, value in values:
        reason = is_plain_value(value)
        if reason is not None:
            return part, reason
    return None


def check_template_only(
    *,
    approved: MessageParts,
    wanted: MessageParts,
    message: CompiledMessage,
    properties: Mapping[str, str],
    attributes: Mapping[str, str],
) -> None:
    """403 `template_only`; `part` says what went beyond the approved template, `reason` how.

    `message` is `approved`, compiled. An empty header or footer in `wanted` asks for none, which
    is a change too: a footer may be what the law wants said.
    """
    changed = _changed_part(approved, wanted)
    if changed is not None:
        raise _refusal(changed, "differs_from_template")
    if fixed_text_ratio(message) < LEAST_FIXED_RATIO:
        raise _refusal("fixed_text", "too_little_fixed_text")
    unplain = find_unplain_value(message, properties, attributes)
    if unplain is not None:
        raise _refusal(*unplain)


def _refusal(part: str, reason: str) -> Forbidden:
    detail = f"only an approved template may be sent, with plain values: {part} ({reason})"
    return Forbidden("template_only", detail, part=part, reason=reason)


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
        return _Bounds(written, places * MAX_PLAIN_VALUE_CHARACTERS)
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
    longest = MAX_PLAIN_VALUE_CHARACTERS
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
