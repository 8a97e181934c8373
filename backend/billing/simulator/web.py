"""The little of ASGI that the simulator needs."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

BODY_BYTES_MAX = 200_000

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Request(msgspec.Struct, frozen=True):
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    media_type: str = "application/json"
    headers: dict[str, str] = {}


def as_json(status: int, said: Any, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, msgspec.json.encode(said), headers=named)


def redirect(url: str) -> Answer:
    return Answer(303, b"", "text/plain", {"location": url})


def html(status: int, said: str) -> Answer:
    # The page is one file: nothing is fetched, framed or run besides it.
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {"content-security-policy": policy, "referrer-policy": "no-referrer"}
    return Answer(status, said.encode(), "text/html; charset=utf-8", headers)


async def read(scope: Scope, receive: Receive) -> Request | None:
    """None for a body that is longer than anything real."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            return None
        if not message.get("more_body", False):
            break
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(
        scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body
    )


async def write(send: Send, answer: Answer) -> None:
    headers = {"content-type": answer.media_type, "cache-control": "no-store", **answer.headers}
    headers["content-length"] = str(len(answer.body))
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": answer.body})
