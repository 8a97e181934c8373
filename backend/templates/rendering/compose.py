"""A message is header, newline, body, space, footer; an empty part takes its separator with it."""

from collections.abc import Mapping
from typing import Any

from backend.templates.rendering.compile import Compiled, compile_template
from backend.templates.rendering.limits import MESSAGE_LIMIT_CHARS
from backend.templates.rendering.problems import ProblemCode, RenderProblem


def compose(header: str, body: str, footer: str) -> str:
    below = f"{body} {footer}" if body and footer else body or footer
    return f"{header}\n{below}" if header and below else header or below


class CompiledMessage:
    """The three parts of a message, each its own template: none can open what another closes."""

    __slots__ = ("_is_framed", "_prefix", "_suffix", "body", "footer", "header")

    def __init__(self, header: Compiled, body: Compiled, footer: Compiled) -> None:
        self.header = header
        self.body = body
        self.footer = footer
        # Nearly every header and footer is the same for all: two additions instead of two renders.
        before, after = header.render({}, {}), footer.render({}, {})
        self._is_framed = (
            header.is_fixed
            and footer.is_fixed
            and isinstance(before, str)
            and isinstance(after, str)
        )
        self._prefix = f"{before}\n" if self._is_framed and before else ""
        self._suffix = f" {after}" if self._is_framed and after else ""

    @property
    def parts(self) -> tuple[Compiled, Compiled, Compiled]:
        return self.header, self.body, self.footer

    @property
    def properties(self) -> frozenset[str]:
        return frozenset().union(*(part.analysis.properties for part in self.parts))

    @property
    def required(self) -> frozenset[str]:
        """Properties every recipient needs (S3-18)."""
        return frozenset().union(*(part.analysis.required for part in self.parts))

    @property
    def attributes(self) -> dict[str, str]:
        """Lookup key → the name as written."""
        header, body, footer = (part.analysis.attributes for part in self.parts)
        return header | body | footer

    def render(
        self, properties: Mapping[str, Any], attributes: Mapping[str, Any]
    ) -> str | RenderProblem:
        """The whole text for one recipient: what is counted, priced, checked and sent."""
        body = self.body.render(properties, attributes)
        if not isinstance(body, str):
            return self._with_all_missing(body, properties, attributes)
        if self._is_framed:
            text = self._prefix + body + self._suffix
        else:
            header = self.header.render(properties, attributes)
            if not isinstance(header, str):
                return self._with_all_missing(header, properties, attributes)
            footer = self.footer.render(properties, attributes)
            if not isinstance(footer, str):
                return footer
            text = compose(header, body, footer)
        # A header and footer around nothing are no message.
        if not body or body.isspace():
            return RenderProblem(ProblemCode.MESSAGE_EMPTY)
        if len(text) > MESSAGE_LIMIT_CHARS:
            return RenderProblem(ProblemCode.MESSAGE_TOO_LONG)
        return text

    def _with_all_missing(
        self,
        problem: RenderProblem,
        properties: Mapping[str, Any],
        attributes: Mapping[str, Any],
    ) -> RenderProblem:
        """A row that lacks values in several parts is told all of them at once."""
        if problem.code != ProblemCode.MISSING_PROPERTY:
            return problem
        wanted = self.attributes
        names = self.required - properties.keys()
        keys = wanted.keys() - attributes.keys()
        return RenderProblem(
            problem.code,
            properties=tuple(sorted(names | set(problem.properties))),
            attributes=tuple(sorted(wanted[key] for key in keys)),
        )


def compile_message(
    *,
    body: str,
    header: str = "",
    footer: str = "",
    pointers: tuple[str, str, str] = ("/header", "/message", "/footer"),
) -> CompiledMessage:
    """Refuses with `InvalidInput` at the pointer of the part that is wrong."""
    sources = (header, body, footer)
    return CompiledMessage(
        *(
            compile_template(source, pointer)
            for source, pointer in zip(sources, pointers, strict=True)
        )
    )
