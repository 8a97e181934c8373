"""SQL of a tenant's sending settings and of the legal table."""

from collections.abc import Sequence
from typing import Any

from backend.db.scope import Scope

_LEGAL = (
    "SELECT country, quiet_hours, note, source, version, changed_at, changed_by FROM legal_hours"
)


async def settings(scope: Scope) -> Any | None:
    return await scope.row(
        "SELECT sending, keeps_legal_hours, blocked_countries, version, changed_at, changed_by"
        " FROM sending_settings WHERE tenant_id = $1",
        scope.tenant_id,
    )


async def put_settings(scope: Scope, version: int, *values: Any) -> bool:
    """`values`: sending, keeps_legal_hours, blocked_countries. False: changed meanwhile."""
    return bool(
        await scope.execute(
            "INSERT INTO sending_settings AS t (tenant_id, changed_at, changed_by, sending,"
            " keeps_legal_hours, blocked_countries, version) SELECT $1, $3, $4, $5, $6, $7, 1"
            " WHERE $2 = 0 OR EXISTS (SELECT 1 FROM sending_settings WHERE tenant_id = $1)"
            " ON CONFLICT (tenant_id) DO UPDATE SET sending = excluded.sending,"
            " keeps_legal_hours = excluded.keeps_legal_hours, changed_at = excluded.changed_at,"
            " blocked_countries = excluded.blocked_countries, changed_by = excluded.changed_by,"
            " version = t.version + 1 WHERE t.version = $2",
            scope.tenant_id,
            version,
            scope.now,
            scope.principal.actor,
            *values,
        )
    )


async def legal_hours(scope: Scope, countries: Sequence[str] | None = None) -> list[Any]:
    """Of every scope; all of them without `countries`."""
    wanted = None if countries is None else list(countries)
    return await scope.rows(
        f"{_LEGAL} WHERE $1::text[] IS NULL OR country = ANY($1::text[]) ORDER BY country", wanted
    )


async def put_legal_hours(scope: Scope, country: str, version: int, *values: Any) -> Any | None:
    """In a platform scope. `values`: quiet_hours, note, source. None: changed meanwhile."""
    return await scope.row(
        "INSERT INTO legal_hours AS t (country, changed_at, changed_by, quiet_hours, note, source,"
        " version) SELECT $1, $3, $4, $5, $6, $7, 1"
        " WHERE $2 = 0 OR EXISTS (SELECT 1 FROM legal_hours WHERE country = $1)"
        " ON CONFLICT (country) DO UPDATE SET quiet_hours = excluded.quiet_hours,"
        " note = excluded.note, source = excluded.source, changed_at = excluded.changed_at,"
        " changed_by = excluded.changed_by, version = t.version + 1 WHERE t.version = $2"
        " RETURNING country, quiet_hours, note, source, version, changed_at, changed_by",
        country,
        version,
        scope.now,
        scope.principal.actor,
        *values,
    )


async def delete_legal_hours(scope: Scope, country: str) -> int:
    return await scope.execute("DELETE FROM legal_hours WHERE country = $1", country)
