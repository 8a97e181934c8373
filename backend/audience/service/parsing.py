"""The worker's half of an import: the file becomes staged rows and a report.

A chunk is staged in one transaction that first renews the lease under its fence. Whoever takes over
from a dead worker clears what it staged and begins from nothing, so a kill anywhere repeats work
and doubles none.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

import msgspec

from backend.audience.queries import groups, imports, staging
from backend.audience.reading.columns import ATTRIBUTE, check_columns, suggest
from backend.audience.reading.files import (
    ROWS_MAX,
    SNIFFED_RECORDS,
    FileEncoding,
    FileProblem,
    check_header,
    find_delimiter,
    find_encoding,
    read_records,
)
from backend.audience.reading.rows import Remark, RowReader
from backend.audience.schemas.imports import (
    ImportFailure,
    ImportOptions,
    ImportPreview,
    ImportReport,
    ImportRow,
    SuspiciousRange,
)
from backend.audience.states import (
    ATTRIBUTES_PER_TENANT_MAX,
    AttributeKind,
    ImportEvent,
    ImportState,
    attribute_key,
)
from backend.db.scope import Scope, tenant_scope
from backend.files.service import storage
from backend.kernel.errors import ClearsendError, Conflict, NotFound
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system

CHUNK_RECORDS = 10_000
LEASE_SECONDS = 60
PROBLEMS_KEPT_MAX = 10_000
NOTICES_KEPT_MAX = 1_000
_Chunk = tuple[int, list[ImportRow], list[Remark]]


class _Work(msgspec.Struct):
    """What a worker holds of one import; counts grow with the chunks."""

    principal: Principal
    import_id: UUID
    fence: int
    options: ImportOptions
    kinds: dict[str, AttributeKind]
    created_at: datetime
    rows_read: int = 0
    rows_staged: int = 0
    rows_refused: int = 0
    errors: Counter[str] = msgspec.field(default_factory=Counter)
    notices: Counter[str] = msgspec.field(default_factory=Counter)
    errors_kept: int = 0
    notices_kept: int = 0


class _LeaseLost(Exception):
    """Another worker has it, or the tenant changed or discarded it: nothing is left to say."""


async def parse_import(tenant_id: UUID, import_id: UUID) -> None:
    """Consumer of `import.uploaded`. Runs twice without harm.

    Raises Conflict `import_busy` while another worker's lease runs; try again later.
    """
    principal = system("import", tenant_id)
    async with tenant_scope(principal) as scope:
        row = await imports.take(scope, import_id, scope.now + timedelta(seconds=LEASE_SECONDS))
        if row is None:
            current = await imports.import_row(scope, import_id)
            if current["state"] == ImportState.PARSING:
                # Its worker may be dead: whoever announced it must ask again, not call it done.
                raise Conflict("import_busy", "another worker's lease runs")
            return
        known = {r["name"]: AttributeKind(r["kind"]) for r in await groups.attributes(scope)}
        await staging.clear_problems(scope, import_id)
    work = _Work(
        principal=principal,
        import_id=import_id,
        fence=row["fence"],
        options=msgspec.convert(row["options"], ImportOptions),
        kinds=known,
        created_at=row["created_at"],
    )
    try:
        await _clear_staged(work)
        file = await asyncio.to_thread(storage().open, tenant_id, row["file_id"])
        try:
            await _stage_file(work, file)
        finally:
            await asyncio.to_thread(file.close)
        await _finish(work)
    except _LeaseLost:
        return
    except (FileProblem, NotFound) as problem:
        await _fail(work, problem)


async def _hold(scope: Scope, work: _Work) -> None:
    lease_until = scope.now + timedelta(seconds=LEASE_SECONDS)
    held = await imports.keep_lease(scope, work.import_id, work.fence, lease_until, work.rows_read)
    if not held:
        raise _LeaseLost


async def _clear_staged(work: _Work) -> None:
    async with tenant_scope(work.principal) as scope:
        await _hold(scope, work)
        await staging.clear(scope, work.import_id)


async def _stage_file(work: _Work, file: BinaryIO) -> None:
    encoding, preview = await asyncio.to_thread(_look_at, file, work.options)
    async with tenant_scope(work.principal) as scope:
        await _hold(scope, work)
        await imports.set_preview(scope, work.import_id, msgspec.to_builtins(preview))
    check_columns(preview.columns, work.options.mapping)
    _check_attributes(preview, work.kinds)
    reader = RowReader(preview.columns, work.kinds, work.options.default_country, work.created_at)
    records = read_records(file, encoding, preview.delimiter)
    next(records)
    while (chunk := await asyncio.to_thread(_next_chunk, reader, records)) is not None:
        await _stage_chunk(work, chunk)
        point("import.chunk_staged")
    if not work.rows_read:
        raise FileProblem("empty_file", "no row stands below the header", line=1)


def _look_at(file: BinaryIO, options: ImportOptions) -> tuple[FileEncoding, ImportPreview]:
    encoding = find_encoding(file, options.encoding)
    delimiter = options.delimiter or find_delimiter(file, encoding)
    records = read_records(file, encoding, delimiter)
    first = next(records, None)
    if first is None:
        raise FileProblem("empty_file", "nothing stands in the file", line=1)
    header = check_header(first[1])
    rows = []
    with suppress(FileProblem):  # the full reading comes to the same line and says so
        rows = [cells for _, cells in islice(records, SNIFFED_RECORDS) if any(cells)]
    preview = ImportPreview(
        encoding=encoding.name,
        is_encoding_guessed=encoding.is_guessed,
        delimiter=delimiter,
        columns=suggest(header, rows, options.mapping, options.default_country),
    )
    return encoding, preview


def _check_attributes(preview: ImportPreview, known: dict[str, AttributeKind]) -> None:
    targets = (column.target for column in preview.columns)
    named = {attribute_key(t.removeprefix(ATTRIBUTE)) for t in targets if t.startswith(ATTRIBUTE)}
    if len(known | dict.fromkeys(named)) > ATTRIBUTES_PER_TENANT_MAX:
        limit = ATTRIBUTES_PER_TENANT_MAX
        raise FileProblem("too_many_attributes", "map some columns to ignore", limit=limit)


def _next_chunk(reader: RowReader, records: Iterator[tuple[int, list[str]]]) -> _Chunk | None:
    """Blocking: reading and number checks are computing, and leave the event loop alone."""
    rows: list[ImportRow] = []
    remarks: list[Remark] = []
    read = 0
    for line, cells in islice(records, CHUNK_RECORDS):
        if line > ROWS_MAX + 1:
            raise FileProblem("too_many_rows", "too many rows", line=line, limit=ROWS_MAX)
        if not any(cells):
            continue
        read += 1
        row, said = reader.read(line, cells)
        remarks += said
        if row is not None:
            rows.append(row)
    return (read, rows, remarks) if read else None


async def _stage_chunk(work: _Work, chunk: _Chunk) -> None:
    read, rows, remarks = chunk
    work.rows_read += read
    work.rows_staged += len(rows)
    work.rows_refused += read - len(rows)
    kept = [remark for remark in remarks if _is_kept(work, remark)]
    async with tenant_scope(work.principal) as scope:
        await _hold(scope, work)
        if rows:
            await staging.add_rows(scope, work.import_id, rows)
        await _keep_remarks(scope, work.import_id, kept)


def _is_kept(work: _Work, remark: Remark) -> bool:
    if remark.severity == "error":
        work.errors[remark.code] += 1
        work.errors_kept += 1
        return work.errors_kept <= PROBLEMS_KEPT_MAX
    work.notices[remark.code] += 1
    work.notices_kept += 1
    return work.notices_kept <= NOTICES_KEPT_MAX


async def _keep_remarks(scope: Scope, import_id: UUID, remarks: list[Remark]) -> None:
    if remarks:
        rows = [
            (uuid7(), r.line, r.column, r.severity, r.code, r.value, r.message) for r in remarks
        ]
        await staging.add_problems(scope, import_id, rows)


async def _finish(work: _Work) -> None:
    """Duplicates, what is known of the people, and the report, in the move to `parsed`."""
    keep_last = work.options.duplicates == "last"
    async with tenant_scope(work.principal) as scope:
        await _hold(scope, work)
        dropped = await staging.drop_duplicates(
            scope, work.import_id, keep_last=keep_last, shown=PROBLEMS_KEPT_MAX
        )
        said = [
            Remark(line, "", "notice", "phone_duplicate", "", f"the number of line {kept}")
            for line, kept in dropped["lines"]
        ]
        await _keep_remarks(scope, work.import_id, said)
        people = await staging.known_people(scope, work.import_id)
        ranges = await staging.suspicious_ranges(scope, work.import_id)
        report = ImportReport(
            problems=dict(work.errors),
            notices=dict(work.notices),
            countries=await staging.countries(scope, work.import_id),
            opted_out=people["opted_out"],
            existing=people["existing"],
            suspicious_ranges=[msgspec.convert(dict(row), SuspiciousRange) for row in ranges],
        )
        duplicates = dropped["dropped"]
        counts = (
            work.rows_read,
            work.rows_staged - duplicates,
            work.rows_refused,
            duplicates,
        )
        await imports.set_report(scope, work.import_id, msgspec.to_builtins(report), counts)
        await imports.move(scope, work.import_id, ImportEvent.READ, fence=work.fence)
        point("import.parsed")


async def _fail(work: _Work, problem: ClearsendError) -> None:
    """The file as a whole is refused; the columns seen so far stay, to be mapped again."""
    facts: dict[str, Any] = dict(problem.facts)
    failure = ImportFailure(
        code=problem.code,
        message=problem.detail,
        line=facts.pop("line", None),
        column=facts.pop("column", None),
        facts=facts,
    )
    report = msgspec.to_builtins(ImportReport(failure=failure))
    async with tenant_scope(work.principal) as scope:
        if not await imports.move_with_report(scope, work.import_id, work.fence, report):
            return
        await staging.clear(scope, work.import_id)
