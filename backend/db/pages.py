"""Keyset pages: a cursor is the sort key of the last row, opaque to the client."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from backend.db.scope import Scope
from backend.kernel.errors import invalid_field

PAGE_ROWS_DEFAULT = 50
PAGE_ROWS_MAX = 200
BIGINT_MAX = 2**63 - 1
T = TypeVar("T")


def check_limit(limit: int) -> int:
    """Raises InvalidInput `invalid_parameter` outside 1…PAGE_ROWS_MAX."""
    if not 1 <= limit <= PAGE_ROWS_MAX:
        raise invalid_field(
            "/query/limit", "invalid_parameter", f"1 to {PAGE_ROWS_MAX}", allowed_max=PAGE_ROWS_MAX
        )
    return limit


async def read_in_order(scope: Scope) -> None:
    """Until this transaction ends, what an index holds in order is read from it in order. A list
    thought to be short would be read whole and sorted otherwise, for each page. A statement that is
    planned under it once for all stays so on its connection: what else is asked here is so as well.
    """
    await scope.execute("SET LOCAL enable_sort = off")


def encode_cursor(*keys: object) -> str:
    text = "\x1f".join(str(key) for key in keys)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def row_number(text: str) -> int:
    """A kind of cursor key: an integer that a column can hold. Raises ValueError."""
    found = int(text)
    if abs(found) > BIGINT_MAX:
        raise ValueError("wider than bigint")
    return found


def decode_cursor(cursor: str, *kinds: Callable[[str], T]) -> tuple[T, ...]:
    """The keys back, each through its kind (`UUID`, `row_number`, a text)."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        parts = text.replace("\x00", "").split("\x1f")  # Postgres stores no U+0000
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, binascii.Error, UnicodeDecodeError) as error:
        message = "not a cursor of this list"
        raise invalid_field("/query/cursor", "invalid_parameter", message) from error


def cursor_id(cursor: str | None) -> UUID | None:
    """The usual cursor: the id of the last row."""
    return decode_cursor(cursor, UUID)[0] if cursor else None


def next_cursor(rows: Sequence[Any], limit: int, *columns: str) -> str | None:
    """The cursor after `rows` (fetched with LIMIT limit), null when they were the last."""
    if len(rows) < limit:
        return None
    return encode_cursor(*(rows[-1][column] for column in columns))
