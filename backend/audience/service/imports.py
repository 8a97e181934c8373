"""An import as its person meets it: uploaded, looked at, mapped, accepted or discarded."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec

from backend.api.bodies import decode, parse
from backend.api.uploads import FormField, FormFile, FormPart
from backend.audience.queries import groups, imports
from backend.audience.reading.columns import check_mapping
from backend.audience.reading.files import IMPORT_FILE_BYTES_MAX, SNIFFED_BYTES, check_media
from backend.audience.schemas.imports import (
    ImportOptions,
    ImportProblemView,
    ImportView,
)
from backend.audience.schemas.people import GroupCreate
from backend.audience.service.groups import new_group
from backend.audience.service.people import sees_masked
from backend.audience.states import ImportEvent, refusal
from backend.audit.service import record
from backend.db.pages import (
    PAGE_ROWS_DEFAULT,
    check_limit,
    cursor_id,
    decode_cursor,
    next_cursor,
    row_number,
)
from backend.db.scope import Scope, tenant_scope
from backend.files.service import StoredFile, storage
from backend.kernel.errors import InvalidInput, NotFound, invalid_field
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.outbox.service import announce
from backend.outbox.topics import Topic

FILE_NAME_CHARACTERS_MAX = 200
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MASKED = "•••"


async def upload_import(principal: Principal, parts: AsyncIterator[FormPart]) -> ImportView:
    """A form of one file and, anywhere in it, `options` as JSON (ImportOptions).

    Raises UnsupportedMedia, TooLarge `file_too_large`, InvalidInput `empty_file`.
    """
    if principal.tenant_id is None:
        raise NotFound
    received = _Received()
    try:
        async for part in parts:
            await _receive(principal.tenant_id, part, received)
        return await _add_import(principal, received)
    except BaseException:
        # Also a replayed answer: its file is the one stored the first time.
        if received.file is not None:
            await storage().delete(principal.tenant_id, received.file.id)
        raise


class _Received(msgspec.Struct):
    file: StoredFile | None = None
    name: str = ""
    options: ImportOptions = ImportOptions()


async def _receive(tenant_id: UUID, part: FormPart, received: _Received) -> None:
    if isinstance(part, FormField):
        received.options = _options(part)
        return
    if part.name != "file":
        raise invalid_field(f"/{part.name}", "unknown_field", "This field is not known here.")
    if received.file is not None:
        raise invalid_field("/file", "one_file", "one file at a time")
    received.name = part.file_name
    received.file = await storage().write(tenant_id, _checked(part), IMPORT_FILE_BYTES_MAX)


def _options(part: FormField) -> ImportOptions:
    if part.name != "options":
        raise invalid_field(f"/{part.name}", "unknown_field", "This field is not known here.")
    text = part.value.encode()
    parse(text)  # as strict as a JSON body: an escaped NUL never reaches Postgres
    options: ImportOptions = decode(text, ImportOptions)
    check_mapping(options.mapping or {})
    return options


async def _checked(part: FormFile) -> AsyncIterator[bytes]:
    """The first bytes decide the type before the rest is taken in."""
    head = b""
    is_checked = False
    async for chunk in part.chunks:
        if is_checked:
            yield chunk
            continue
        head += chunk
        if len(head) >= SNIFFED_BYTES:
            check_media(head)
            is_checked = True
            yield head
    if not is_checked:
        check_media(head)
        if not head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\x00"):
            raise invalid_field("/file", "empty_file", "nothing stands in the file")
        yield head


async def _add_import(principal: Principal, received: _Received) -> ImportView:
    stored = received.file
    if stored is None:
        raise invalid_field("/file", "missing_field", "This field is required.")
    if principal.idempotency is not None:
        asked = principal.idempotency.covering(_content(received, stored))
        principal = msgspec.structs.replace(principal, idempotency=asked)
    shown = _UNSHOWABLE.sub("", received.name)[-FILE_NAME_CHARACTERS_MAX:] or "upload.csv"
    async with tenant_scope(principal) as scope:
        options = await _with_group(scope, received.options)
        import_id = uuid7()
        await imports.add_import(
            scope,
            import_id,
            stored.id,
            shown,
            stored.size_bytes,
            stored.sha256,
            msgspec.to_builtins(options),
        )
        await record(scope, "import.uploaded", f"import:{import_id}", size_bytes=stored.size_bytes)
        await announce(scope, Topic.IMPORT_UPLOADED, {"import_id": str(import_id)})
        view = import_view(await imports.import_row(scope, import_id), principal)
        await scope.answer(view)
        point("import.uploaded")
        return view


def _content(received: _Received, stored: StoredFile) -> bytes:
    """What makes two uploads one request: the same bytes, name and options."""
    return msgspec.json.encode([stored.sha256, received.name, received.options])


async def _with_group(scope: Scope, options: ImportOptions) -> ImportOptions:
    """A new group is made now, empty; the import then only knows its id."""
    if options.group_id is not None and options.new_group is not None:
        raise invalid_field("/options/new_group", "group_ambiguous", "a group or a new one")
    if options.group_id is not None:
        await groups.group(scope, options.group_id)
    if options.new_group is None:
        return options
    group_id = await new_group(scope, GroupCreate(name=options.new_group))
    return msgspec.structs.replace(options, group_id=group_id, new_group=None)


async def read_import(principal: Principal, import_id: UUID) -> ImportView:
    async with tenant_scope(principal) as scope:
        return import_view(await imports.import_row(scope, import_id), principal)


async def list_imports(
    principal: Principal, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[ImportView]:
    check_limit(limit)
    before = cursor_id(cursor)
    async with tenant_scope(principal) as scope:
        rows = await imports.imports_page(scope, before, limit)
    items = [import_view(row, principal) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def list_import_problems(
    principal: Principal,
    import_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[ImportProblemView]:
    """In the order of the file. The first PROBLEMS_KEPT_MAX are listed, all are counted."""
    check_limit(limit)
    after: Any = decode_cursor(cursor, row_number, UUID) if cursor else None
    masked = sees_masked(principal)
    async with tenant_scope(principal) as scope:
        await imports.import_row(scope, import_id)
        rows = await imports.problems_page(scope, import_id, after, limit)
    items = []
    for row in rows:
        facts = {key: value for key, value in dict(row).items() if key != "id"}
        if masked and facts["value"]:
            facts["value"] = _MASKED
        items.append(msgspec.convert(facts, ImportProblemView))
    return Page(items=items, next_cursor=next_cursor(rows, limit, "line", "id"))


async def remap_import(principal: Principal, import_id: UUID, given: ImportOptions) -> ImportView:
    """Read the file again as these options say, from nothing."""
    check_mapping(given.mapping or {})
    async with tenant_scope(principal) as scope:
        await _move(scope, import_id, ImportEvent.REMAP)
        options = await _with_group(scope, given)
        await imports.set_options(scope, import_id, msgspec.to_builtins(options))
        await announce(scope, Topic.IMPORT_UPLOADED, {"import_id": str(import_id)})
        return await _answer(scope, principal, import_id)


async def accept_import(principal: Principal, import_id: UUID) -> ImportView:
    """The rows become subscribers soon, all at once. Raises StateConflict `import_STATE`."""
    async with tenant_scope(principal) as scope:
        await _move(scope, import_id, ImportEvent.ACCEPT)
        row = await imports.import_row(scope, import_id)
        if not row["rows_ready"]:
            raise InvalidInput("nothing_to_import", "no row of this file can be a subscriber")
        ranges = row["report"]["suspicious_ranges"]
        await record(
            scope,
            "import.accepted",
            f"import:{import_id}",
            rows=row["rows_ready"],
            suspicious_ranges=len(ranges),
        )
        await announce(scope, Topic.IMPORT_ACCEPTED, {"import_id": str(import_id)})
        return await _answer(scope, principal, import_id)


async def discard_import(principal: Principal, import_id: UUID) -> ImportView:
    """Nothing of it stays but this row. Raises StateConflict `import_STATE`."""
    async with tenant_scope(principal) as scope:
        await _move(scope, import_id, ImportEvent.DISCARD)
        await record(scope, "import.discarded", f"import:{import_id}")
        return await _answer(scope, principal, import_id)


async def _move(scope: Scope, import_id: UUID, event: ImportEvent) -> None:
    await imports.import_row(scope, import_id)
    if not await imports.move(scope, import_id, event):
        # Read anew: who was first changed it between the two statements.
        raise refusal(event, (await imports.import_row(scope, import_id))["state"])


async def _answer(scope: Scope, principal: Principal, import_id: UUID) -> ImportView:
    view = import_view(await imports.import_row(scope, import_id), principal)
    await scope.answer(view, 200)
    return view


def import_view(row: Any, principal: Principal) -> ImportView:
    """Samples are cells of the file, so who sees numbers masked sees none of them."""
    view = msgspec.convert(
        {field: row[field] for field in ImportView.__struct_fields__}, ImportView
    )
    if view.preview is None or not sees_masked(principal):
        return view
    columns = [msgspec.structs.replace(column, samples=[]) for column in view.preview.columns]
    preview = msgspec.structs.replace(view.preview, columns=columns)
    return msgspec.structs.replace(view, preview=preview)
