"""What a template needs and costs, read from its tree before anything is rendered."""

from collections.abc import Iterable, Iterator, Set as AbstractSet
from typing import NoReturn

import liquid
import msgspec
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, LoopExpression, Path
from liquid.builtin.expressions.arguments import KeywordArgument
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.builtin.tags.for_tag import BreakNode, ContinueNode, ForNode
from liquid.context import RenderContext
from liquid.expression import Expression

from backend.kernel.errors import FieldError, InvalidInput
from backend.templates.rendering import limits
from backend.templates.rendering.brackets import Attribute, AttributeTextNode, attribute_key
from backend.templates.rendering.environment import parse
from backend.templates.rendering.filters import ALLOWED_FILTERS
from backend.templates.rendering.flatten import is_flat
from backend.templates.rendering.refusals import refuse

# Everything a template can loop over but a range: a text (once) or Liquid's own loop variables.
_OTHER_LOOP_STEPS = 10


class Analysis(msgspec.Struct, frozen=True):
    """`properties` holds every name used; those in `has_default_for` may be left out."""

    properties: frozenset[str]
    attributes: dict[str, str]
    """Lookup key (`attribute_key`) → the name as the template first writes it."""
    is_flat: bool
    tags: frozenset[str]
    filters: frozenset[str]
    has_default_for: frozenset[str]
    operations: int

    @property
    def required(self) -> frozenset[str]:
        return self.properties - self.has_default_for


def analyse(source: str, pointer: str = "/message") -> Analysis:
    """Refuses with `InvalidInput` (code, line, column) what cannot be rendered in bounded time."""
    return analyse_parsed(parse(source, pointer), source, pointer)


def check_attributes(
    analysis: Analysis, known_names: Iterable[str], pointer: str = "/message"
) -> None:
    """Every `[name]` must be an attribute the tenant has: anything else is a slip of the pen."""
    known = {attribute_key(name) for name in known_names}
    unknown = [written for key, written in sorted(analysis.attributes.items()) if key not in known]
    if not unknown:
        return
    errors = [
        FieldError(
            pointer,
            "unknown_attribute",
            f"there is no attribute “{name}”; write \\[{name}] for the brackets themselves",
        )
        for name in unknown
    ]
    raise InvalidInput("unknown_attribute", errors[0].message, errors=errors, names=unknown)


def check_properties(
    analysis: Analysis, given: AbstractSet[str], pointer: str = "/properties"
) -> None:
    """For one recipient's properties (S3-18): each one used is given, unless it has a default."""
    missing = sorted(analysis.required - given)
    if missing:
        errors = [
            FieldError(f"{pointer}/{_escape(name)}", "missing_property", f"“{name}” is not given")
            for name in missing
        ]
        raise InvalidInput("missing_property", errors[0].message, errors=errors, names=missing)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def analyse_parsed(template: liquid.BoundTemplate, source: str, pointer: str) -> Analysis:
    try:
        survey = _Survey(template, source, pointer)
        for node in template.nodes:
            survey.visit(node, steps=1, loops=0)
        found = template.analyze()
    except RecursionError:
        refuse(pointer, "template_nesting", "expressions nest too deep")
    if len(found.locals) > limits.LOCALS_LIMIT_NAMES:
        message = f"a template assigns at most {limits.LOCALS_LIMIT_NAMES} names"
        refuse(pointer, "template_too_expensive", message)
    for name, uses in found.globals.items():
        for use in uses:
            # Properties are plain texts: `.size` is all there is inside one.
            if len(use.segments) > 1 and use.segments[1:] != ["size"]:
                message = f"“{name}” is a plain text; it has no “{use.segments[1]}”"
                refuse(pointer, "property_path", message, source, use.span.index)
    return Analysis(
        properties=frozenset(found.globals),
        attributes=survey.attributes,
        is_flat=is_flat(template.nodes),
        tags=frozenset(found.tags),
        filters=frozenset(found.filters),
        has_default_for=frozenset(
            name
            for name, uses in found.globals.items()
            if all(use.span.index in survey.defaulted for use in uses)
        ),
        operations=survey.operations,
    )


