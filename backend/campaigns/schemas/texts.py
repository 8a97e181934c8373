"""What a text costs and holds, for the composer: the same answer as quote and sending give."""

from backend.kernel.errors import FieldError
from backend.kernel.views import View


class OffendingView(View, kw_only=True, frozen=True):
    """A character that forces UCS-2, at a code point of the named part's source."""

    part: str
    position: int
    character: str
    suggestion: str | None


class LinkView(View, kw_only=True, frozen=True):
    """`start` and `end` count code points of the shown text."""

    start: int
    end: int
    text: str
    host: str
    flags: list[str]


class TextView(View, kw_only=True, frozen=True):
    """`text` is the whole message with its places still written as names, so `units` and
    `segments` are an estimate where `is_fixed` is false; a quote counts real recipients.
    """

    text: str
    is_fixed: bool
    encoding: str
    units: int
    units_left: int
    segments: int
    gsm7_segments: int | None
    """With every suggested replacement made; null where nothing would change."""
    offending: list[OffendingView]
    links: list[LinkView]
    properties: list[str]
    attributes: list[str]
    problems: list[FieldError]
    """What a quote will refuse."""
    warnings: list[FieldError]
