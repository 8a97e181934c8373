"""A forgotten filter reaches a tenant's own rows and no others: every verb on every tenant table,
without a WHERE, under one tenant's scope beside another tenant's rows.
"""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backend.db.scope import tenant_scope
from backend.files.service import DirectoryStorage, use_storage
from backend.kernel.principal import system
from tests.architecture.two_tenants import UNPLANTED, plant, tenant_tables

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


class RolledBack(Exception):
    """Nothing of the sweep stays."""


@pytest.fixture
async def tenants(database, tmp_path):
    use_storage(DirectoryStorage(tmp_path / "files"))
    ours = await plant("OWN-A", "+47912345")
    theirs = await plant("CANARY-B", "+47998877")
    return ours.tenant_id, theirs.tenant_id


async def attempted(tenant_id: UUID, sql: str, *args: Any) -> Any:
    """The statement's count or row in our scope, rolled back; the refusal where it is refused."""
    found: Any = None
    try:
        async with tenant_scope(system("sweep", tenant_id)) as scope:
            found = await scope.connection.fetch(sql, *args)
            raise RolledBack  # noqa: TRY301 - leaves the scope without a commit
    except RolledBack:
        return found
    except asyncpg.PostgresError as refused:
        return refused


async def columns_of(connection: asyncpg.Connection, table: str, verb: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT a.attname FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0"
        " AND NOT a.attisdropped AND a.attgenerated = ''"
        " AND has_column_privilege('clearsend_tenant', a.attrelid, a.attnum, $2) ORDER BY a.attnum",
        table,
        verb,
    )
    return [row["attname"] for row in rows]


async def test_select_without_a_filter_shows_our_own_rows(tenants, database):
    ours, theirs = tenants
    connection = await database.connect()
    seen = 0
    for table in await tenant_tables():
        may = await columns_of(connection, table, "SELECT")
        if table not in UNPLANTED:
            assert await connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE tenant_id = $1", theirs
            ), f"{table}: plant a row in two_tenants.py"
        found = await attempted(ours, f"SELECT tenant_id FROM {table}")
        if not may:
            assert isinstance(found, asyncpg.InsufficientPrivilegeError), table
            continue
        assert {row["tenant_id"] for row in found} - {None} <= {ours}, table
        seen += bool(found)
    await connection.close()
    assert seen > 20


async def test_update_and_delete_without_a_filter_touch_our_own_rows(tenants, database):
    ours, _ = tenants
    connection = await database.connect()
    touched = 0
    for table in await tenant_tables():
        for column in (await columns_of(connection, table, "UPDATE"))[:3]:
            found = await attempted(
                ours, f"UPDATE {table} SET {column} = {column} RETURNING tenant_id"
            )
            if isinstance(found, asyncpg.PostgresError):
                # Refused whole, by a column that may not be read back or a guarding trigger.
                continue
            assert {row["tenant_id"] for row in found} - {None} <= {ours}, f"{table}.{column}"
            touched += 1
        found = await attempted(ours, f"DELETE FROM {table} RETURNING tenant_id")
        if not isinstance(found, asyncpg.PostgresError):
            assert {row["tenant_id"] for row in found} <= {ours}, table
            touched += 1
    await connection.close()
    assert touched > 20


async def test_no_row_is_written_into_another_tenant(tenants, database):
    """Their own row again, and our row turned into theirs: the policy answers before any key."""
    ours, theirs = tenants
    connection = await database.connect()
    refused = 0
    for table in await tenant_tables():
        may = await columns_of(connection, table, "INSERT")
        if "tenant_id" in may and table not in UNPLANTED:
            row = await connection.fetchval(
                f"SELECT row_to_json(t)::text FROM {table} t WHERE tenant_id = $1 LIMIT 1", theirs
            )
            names = ", ".join(may)
            found = await attempted(
                ours,
                f"INSERT INTO {table} ({names})"
                f" SELECT {names} FROM json_populate_record(null::{table}, $1::text::json)",
                row,
            )
            assert isinstance(found, asyncpg.InsufficientPrivilegeError), f"{table}: {found}"
            refused += 1
        if table not in UNPLANTED and "tenant_id" in await columns_of(connection, table, "UPDATE"):
            found = await attempted(ours, f"UPDATE {table} SET tenant_id = $1", theirs)
            # A foreign key or a trigger may be the first to answer; nothing may be let through.
            assert isinstance(found, asyncpg.PostgresError), f"{table}: {found}"
            refused += 1
    await connection.close()
    assert refused > 20


async def test_without_a_tenant_there_are_no_rows(tenants, database):
    """The tenant role before a tenant is set: empty, and not everybody's."""
    connection = await database.connect()
    await connection.execute("SET ROLE clearsend_tenant")
    for table in await tenant_tables():
        try:
            rows = await connection.fetch(f"SELECT tenant_id FROM {table}")
        except asyncpg.InsufficientPrivilegeError:
            continue
        assert {row["tenant_id"] for row in rows} <= {None}, table
    await connection.close()
