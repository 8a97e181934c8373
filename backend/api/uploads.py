"""multipart/form-data as it arrives: small fields whole, a file piece by piece, nothing on disk."""

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from backend.kernel.errors import MalformedInput, TooLarge, UnsupportedMedia

FIELD_LIMIT_BYTES: Final = 64 * 1024
PARTS_MAX: Final = 20
HEADER_LIMIT_BYTES: Final = 4096


class FormField(msgspec.Struct, frozen=True):
    name: str
    value: str


class FormFile(msgspec.Struct, frozen=True):
    """`chunks` is read before the next part is asked for."""

    name: str
    file_name: str
    chunks: AsyncIterator[bytes]


FormPart = FormField | FormFile


async def read_form(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[FormPart]:
    """Raises UnsupportedMedia, MalformedInput `invalid_multipart`, TooLarge `field_too_large`."""
    media_type, options = parse_options_header(content_type)
    boundary = options.get("boundary")
    if media_type.lower() != "multipart/form-data" or not boundary:
        raise UnsupportedMedia(detail="Send multipart/form-data.", allowed=["multipart/form-data"])
    events = _events(boundary, body)
    async for event in events:
        if not isinstance(event, MultipartSegment):
            continue
        if event.filename is None:
            yield FormField(event.name, await _field(events))
            continue
        chunks = _chunks(events)
        yield FormFile(event.name, event.filename, chunks)
        async for _ in chunks:  # what the reader left of it
            pass


async def _events(boundary: str, body: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    parser = PushMultipartParser(
        boundary, max_header_size=HEADER_LIMIT_BYTES, max_segment_count=PARTS_MAX
    )
    try:
        async for chunk in body:
            for event in parser.parse(chunk):
                yield event
        parser.close(check_complete=True)
    except (MultipartError, UnicodeDecodeError) as error:
        raise MalformedInput("invalid_multipart", "The form cannot be read.") from error


async def _chunks(events: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            return
        yield bytes(event)


async def _field(events: AsyncIterator[Any]) -> str:
    value = b""
    async for chunk in _chunks(events):
        value += chunk
        if len(value) > FIELD_LIMIT_BYTES:
            raise TooLarge("field_too_large", "too large", limit_bytes=FIELD_LIMIT_BYTES)
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise MalformedInput("invalid_encoding", "A field is not UTF-8.") from error
