"""The Liquid a tenant may write: the language without its files, clock, HTML and costs."""

from collections.abc import Mapping
from io import StringIO
from typing import NoReturn, TextIO

import liquid
from liquid.builtin.illegal import Illegal
from liquid.exceptions import (
    BlockNestingError,
    LiquidError,
    LiquidSyntaxError,
    LocalNamespaceLimitError,
    OutputStreamLimitError,
)
from liquid.output import LimitedStringIO
from liquid.stream import TokenStream
from liquid.token import TOKEN_TAG, Token
from liquid.undefined import StrictDefaultUndefined
from liquid.utils import ReadOnlyChainMap

from backend.templates.rendering import filters, limits
from backend.templates.rendering.brackets import AttributeText, RecipientContext
from backend.templates.rendering.delimiters import check_delimiters
from backend.templates.rendering.refusals import refuse

ALLOWED_TAGS = frozenset(
    {
        *("if", "unless", "case", "for", "break", "continue", "cycle"),
        *("assign", "capture", "comment", "doc", "raw", "#"),
    }
)
# Pseudo-tags for text, output and errors: without them nothing parses.
_INTERNAL_TAGS = frozenset({"content", "output", "illegal"})
# Parts of allowed tags: out of place they are a syntax error, not a tag we refuse.
_PARTS_OF_TAGS = frozenset(
    {
        *("else", "elsif", "when", "raw", "doc"),
        *("endif", "endunless", "endcase", "endfor", "endcapture", "endcomment", "enddoc"),
        "endraw",
    }
)


class TagNotAllowed(LiquidSyntaxError):
    """A tag outside the list, known to Liquid or not."""


class _RefusedTag(Illegal):
    def parse(self, stream: TokenStream) -> liquid.ast.IllegalNode:
        token = stream.expect(TOKEN_TAG)
        if token.value in _PARTS_OF_TAGS:
            raise LiquidSyntaxError(f"“{token.value}” stands out of place", token=token)
        raise TagNotAllowed(f"the tag “{token.value}” is not allowed", token=token)


class _CaptureBuffer(LimitedStringIO):
    """A capture that outgrows the limit is an expensive template, not a long message."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OutputStreamLimitError as error:
            raise LocalNamespaceLimitError("a captured text grew too long", token=None) from error


class _Context(RecipientContext):
    __slots__ = ()

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:  # noqa: ARG002  # Liquid's name
        return _CaptureBuffer(limits.OUTPUT_LIMIT_BYTES, newline="")


class SmsEnvironment(liquid.Environment):
    block_nesting_limit = limits.BLOCK_NESTING_LIMIT_LEVELS
    context_depth_limit = limits.CONTEXT_LIMIT_SCOPES
    loop_iteration_limit = limits.LOOP_LIMIT_STEPS
    local_namespace_limit = limits.LOCALS_LIMIT_BYTES
    output_stream_limit = limits.OUTPUT_LIMIT_BYTES

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        self.tags = {
            name: tag
            for name, tag in self.tags.items()
            if name in ALLOWED_TAGS or name in _INTERNAL_TAGS
        }
        self.add_tag(AttributeText)
        self.add_tag(_RefusedTag)
        self.filters = filters.allow(self.filters)


ENVIRONMENT = SmsEnvironment(undefined=StrictDefaultUndefined, strict_filters=True)


def render_nodes(
    template: liquid.BoundTemplate, properties: dict[str, object], attributes: Mapping[str, object]
) -> str:
    """The whole of Liquid over one recipient; raises what Liquid raises.

    `newline=""` because StringIO would otherwise turn CRLF into LF, piece by piece.
    """
    context = _Context(template, globals=properties)
    context.scope = ReadOnlyChainMap(context.locals, context.globals, context.counters)
    context.attributes = attributes
    buffer = LimitedStringIO(limits.OUTPUT_LIMIT_BYTES, newline="")
    template.render_with_context(context, buffer)
    return buffer.getvalue()


def parse(source: str, pointer: str) -> liquid.BoundTemplate:
    """The parsed template, or `InvalidInput` with the place of its first problem."""
    if len(source) > limits.TEMPLATE_LIMIT_CHARS:
        refuse(
            pointer,
            "template_too_long",
            f"a template is at most {limits.TEMPLATE_LIMIT_CHARS:,} characters",
        )
    check_delimiters(source, pointer)
    try:
        return ENVIRONMENT.from_string(source)
    except BlockNestingError as error:
        _refuse_nesting(pointer, source, error.token)
    except TagNotAllowed as error:
        refuse(pointer, "tag_not_allowed", str(error.message), source, _index(error.token))
    except LiquidError as error:
        # Liquid wraps whatever it did not expect, a RecursionError among it.
        if isinstance(error.__cause__, RecursionError):
            _refuse_nesting(pointer, source, error.token)
        message = str(error.message) if isinstance(error, LiquidSyntaxError) else "not readable"
        refuse(pointer, "template_syntax", message, source, _index(error.token))


def _refuse_nesting(pointer: str, source: str, token: Token | None) -> NoReturn:
    refuse(
        pointer,
        "template_nesting",
        f"blocks nest at most {limits.BLOCK_NESTING_LIMIT_LEVELS} deep",
        source,
        _index(token),
    )


def _index(token: Token | None) -> int:
    return token.start_index if token is not None else -1
