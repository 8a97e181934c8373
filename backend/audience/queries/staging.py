"""SQL of an import's rows between the file and the subscribers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from backend.audience.schemas.imports import ImportRow
from backend.db.scope import Scope

_ROW_COLUMNS = ImportRow.__struct_fields__
_PROBLEM_COLUMNS = ("id", "line", "column_name", "severity", "code", "value", "message")
_encode = msgspec.json.Encoder().encode
RANGE_DIGITS = 4
RANGE_NUMBERS_SUSPICIOUS = 500
RANGE_TIMES_AVERAGE = 10
RANGES_SHOWN_MAX = 20
# The strings of a temporary table's statement; COPY into a row-secured table is refused.
_TEMPORARY_ROWS = (
    "CREATE TEMPORARY TABLE staged (line integer, subscriber_id uuid, phone text, country text,"
    " name text, email text, external_id text, language text, time_zone text, attributes text,"
    " consent_at timestamptz) ON COMMIT DROP"
)


async def add_rows(scope: Scope, import_id: UUID, rows: Sequence[ImportRow]) -> None:
    """One chunk; once in a transaction."""
    await scope.execute(_TEMPORARY_ROWS)
    await scope.copy("staged", _ROW_COLUMNS, [_record(row) for row in rows])
    columns = ", ".join(_ROW_COLUMNS)
    values = columns.replace("attributes", "attributes::jsonb")
    await scope.execute(
        f"INSERT INTO import_rows (tenant_id, import_id, {columns})"
        f" SELECT $1, $2, {values} FROM staged",
        scope.tenant_id,
        import_id,
    )


def _record(row: ImportRow) -> tuple[Any, ...]:
    return (
        row.line,
        row.subscriber_id,
        row.phone,
        row.country,
        row.name,
        row.email,
        row.external_id,
        row.language,
        row.time_zone,
        _encode(row.attributes).decode(),
        row.consent_at,
    )


async def add_problems(scope: Scope, import_id: UUID, problems: Sequence[Sequence[Any]]) -> None:
    """(id, line, column, severity, code, value, message) each."""
    columns = list(zip(*problems, strict=True))
    await scope.execute(
        f"INSERT INTO import_problems (tenant_id, import_id, {', '.join(_PROBLEM_COLUMNS)})"
        " SELECT $1, $2, p.* FROM unnest($3::uuid[], $4::integer[], $5::text[], $6::text[],"
        " $7::text[], $8::text[], $9::text[]) AS p",
        scope.tenant_id,
        import_id,
        *columns,
    )


async def clear(scope: Scope, import_id: UUID, line_below: int | None = None) -> int:
    """Staged rows below a line, or all of them."""
    return await scope.execute(
        "DELETE FROM import_rows WHERE tenant_id = $1 AND import_id = $2"
        " AND ($3::integer IS NULL OR line < $3)",
        scope.tenant_id,
        import_id,
        line_below,
    )


async def clear_problems(scope: Scope, import_id: UUID) -> None:
    await scope.execute(
        "DELETE FROM import_problems WHERE tenant_id = $1 AND import_id = $2",
        scope.tenant_id,
        import_id,
    )


async def drop_duplicates(scope: Scope, import_id: UUID, *, keep_last: bool, shown: int) -> Any:
    """Of each phone one row stays. (number dropped, [(line, kept line)…] of the first `shown`).

    Nobody has counted rows this fresh, and a join planned for one row of them is quadratic: the
    lines go through an array, which has only the index to be looked up by.
    """
    return await scope.one(
        "WITH extra AS MATERIALIZED (SELECT line, kept FROM (SELECT line,"
        "   first_value(line) OVER (PARTITION BY phone"
        "     ORDER BY CASE WHEN $3 THEN -line ELSE line END) AS kept"
        "   FROM import_rows WHERE tenant_id = $1 AND import_id = $2) r WHERE line <> kept),"
        " gone AS (DELETE FROM import_rows WHERE tenant_id = $1 AND import_id = $2"
        "   AND line = ANY(ARRAY(SELECT line FROM extra)) RETURNING 1)"
        " SELECT (SELECT count(*) FROM gone)::integer AS dropped, ARRAY(SELECT ARRAY[line, kept]"
        "   FROM extra ORDER BY line LIMIT $4) AS lines",
        scope.tenant_id,
        import_id,
        keep_last,
        shown,
    )


async def countries(scope: Scope, import_id: UUID) -> dict[str, int]:
    rows = await scope.rows(
        "SELECT country, count(*)::integer AS rows FROM import_rows"
        " WHERE tenant_id = $1 AND import_id = $2 GROUP BY country ORDER BY 2 DESC, 1",
        scope.tenant_id,
        import_id,
    )
    return {row["country"]: row["rows"] for row in rows}


async def known_people(scope: Scope, import_id: UUID) -> Any:
    """How many rows are subscribers already, and how many have opted out.

    Each row is looked up by itself: a join with people nobody has counted yet is quadratic.
    """
    return await scope.one(
        "SELECT count((SELECT 1 FROM subscribers s WHERE s.tenant_id = $1"
        "   AND s.phone = r.phone))::integer AS existing,"
        " count((SELECT 1 FROM opt_outs o WHERE o.tenant_id = $1 AND o.phone = r.phone"
        "   AND o.sender = '' AND o.opted_in_at IS NULL))::integer AS opted_out"
        " FROM import_rows r WHERE r.tenant_id = $1 AND r.import_id = $2",
        scope.tenant_id,
        import_id,
    )


async def suspicious_ranges(scope: Scope, import_id: UUID) -> list[Any]:
    """Ranges of 10,000 numbers with far more of them than the country's other ranges have."""
    return await scope.rows(
        "WITH ranges AS (SELECT country, left(phone, length(phone) - $3) AS prefix,"
        "   count(*) AS numbers FROM import_rows WHERE tenant_id = $1 AND import_id = $2"
        "   GROUP BY 1, 2),"
        " compared AS (SELECT prefix, numbers, count(*) OVER c AS ranges,"
        "   sum(numbers) OVER c - numbers AS elsewhere FROM ranges"
        "   WINDOW c AS (PARTITION BY country))"
        " SELECT prefix, numbers::integer FROM compared WHERE numbers >= $4"
        " AND numbers * (ranges - 1) > $5 * elsewhere OR (ranges = 1 AND numbers >= $4)"
        " ORDER BY numbers DESC, prefix LIMIT $6",
        scope.tenant_id,
        import_id,
        RANGE_DIGITS,
        RANGE_NUMBERS_SUSPICIOUS,
        RANGE_TIMES_AVERAGE,
        RANGES_SHOWN_MAX,
    )


