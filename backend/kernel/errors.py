"""Every error the product can answer with, as facts; HTTP appears only in `api/problems.py`.

ClearsendError
├── InvalidInput      the request is wrong; `errors` point at the fields       (422)
├── MalformedInput    the bytes cannot be read as what they claim to be       (400)
├── Unauthenticated   nobody, or no longer anybody                            (401)
├── Forbidden         somebody, but not allowed                               (403)
├── NotFound          absent, or another tenant's: the same answer            (404)
├── Conflict          the state of things refuses it                          (409)
│   └── StateConflict a lost compare-and-set                                  (409)
├── TooSlow           the request did not arrive in its time                  (408)
├── TooLarge          over a named limit                                      (413)
├── UnsupportedMedia  not a type we read                                      (415)
├── TooManyRequests   a rate limit; `retry_after_seconds` among the facts     (429)
└── Unavailable       we cannot answer now; nothing was changed               (503)
"""

from typing import Any, ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One wrong field: a JSON pointer (RFC 6901) into the request, a stable code, plain words."""

    pointer: str
    code: str
    message: str


class ClearsendError(Exception):
    """`code` is stable and documented; `facts` travel to the client beside it."""

    kind: ClassVar[str] = "error"
    default_code: ClassVar[str] = "error"

    def __init__(
        self,
        code: str | None = None,
        detail: str = "",
        *,
        errors: list[FieldError] | None = None,
        **facts: Any,
    ) -> None:
        self.code = code or self.default_code
        self.detail = detail
        self.errors = errors or []
        self.facts = facts
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


class InvalidInput(ClearsendError):
    kind = "invalid"
    default_code = "invalid_input"


class MalformedInput(ClearsendError):
    kind = "malformed"
    default_code = "malformed_input"


class Unauthenticated(ClearsendError):
    kind = "unauthenticated"
    default_code = "unauthenticated"


class Forbidden(ClearsendError):
    kind = "forbidden"
    default_code = "forbidden"


class NotFound(ClearsendError):
    kind = "not_found"
    default_code = "not_found"


class Conflict(ClearsendError):
    kind = "conflict"
    default_code = "conflict"


class StateConflict(Conflict):
    default_code = "state_conflict"


class TooSlow(ClearsendError):
    kind = "too_slow"
    default_code = "too_slow"


class TooLarge(ClearsendError):
    kind = "too_large"
    default_code = "too_large"


class UnsupportedMedia(ClearsendError):
    kind = "unsupported_media"
    default_code = "unsupported_media_type"


class TooManyRequests(ClearsendError):
    kind = "too_many_requests"
    default_code = "rate_limited"


class Unavailable(ClearsendError):
    kind = "unavailable"
    default_code = "unavailable"


def invalid_field(pointer: str, code: str, message: str, **facts: Any) -> InvalidInput:
    """An `InvalidInput` about one field: its code is the problem's code."""
    return InvalidInput(code, message, errors=[FieldError(pointer, code, message)], **facts)