class _Survey:
    """One walk over the tree; carries what every step needs to refuse with its place."""

    def __init__(self, template: liquid.BoundTemplate, source: str, pointer: str) -> None:
        self._static_context = RenderContext(template)
        self._source = source
        self._pointer = pointer
        self.attributes: dict[str, str] = {}
        self.defaulted: set[int] = set()
        self.operations = 0

    def visit(self, node: Node, *, steps: int, loops: int) -> None:
        self._spend(steps, node.token.start_index)
        if isinstance(node, AttributeTextNode):
            for part in node.parts:
                if isinstance(part, Attribute):
                    self.attributes.setdefault(part.key, part.written)
        if isinstance(node, BreakNode | ContinueNode) and not loops:
            self._refuse("template_syntax", f"“{node.token.value}” stands outside a loop", node)
        for expression in node.expressions():
            self._expression(expression, steps, 0)
        if isinstance(node, ForNode):
            loops += 1
            steps *= self._loop_steps(node.expression)
            if loops > limits.LOOP_NESTING_LIMIT_LEVELS:
                message = f"loops nest at most {limits.LOOP_NESTING_LIMIT_LEVELS} deep"
                self._refuse("template_nesting", message, node)
            if steps > limits.LOOP_LIMIT_STEPS:
                message = f"loops run at most {limits.LOOP_LIMIT_STEPS} steps together"
                self._refuse("template_too_expensive", message, node)
        for child in node.children(self._static_context):
            self.visit(child, steps=steps, loops=loops)

    def _expression(self, expression: Expression, steps: int, depth: int) -> None:
        self._spend(steps, expression.token.start_index)
        if depth > limits.EXPRESSION_NESTING_LIMIT_LEVELS:
            message = f"expressions nest at most {limits.EXPRESSION_NESTING_LIMIT_LEVELS} deep"
            self._refuse("template_nesting", message, expression)
        if isinstance(expression, RangeLiteral):
            message = "a range stands only after “in” of a loop, with a number on both sides"
            self._refuse("template_too_expensive", message, expression)
        if isinstance(expression, Path) and any(isinstance(part, Path) for part in expression.path):
            self._refuse("property_path", "a name cannot come out of another value", expression)
        if isinstance(expression, FilteredExpression):
            self._filters(expression, steps)
        for child in _children(expression):
            self._expression(child, steps, depth + 1)

    def _filters(self, expression: FilteredExpression, steps: int) -> None:
        applied = expression.filters or []
        if applied and applied[0].name == "default" and isinstance(expression.left, Path):
            self.defaulted.add(expression.left.token.start_index)
        for one in applied:
            self._spend(steps * limits.FILTER_COST_STEPS, one.token.start_index)
            rule = ALLOWED_FILTERS.get(one.name)
            if rule is None:
                self._refuse("filter_not_allowed", f"the filter “{one.name}” is not allowed", one)
            keywords = [arg.name for arg in one.args if isinstance(arg, KeywordArgument)]
            positional = len(one.args) - len(keywords)
            if not rule.least <= positional <= rule.most or set(keywords) - rule.keywords:
                message = f"the filter “{one.name}” does not take these arguments"
                self._refuse("filter_arguments", message, one)

    def _loop_steps(self, loop: LoopExpression) -> int:
        if not isinstance(loop.iterable, RangeLiteral):
            return _OTHER_LOOP_STEPS
        start, stop = loop.iterable.start, loop.iterable.stop
        if not (isinstance(start, IntegerLiteral) and isinstance(stop, IntegerLiteral)):
            message = "a range has a number on both sides"
            self._refuse("template_too_expensive", message, loop.iterable)
        steps = max(stop.value - start.value + 1, 0)
        if steps > limits.RANGE_LIMIT_STEPS:
            message = f"a range is at most {limits.RANGE_LIMIT_STEPS:,} steps"
            self._refuse("template_too_expensive", message, loop.iterable)
        if isinstance(loop.limit, IntegerLiteral) and loop.limit.value > 0:
            return min(steps, loop.limit.value)
        return steps

    def _spend(self, steps: int, index: int) -> None:
        self.operations += steps
        if self.operations > limits.OPERATION_LIMIT_STEPS:
            message = f"a template takes at most {limits.OPERATION_LIMIT_STEPS:,} steps"
            refuse(self._pointer, "template_too_expensive", message, self._source, index)

    def _refuse(self, code: str, message: str, at: Node | Expression | Filter) -> NoReturn:
        refuse(self._pointer, code, message, self._source, at.token.start_index)


def _children(expression: Expression) -> Iterator[Expression]:
    """A loop's range was judged as a loop; anywhere else a range is refused."""
    for child in expression.children():
        if isinstance(expression, LoopExpression) and isinstance(child, RangeLiteral):
            yield from child.children()
        else:
            yield child
