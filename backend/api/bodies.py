"""Strict JSON: what two parsers could read differently is refused before any route sees it.

Refused: other media types, encodings other than UTF-8, a byte-order mark, duplicate keys (both
msgspec and Python keep the last), NUL (Postgres cannot store it), lone surrogates, numbers no
column of ours can hold, nesting beyond any document of ours.
"""

import asyncio
import json
import math
import re
from collections.abc import AsyncGenerator, Iterator
from typing import Any, Final, Literal

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import SerializationException
from litestar.handlers import HTTPRouteHandler

from backend.api.validation import collect, field_error, pointer_of, with_allowed
from backend.kernel.errors import (
    ClearsendError,
    FieldError,
    InvalidInput,
    MalformedInput,
    TooLarge,
    TooSlow,
    UnsupportedMedia,
)

# By route class. A login is a few hundred bytes; a bulk send carries a page of recipients.
SMALL_BODY_LIMIT_BYTES: Final = 16 * 1024
JSON_BODY_LIMIT_BYTES: Final = 1024 * 1024
BULK_BODY_LIMIT_BYTES: Final = 10 * 1024 * 1024
UPLOAD_BODY_LIMIT_BYTES: Final = 100 * 1024 * 1024
BODY_TIMEOUT_SECONDS: Final = 20.0
UPLOAD_TIMEOUT_SECONDS: Final = 600.0
JSON_DEPTH_LIMIT: Final = 32
INTEGER_LIMIT: Final = 2**63 - 1  # bigint, the widest integer a column holds
_INTEGER_DIGITS_LIMIT: Final = 20  # sign and 19 digits; beyond, Python's own parsing is quadratic

BodyKind = Literal["json", "raw", "stream"]

_UNSAFE_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BOM: Final = b"\xef\xbb\xbf"


class StrictRequest(Request[Any, Any, Any]):
    """Litestar's request, bounded in size and time, decoding the body as its route types it.

    Litestar would convert the body leniently ("12" passes for 12); an object decoded here is
    already of the route's type, and is passed on as it is.
    """

    async def stream(self) -> AsyncGenerator[bytes, None]:
        limit = body_limit_bytes(self.route_handler)
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise _too_large(limit)
        seen = 0
        deadline = asyncio.get_running_loop().time() + body_timeout_seconds(self.route_handler)
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    event = await self.receive()
            except TimeoutError:
                raise TooSlow("body_too_slow", "The body did not arrive in its time.") from None
            if event["type"] != "http.request":
                raise MalformedInput("incomplete_body", "The client left before the body ended.")
            chunk = event["body"]
            seen += len(chunk)
            if seen > limit:
                raise _too_large(limit)
            if chunk:
                yield chunk
            if not event["more_body"]:
                break
        self.is_connected = False

    async def json(self) -> Any:
        return decode(await self.body(), body_type(self.route_handler))


def body_type(handler: HTTPRouteHandler) -> Any:
    """The annotation of the route's `data`, or None for a route without a body."""
    field = handler.parsed_fn_signature.parameters.get("data")
    return field.annotation if field else None


def body_kind(handler: HTTPRouteHandler) -> BodyKind:
    kind: BodyKind = handler.opt.get("body", "json")
    return kind


def body_limit_bytes(handler: HTTPRouteHandler) -> int:
    return int(handler.opt.get("body_limit_bytes", JSON_BODY_LIMIT_BYTES))


def body_timeout_seconds(handler: HTTPRouteHandler) -> float:
    default = UPLOAD_TIMEOUT_SECONDS if body_kind(handler) == "stream" else BODY_TIMEOUT_SECONDS
    return float(handler.opt.get("body_timeout_seconds", default))


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge("body_too_large", "The body is too large.", limit_bytes=limit_bytes)


async def check_body(connection: ASGIConnection[Any, Any, Any, Any], handler: Any) -> None:
    """A guard: reads the body of a write route and refuses what is not strict JSON."""
    if not isinstance(connection, StrictRequest) or connection.method not in _UNSAFE_METHODS:
        return
    if connection.headers.get("content-encoding", "identity") != "identity":
        # A compressed body hides its size: a few kilobytes become gigabytes.
        raise UnsupportedMedia("unsupported_content_encoding", "Send the body uncompressed.")
    kind = body_kind(handler)
    if kind == "stream":
        return
    wanted = body_type(handler)
    if kind == "json" and (wanted is not None or _announces_body(connection)):
        _check_media_type(connection)
    body = await connection.body()
    if kind == "raw" or (wanted is None and not body):
        return
    value = parse(body)
    if wanted is None and value != {}:
        if not isinstance(value, dict):
            raise _at(InvalidInput, (), "unexpected_body", "No body is expected here.")
        names = list(value)
        raise _invalid([field_error(f"Object contains unknown field `{n}`") for n in names])


