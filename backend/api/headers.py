"""Headers every answer carries, errors and pages included."""

from collections.abc import Awaitable, Callable
from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from backend.api.context import request_id_of, response_headers_of
from backend.api.settings import ApiSettings

HeaderHook = Callable[[Message, Scope], Awaitable[None]]

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; frame-ancestors 'none'"
)
HSTS_SECONDS: Final = 365 * 24 * 3600

SECURITY_HEADERS: Final[dict[str, str]] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


def add_headers(settings: ApiSettings) -> HeaderHook:
    """A `before_send` hook, since guards and middlewares never see a 404 without a route.

    Without a word of its own an answer is not kept: it is somebody's data. Whether this is https
    is a setting, because behind a proxy of ours the connection itself is plain.
    """
    always = dict(SECURITY_HEADERS)
    if settings.https:
        always["strict-transport-security"] = f"max-age={HSTS_SECONDS}"

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in always.items():
            headers.setdefault(name, value)
        headers.setdefault("cache-control", "no-store")
        headers["x-request-id"] = request_id_of(scope)
        for name, value in response_headers_of(scope).items():
            headers[name] = value

    return add
