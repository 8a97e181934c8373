"""Base shapes of what comes in and what goes out."""

from datetime import datetime
from typing import Annotated, Final, Generic, TypeVar

import msgspec

T = TypeVar("T")
EXPIRY_DAYS_MAX: Final = 3660
"""Ten years: what is given for longer is given without an end."""

# A moment without its zone means another one in every zone; it is refused, not guessed.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
RowVersion = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""The version that was read, as wide as its column."""


class Input(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A request body. Unknown fields are refused: a misspelt field must not be ignored silently."""


class View(msgspec.Struct, kw_only=True, frozen=True):
    """What leaves through HTTP. A Table never does."""


class Page(msgspec.Struct, Generic[T], kw_only=True, frozen=True):
    """A keyset page: pass `next_cursor` back as `cursor`; null on the last page."""

    items: list[T]
    next_cursor: str | None = None
