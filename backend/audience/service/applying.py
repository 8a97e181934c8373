"""Accepted rows become subscribers, in one transaction; what an import leaves behind is cleared."""

from datetime import timedelta
from uuid import UUID

import msgspec

from backend.audience.queries import groups, imports, staging
from backend.audience.reading.columns import ATTRIBUTE
from backend.audience.schemas.imports import ImportOptions, ImportPreview
from backend.audience.states import AttributeKind, ImportEvent, ImportState, attribute_key
from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.files.service import storage
from backend.kernel.errors import Conflict
from backend.kernel.faults import point
from backend.kernel.principal import system

# A statement stays far below the connection's timeout; the transaction holds all of them.
APPLIED_LINES = 50_000
CLEANED_LINES = 50_000
PROBLEMS_KEPT_DAYS = 30
CLEAN_AFTER_MINUTES = 10
_DEFAULT_CONSENT_SOURCE = "import"


async def apply_import(tenant_id: UUID, import_id: UUID) -> None:
    """Consumer of `import.accepted`. Nobody sees half a list: all rows commit together.

    Raises Conflict `import_busy` while another import of the tenant is applied; try again later.
    """
    async with tenant_scope(system("import", tenant_id)) as scope:
        if not await staging.lock_applying(scope):
            raise Conflict("import_busy", "another import of this tenant is being applied")
        row = await imports.import_row(scope, import_id)
        if row["state"] == ImportState.ACCEPTING:
            options = msgspec.convert(row["options"], ImportOptions)
            await _define_attributes(scope, msgspec.convert(row["preview"], ImportPreview))
            default_consent_at = row["created_at"] if options.consent_source else None
            source = options.consent_source or _DEFAULT_CONSENT_SOURCE
            consent = (source, options.consent_text, default_consent_at)
            await _apply(scope, import_id, options.group_id, consent)
    point("import.applied")
    await clean_import(tenant_id, import_id)


async def _define_attributes(scope: Scope, preview: ImportPreview) -> None:
    labels = [
        " ".join(column.target.removeprefix(ATTRIBUTE).split())
        for column in preview.columns
        if column.target.startswith(ATTRIBUTE)
    ]
    if labels:
        await groups.hold_attributes(scope)
        text = AttributeKind.TEXT.value
        await groups.add_attributes(
            scope, [(attribute_key(label), label, text) for label in labels]
        )


async def _apply(
    scope: Scope, import_id: UUID, group_id: UUID | None, consent: tuple[str, str, object]
) -> None:
    added = updated = 0
    last = await staging.last_line(scope, import_id)
    for start in range(0, last + 1, APPLIED_LINES):
        lines = (start, start + APPLIED_LINES)
        counts = await staging.apply_lines(
            scope, import_id, lines, consent=consent, group_id=group_id
        )
        added += counts["added"]
        updated += counts["updated"]
        point("import.lines_applied")
    await imports.set_outcome(scope, import_id, added, updated)
    await imports.move(scope, import_id, ImportEvent.APPLY)
    await record(
        scope, "import.applied", f"import:{import_id}", subscribers_new=added, updated=updated
    )


async def clean_import(tenant_id: UUID, import_id: UUID) -> None:
    """Drop the staged rows and the file of an import that has ended. Runs twice without harm."""
    principal = system("import", tenant_id)
    async with tenant_scope(principal) as scope:
        row = await imports.import_row(scope, import_id)
        last = await staging.last_line(scope, import_id)
    if row["state"] not in (ImportState.ACCEPTED, ImportState.DISCARDED):
        return
    for below in range(CLEANED_LINES, last + CLEANED_LINES + 1, CLEANED_LINES):
        async with tenant_scope(principal) as scope:
            await staging.clear(scope, import_id, below)
    await storage().delete(tenant_id, row["file_id"])
    async with tenant_scope(principal) as scope:
        await staging.clear(scope, import_id)
        await imports.note_cleaned(scope, import_id)


async def sweep_imports() -> int:
    """Use case of the clock: what was left by a kill, and what is older than it is kept.

    An import nobody came back to for PROBLEMS_KEPT_DAYS is discarded: its file holds people.
    """
    async with platform_scope(system("clock"), "sweep imports") as scope:
        kept_since = scope.now - timedelta(days=PROBLEMS_KEPT_DAYS)
        ended_before = scope.now - timedelta(minutes=CLEAN_AFTER_MINUTES)
        rows = await imports.leftovers(scope, ended_before, kept_since)
    for row in rows:
        is_old = row["changed_at"] < kept_since
        if is_old:
            async with tenant_scope(system("clock", row["tenant_id"])) as scope:
                await imports.move(scope, row["id"], ImportEvent.DISCARD)
        await clean_import(row["tenant_id"], row["id"])
        if is_old:
            async with tenant_scope(system("clock", row["tenant_id"])) as scope:
                await staging.clear_problems(scope, row["id"])
                await imports.note_problems_cleared(scope, row["id"])
    return len(rows)
