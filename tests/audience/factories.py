"""Files as people make them, taken through the doors the product uses."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any
from uuid import UUID

from backend.api.uploads import FormField, FormFile, FormPart
from backend.audience.schemas.imports import ImportOptions, ImportView
from backend.audience.schemas.people import SubscriberCreate, SubscriberView
from backend.audience.service import applying, imports, parsing, people
from backend.kernel.principal import Principal

CHUNK_BYTES = 16_384


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]


async def form(
    content: bytes, options: dict[str, Any] | None = None, name: str = "people.csv"
) -> AsyncIterator[FormPart]:
    yield FormFile("file", name, pieces(content))
    if options is not None:
        yield FormField("options", json.dumps(options))


def csv_of(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([*lines, ""]).encode(encoding)


async def upload(me: Principal, content: bytes, **options: Any) -> ImportView:
    return await imports.upload_import(me, form(content, options or None))


async def parsed(me: Principal, content: bytes, **options: Any) -> Any:
    """Uploaded and read by the worker's use case."""
    made = await upload(me, content, **options)
    assert me.tenant_id is not None
    await parsing.parse_import(me.tenant_id, made.id)
    return await imports.read_import(me, made.id)


async def imported(me: Principal, content: bytes, **options: Any) -> Any:
    """All the way to subscribers."""
    made = await parsed(me, content, **options)
    assert made.state == "parsed", made.report
    await imports.accept_import(me, made.id)
    assert me.tenant_id is not None
    await applying.apply_import(me.tenant_id, made.id)
    return await imports.read_import(me, made.id)


async def problems(me: Principal, import_id: UUID) -> list[tuple[int, str, str]]:
    """(line, column, code)."""
    page = await imports.list_import_problems(me, import_id, limit=200)
    return [(item.line, item.column, item.code) for item in page.items]


async def make_subscriber(
    me: Principal, phone: str = "+4791234567", **fields: Any
) -> SubscriberView:
    return await people.create_subscriber(me, SubscriberCreate(phone=phone, **fields))


def norwegian(number: int) -> str:
    """Mobile numbers spread over the ranges, as real lists are."""
    return f"+47{90000000 + number * 97 % 9_999_991:08d}"


def norwegian_rows(numbers: Iterable[int]) -> list[str]:
    return [f"{norwegian(n)},Person {n},{n % 7}" for n in numbers]


def options_of(**fields: Any) -> ImportOptions:
    return ImportOptions(**fields)


def codes(found: Sequence[tuple[int, str, str]]) -> set[str]:
    return {code for _, _, code in found}
