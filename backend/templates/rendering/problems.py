"""Why one recipient's text cannot be rendered: a value, not an exception.

A problem belongs to a row, and a page holds a thousand of them; the caller excludes and goes on.
"""

from enum import StrEnum

import msgspec


class ProblemCode(StrEnum):
    MISSING_PROPERTY = "missing_property"
    MESSAGE_EMPTY = "message_empty"
    MESSAGE_TOO_LONG = "message_too_long"
    TEMPLATE_TOO_EXPENSIVE = "template_too_expensive"
    VALUE_UNUSABLE = "value_unusable"
    """The template does with this value what cannot be done: `"abc" < 5`."""


class RenderProblem(msgspec.Struct, frozen=True):
    """Names are what the template calls the values it could not have."""

    code: ProblemCode
    properties: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    detail: str = ""