def _announces_body(request: StrictRequest) -> bool:
    return (
        request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    )


def _check_media_type(request: StrictRequest) -> None:
    media_type, options = request.content_type
    if media_type != "application/json":
        raise UnsupportedMedia(detail="Send application/json.", allowed=["application/json"])
    if options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise MalformedInput("invalid_encoding", "JSON is UTF-8 (RFC 8259).")


def decode(body: bytes, target: Any) -> Any:
    """`body` was parsed by `parse`: what fails here is not of the type the route asks for."""
    try:
        return msgspec.json.decode(body, type=target)
    except msgspec.ValidationError as refused:
        errors = collect(json.loads(body), target)
        if not errors:
            errors = [with_allowed(field_error(str(refused)), target)]
        raise _invalid(errors) from None
    except msgspec.DecodeError as refused:
        raise SerializationException from refused


def _invalid(errors: list[FieldError]) -> InvalidInput:
    return InvalidInput(errors[0].code, errors[0].message, errors=errors)


class _Repeated(dict[str, Any]):
    """An object in which a key came twice."""

    key: str = ""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    repeated = _Repeated(made)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            repeated.key = key
            break
        seen.add(key)
    return repeated


def _integer(text: str) -> int:
    return int(text) if len(text) <= _INTEGER_DIGITS_LIMIT else INTEGER_LIMIT + 1


def parse(body: bytes) -> Any:
    """JSON text → value, or the reason why not."""
    if body.startswith(_BOM):
        raise MalformedInput("invalid_encoding", "The body starts with a byte-order mark.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise MalformedInput(
            "invalid_encoding", "The body is not UTF-8.", byte=wrong.start
        ) from None
    if "\x00" in text:
        raise MalformedInput("invalid_encoding", "The body holds zero bytes; UTF-16 is not read.")
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_int=_integer)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as wrong:
        at = getattr(wrong, "pos", 0)
        raise MalformedInput("invalid_json", "The body is not JSON.", character=at) from None
    _check_value(value, not_json="NaN" in text or "Infinity" in text)
    return value


def _too_deep() -> MalformedInput:
    return MalformedInput("too_deep", "Nested too deeply.", limit_levels=JSON_DEPTH_LIMIT)


def _walk(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value with its way from the root; keys come as values of their own."""
    open_values: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while open_values:
        way, found = open_values.pop()
        if len(way) > JSON_DEPTH_LIMIT:
            raise _too_deep()
        yield way, found
        if isinstance(found, dict):
            for key, inner in found.items():
                yield (*way, key), key
                open_values.append(((*way, key), inner))
        elif isinstance(found, list):
            open_values.extend(((*way, at), inner) for at, inner in enumerate(found))


def _check_value(value: Any, *, not_json: bool) -> None:
    for way, found in _walk(value):
        if isinstance(found, str):
            if "\x00" in found:
                raise _at(InvalidInput, way, "control_character", "Text cannot hold U+0000.")
            if _SURROGATE.search(found):
                raise _at(MalformedInput, way, "invalid_encoding", "Half a surrogate pair.")
        elif isinstance(found, _Repeated):
            raise _at(
                MalformedInput, (*way, found.key), "json_duplicate_key", "This key stands twice."
            )
        elif isinstance(found, float) and not math.isfinite(found):
            # NaN and Infinity are no JSON at all; 1e400 is, and only too large.
            kind = MalformedInput if not_json else InvalidInput
            raise _at(kind, way, "out_of_range", "Not a finite number.")
        elif isinstance(found, int) and abs(found) > INTEGER_LIMIT:
            raise _at(InvalidInput, way, "out_of_range", "This integer is too large.")


def _at(
    kind: type[ClearsendError], way: tuple[str | int, ...], code: str, message: str
) -> ClearsendError:
    shown = [_SURROGATE.sub("\ufffd", str(step)).replace("\x00", "\ufffd") for step in way]
    return kind(code, message, errors=[FieldError(pointer_of(*shown), code, message)])