async def lock_applying(scope: Scope) -> bool:
    """One import of a tenant is applied at a time: two would wait for each other's rows."""
    return bool(
        await scope.value(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('import|' || $1::text, 0))",
            str(scope.tenant_id),
        )
    )


async def last_line(scope: Scope, import_id: UUID) -> int:
    return int(
        await scope.value(
            "SELECT coalesce(max(line), 0) FROM import_rows"
            " WHERE tenant_id = $1 AND import_id = $2",
            scope.tenant_id,
            import_id,
        )
    )


async def apply_lines(
    scope: Scope,
    import_id: UUID,
    lines: tuple[int, int],
    *,
    consent: tuple[str | None, str | None, Any],
    group_id: UUID | None,
) -> Any:
    """Lines from, up to and without: new subscribers, and existing ones with what the file adds.

    A value the file has replaces the old one, an empty cell leaves it; attributes are merged.
    `consent`: source, text, and the time for rows without their own. The group takes them from the
    insert itself: a join with rows written in this transaction has no statistics, went quadratic.
    """
    # A connection that wrote its first members into an almost empty table checks each by reading
    # the table whole, and would do so for all of these: what it planned is planned again.
    await scope.execute("DISCARD PLANS")
    return await scope.one(
        "WITH put AS (INSERT INTO subscribers AS s (tenant_id, id, phone, country, name, email,"
        "   external_id, language, time_zone, attributes, consent_source, consent_text,"
        "   consent_at, import_id, created_at, changed_at)"
        " SELECT $1, r.subscriber_id, r.phone, r.country, r.name, r.email, r.external_id,"
        "   r.language, r.time_zone, r.attributes,"
        "   CASE WHEN coalesce(r.consent_at, $7) IS NOT NULL THEN $5::text END,"
        "   CASE WHEN coalesce(r.consent_at, $7) IS NOT NULL THEN $6::text END,"
        "   coalesce(r.consent_at, $7::timestamptz), $2, $8, $8"
        " FROM import_rows r WHERE r.tenant_id = $1 AND r.import_id = $2"
        "   AND r.line >= $3 AND r.line < $4 ORDER BY r.phone"
        " ON CONFLICT (tenant_id, phone) DO UPDATE SET"
        "   name = coalesce(excluded.name, s.name), email = coalesce(excluded.email, s.email),"
        "   external_id = coalesce(excluded.external_id, s.external_id),"
        "   language = coalesce(excluded.language, s.language),"
        "   time_zone = coalesce(excluded.time_zone, s.time_zone),"
        "   attributes = s.attributes || excluded.attributes,"
        "   consent_source = CASE WHEN excluded.consent_at IS NULL THEN s.consent_source"
        "     ELSE excluded.consent_source END,"
        "   consent_text = CASE WHEN excluded.consent_at IS NULL THEN s.consent_text"
        "     ELSE excluded.consent_text END,"
        "   consent_at = coalesce(excluded.consent_at, s.consent_at),"
        "   import_id = excluded.import_id, version = s.version + 1, changed_at = $8"
        " RETURNING s.id, (s.version = 1) AS is_new),"
        " joined AS (INSERT INTO group_members (tenant_id, group_id, subscriber_id, added_at)"
        "   SELECT $1, $9::uuid, put.id, $8 FROM put WHERE $9::uuid IS NOT NULL"
        "   ORDER BY put.id ON CONFLICT DO NOTHING)"
        " SELECT count(*) FILTER (WHERE is_new)::integer AS added,"
        "   count(*) FILTER (WHERE NOT is_new)::integer AS updated FROM put",
        scope.tenant_id,
        import_id,
        *lines,
        *consent,
        scope.now,
        group_id,
    )
