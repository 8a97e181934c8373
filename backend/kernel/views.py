"""What crosses HTTP: `Input` comes in, `View` and `Page` go out; tables never do.

msgspec does not pass `kw_only` on: a subclass whose optional fields stand before required ones
says `class X(Input, kw_only=True)` itself. Everything else is inherited.
"""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Input(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A request body. Unknown fields are refused, so nobody can assign what is not offered."""


class View(msgspec.Struct, kw_only=True, frozen=True):
    """An answer. `msgspec.Meta(examples=[…])` on a field shows in the OpenAPI document."""


class Page(View, Generic[T], kw_only=True, frozen=True):
    """One page by key; `next_cursor` goes back as `cursor`, and is null on the last page."""

    items: list[T]
    next_cursor: str | None = None
