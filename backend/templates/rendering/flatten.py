"""Templates that are text with places in it, rendered without Liquid: one copy, one join."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.arguments import KeywordArgument
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.primitive import IntegerLiteral, StringLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.builtin.tags.doc_tag import DocNode
from liquid.exceptions import LocalNamespaceLimitError
from liquid.stringify import to_liquid_string

from backend.templates.rendering.brackets import Attribute, AttributeTextNode
from backend.templates.rendering.environment import ENVIRONMENT
from backend.templates.rendering.filters import FLATTENABLE_FILTERS
from backend.templates.rendering.limits import VALUE_LIMIT_CHARS

_Step = Callable[[Any], Any]


def is_flat(nodes: Sequence[Node]) -> bool:
    return all(_is_flat_node(node) for node in nodes)


def _is_flat_node(node: Node) -> bool:
    if isinstance(node, ContentNode | AttributeTextNode | CommentNode | DocNode):
        return True
    if not isinstance(node, OutputNode) or not isinstance(node.expression, FilteredExpression):
        return False
    left = node.expression.left
    filters = node.expression.filters or []
    if isinstance(left, StringLiteral):
        return not filters
    return (
        isinstance(left, Path)
        and len(left.path) == 1
        and isinstance(left.path[0], str)
        and all(_is_flat_filter(one) for one in filters)
    )


def _is_flat_filter(one: Filter) -> bool:
    return one.name in FLATTENABLE_FILTERS and all(
        isinstance(argument.value, StringLiteral | IntegerLiteral)
        and not isinstance(argument, KeywordArgument)
        for argument in one.args
    )


class FlatProgram:
    """Literal texts in a list, and the indexes at which values belong."""

    __slots__ = ("_attributes", "_filtered", "_parts", "_properties")

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._parts: list[Any] = []
        self._properties: list[tuple[int, str]] = []
        self._attributes: list[tuple[int, str]] = []
        self._filtered: list[tuple[int, str, bool, list[_Step]]] = []
        for node in nodes:
            if isinstance(node, ContentNode):
                self._add_text(node.text)
            elif isinstance(node, AttributeTextNode):
                for part in node.parts:
                    if isinstance(part, Attribute):
                        self._attributes.append((self._add_place(), part.key))
                    else:
                        self._add_text(part)
            elif isinstance(node, OutputNode):
                assert isinstance(node.expression, FilteredExpression)
                self._add_output(node.expression)

    def render(self, properties: Mapping[str, Any], attributes: Mapping[str, Any]) -> str:
        """`KeyError` names a value that is missing."""
        parts = self._parts.copy()
        for index, name in self._properties:
            parts[index] = properties[name]
        for index, key in self._attributes:
            parts[index] = attributes[key]
        for index, name, optional, steps in self._filtered:
            value = properties.get(name, "") if optional else properties[name]
            if isinstance(value, str) and len(value) > VALUE_LIMIT_CHARS:
                raise ValueTooLong(name)
            for step in steps:
                value = step(value)
            parts[index] = value
        try:
            return "".join(parts)
        except TypeError:  # a value that is no text: the caller's numbers and nulls
            return "".join([to_liquid_string(part, autoescape=False) for part in parts])

    def _add_output(self, expression: FilteredExpression) -> None:
        left = expression.left
        if isinstance(left, StringLiteral):
            self._add_text(left.value)
            return
        assert isinstance(left, Path)
        name = str(left.path[0])
        filters = expression.filters or []
        if not filters:
            self._properties.append((self._add_place(), name))
            return
        steps = [_step(one) for one in filters]
        # An absent value and an empty one mean the same to `default`.
        self._filtered.append((self._add_place(), name, filters[0].name == "default", steps))

    def _add_text(self, text: str) -> None:
        if self._parts and isinstance(self._parts[-1], str) and self._parts[-1]:
            self._parts[-1] += text
        elif text:
            self._parts.append(text)

    def _add_place(self) -> int:
        self._parts.append("")
        return len(self._parts) - 1


class ValueTooLong(LocalNamespaceLimitError):
    """Longer than a whole message may be: no filter looks at it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the value of “{name}” is too long", token=None)


def _step(one: Filter) -> _Step:
    """The environment's own function with its literal arguments: the same bytes by construction."""
    function = ENVIRONMENT.filters[one.name]
    literals = [argument.value for argument in one.args]
    arguments = [
        literal.value for literal in literals if isinstance(literal, StringLiteral | IntegerLiteral)
    ]
    assert len(arguments) == len(literals)
    return partial(_apply, function, arguments) if arguments else function


def _apply(function: Callable[..., Any], arguments: list[Any], value: object) -> object:
    return function(value, *arguments)
