"""Base shapes of what comes in and what goes out."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Input(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A request body. Unknown fields are refused: a misspelt field must not be ignored silently."""


class View(msgspec.Struct, kw_only=True, frozen=True):
    """What leaves through HTTP. A Table never does."""


class Page(msgspec.Struct, Generic[T], kw_only=True, frozen=True):
    """A keyset page: pass `next_cursor` back as `cursor`; null on the last page."""

    items: list[T]
    next_cursor: str | None = None
