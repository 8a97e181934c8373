"""The SQL is the schema; every Piccolo table mirrors it column by column."""

import importlib
import pkgutil

import pytest
from piccolo.table import Table

import backend

pytestmark = pytest.mark.anyio


def mirrors() -> list[type[Table]]:
    found: dict[str, type[Table]] = {}
    for info in pkgutil.walk_packages(backend.__path__, "backend."):
        if info.name.endswith(".tables") or ".tables." in info.name:
            module = importlib.import_module(info.name)
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, Table) and value is not Table:
                    found[value._meta.tablename] = value
    return list(found.values())


async def test_every_mirror_has_the_columns_of_its_table(database):
    connection = await database.connect()
    try:
        for mirror in mirrors():
            name = mirror._meta.tablename
            rows = await connection.fetch(
                "SELECT column_name, is_nullable FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = $1",
                name,
            )
            real = {row["column_name"]: row["is_nullable"] == "YES" for row in rows}
            shown = {
                column._meta.db_column_name: column._meta.null for column in mirror._meta.columns
            }
            assert shown == real, name
    finally:
        await connection.close()
