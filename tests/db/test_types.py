"""What a process knows of the server's types."""

import asyncpg
import pytest

from backend.db.engine import DATABASE

pytestmark = pytest.mark.anyio

QUESTIONS = (
    "SELECT count(*) FROM pg_prepared_statements"
    " WHERE ltrim(statement, E' \\n') LIKE 'WITH RECURSIVE typeinfo_tree%'"
)


async def test_a_built_in_type_is_asked_for_once_a_process(database):
    del database
    arrays = ("int", "uuid", "text", "timestamptz", "smallint", "bytea", "bool", "bigint")
    statement = "SELECT " + ", ".join(f"cardinality(${n}::{a}[])" for n, a in enumerate(arrays, 1))
    assert DATABASE.pool
    async with DATABASE.pool.acquire() as first, DATABASE.pool.acquire() as second:
        for connection in (first, second):
            assert list(await connection.fetchrow(statement, *[[]] * len(arrays))) == [0] * 8
        assert await second.fetchval(QUESTIONS) == 0


async def test_a_type_of_this_database_is_asked_for_by_each_connection(database):
    del database
    assert DATABASE.pool
    async with DATABASE.pool.acquire() as connection:
        await connection.execute("CREATE TEMPORARY TABLE pairs (a integer, b text)")
        row = await connection.fetchval("SELECT row(1, 'x')::pairs")
        assert isinstance(row, asyncpg.Record)
        assert tuple(row) == (1, "x")
