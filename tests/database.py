"""One migrated template, one clone per test process, emptied between tests.

No rollback-wrapped tests: roles, row policies and COMMIT errors must be real.
`CLEARSEND_TEST_OWNER_URL` runs the same tests on another server (an older Postgres, say).
"""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec

from backend.db.migrate import login_url, migrate

LOGIN_PASSWORD = "login-password-of-tests"
MIGRATIONS = Path(__file__).parents[1] / "migrations"
ONE_IS_ENOUGH: dict[str, Any] = {
    "recipients_min": None,
    "score_min": None,
    "new_country": False,
    "rules_hit": [],
}
AT_ONCE = {"undo_seconds": 0, "four_eyes": ONE_IS_ENOUGH}
NO_CHANCE = {"after_review_percent": 0}
TEMPLATE_LOCK = 0x74706C
DELETED_ROWS_MAX = 500


def on_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted([*MIGRATIONS.glob("*.py"), *MIGRATIONS.glob("sql/*.sql")]):
        digest.update(path.read_bytes())
    digest.update(msgspec.json.encode([AT_ONCE, NO_CHANCE]))
    return digest.hexdigest()[:12]


async def clone(server_url: str, worker: str) -> str:
    """The owner's URL of a fresh clone for this test process; the template is migrated once."""
    template = f"clearsend_template_{_fingerprint()}"
    name = f"clearsend_test_{_fingerprint()}_{worker}"
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f"SELECT pg_advisory_lock({TEMPLATE_LOCK})")
        exists = "SELECT true FROM pg_database WHERE datname = $1"
        if not await connection.fetchval(exists, template):
            await connection.execute(f"CREATE DATABASE {template}_building")
            await migrate(on_database(server_url, f"{template}_building"), LOGIN_PASSWORD)
            await decide_at_once(on_database(server_url, f"{template}_building"))
            await connection.execute(f"ALTER DATABASE {template}_building RENAME TO {template}")
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()
    return on_database(server_url, name)


async def decide_at_once(owner_url: str) -> None:
    """Ten seconds to undo each decision would be minutes of a run, and two people for each flagged
    one hide what is tested: tests of undoing and of four eyes set rules of their own. The same step
    makes a decision effective, in the request instead of by the clock. Nor is a case opened by
    chance: tests of reviews after sending have each session reviewed.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(
            "INSERT INTO desk_rules (version, body, note, made_by, made_at)"
            " VALUES (2, $1, 'tests decide at once', 'test', now()) ON CONFLICT DO NOTHING",
            msgspec.json.encode(AT_ONCE).decode(),
        )
        await connection.execute(
            "INSERT INTO trust_policies (version, policy, note, made_by, made_at)"
            " VALUES (1, $1, 'nothing by chance', 'test', now()) ON CONFLICT DO NOTHING",
            msgspec.json.encode(NO_CHANCE).decode(),
        )
    finally:
        await connection.close()


class CleanDatabase:
    """Empties what a test filled and puts back the rows the migrations had seeded."""

    def __init__(self, owner_url: str) -> None:
        self.owner_url = owner_url
        self.login_url = login_url(owner_url, LOGIN_PASSWORD)
        self._tables: list[str] = []
        self._seeds: dict[str, str] = {}

    async def connect(self) -> asyncpg.Connection:
        """The superuser's connection: for looking behind the scopes, never for arranging."""
        return await asyncpg.connect(self.owner_url)

    async def learn(self) -> None:
        connection = await self.connect()
        try:
            rows = await connection.fetch(
                "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
                " AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'migration'"
            )
            self._tables = [row["relname"] for row in rows]
            for table in await self._filled(connection):
                self._seeds[table] = await connection.fetchval(
                    f"SELECT json_agg(t)::text FROM {table} t"
                )
        finally:
            await connection.close()

    async def _filled(self, connection: asyncpg.Connection) -> list[str]:
        parts = (f"SELECT '{t}' AS t WHERE EXISTS (SELECT 1 FROM {t})" for t in self._tables)
        return [row["t"] for row in await connection.fetch(" UNION ALL ".join(parts))]

    async def _empty(self, connection: asyncpg.Connection, tables: set[str]) -> None:
        """A truncation makes new files for the table and each of its indexes: only where a test has
        left so much that reading over it would cost more.
        """
        for table in sorted(tables):
            deleted = await connection.execute(f"DELETE FROM {table}")
            if int(deleted.rsplit(" ", 1)[-1]) > DELETED_ROWS_MAX:
                await connection.execute(f"TRUNCATE {table} CASCADE")

    async def clean(self) -> None:
        connection = await self.connect()
        try:
            await connection.execute("SET session_replication_role = replica")
            await self._empty(connection, {*await self._filled(connection), *self._seeds})
            for table, rows in self._seeds.items():
                await connection.execute(
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset(null::{table}, $1)",
                    rows,
                )
        finally:
            await connection.close()


def decoded(value: Any) -> Any:
    """A jsonb value as the superuser's plain connection reads it."""
    return msgspec.json.decode(value) if isinstance(value, str) else value
