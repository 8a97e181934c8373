"""Roles and the one linear history, run by the owner under an advisory lock.

Piccolo runs the history. The row that says a migration ran is written inside the migration's own
transaction (Piccolo writes it after), so a kill in between cannot run one twice.
"""

import contextlib
import io
import os
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import asyncpg
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

from backend.db.engine import DATABASE
from backend.db.piccolo_app import MIGRATIONS

MIGRATION_LOCK = 0x636C7273  # 'clrs': one migrator at a time
LOCK_TIMEOUT_MS = 5_000
GROUP_ROLES = ("clearsend_tenant", "clearsend_platform", "clearsend_doorway")
LOGIN_ROLE = "clearsend_login"
OWNER_ROLE = "clearsend_owner"


def sql_file(migration_id: str, *names: str) -> Callable[[], Awaitable[None]]:
    """A step that runs `migrations/sql/NAME`s and notes the migration in one transaction."""

    async def run() -> None:
        transaction = DATABASE.current_transaction.get()
        if transaction is None:
            raise RuntimeError("a migration step runs inside its migration")
        for name in names:
            script = (MIGRATIONS / "sql" / name).read_text(encoding="utf-8")
            await transaction.connection.execute(script)
        await transaction.connection.execute(
            "INSERT INTO migration (name, app_name) VALUES ($1, 'clearsend')", migration_id
        )

    return run


async def _ensure_roles(owner: asyncpg.Connection, login_password: str | None) -> None:
    known = {row["rolname"] for row in await owner.fetch("SELECT rolname FROM pg_roles")}
    for role in (OWNER_ROLE, *GROUP_ROLES):
        if role not in known:
            await owner.execute(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS")
    if LOGIN_ROLE not in known:
        # NOINHERIT before any grant: an inheriting login role reads every tenant's rows.
        await owner.execute(f"CREATE ROLE {LOGIN_ROLE} LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS")
    if login_password is not None:
        quoted = await owner.fetchval("SELECT quote_literal($1::text)", login_password)
        await owner.execute(f"ALTER ROLE {LOGIN_ROLE} LOGIN PASSWORD {quoted}")
    for role in GROUP_ROLES:
        await owner.execute(f"GRANT {role} TO {LOGIN_ROLE}")
    await owner.execute(f"GRANT {OWNER_ROLE} TO CURRENT_USER")
    database = await owner.fetchval("SELECT quote_ident(current_database())")
    await owner.execute(f"GRANT CREATE, CONNECT ON DATABASE {database} TO {OWNER_ROLE}")
    await owner.execute(f"GRANT CONNECT ON DATABASE {database} TO {LOGIN_ROLE}")
    await owner.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await owner.execute(f"GRANT ALL ON SCHEMA public TO {OWNER_ROLE} WITH GRANT OPTION")
    # A balance is moved by the triggers of a transfer alone, so nobody else brings a trigger along.
    await owner.execute("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC")
    await owner.execute(f"GRANT USAGE ON LANGUAGE plpgsql TO {OWNER_ROLE}")
    # Seen but not readable: a forgotten scope is "permission denied", not a missing table.
    await owner.execute(f"GRANT USAGE ON SCHEMA public TO {LOGIN_ROLE}")


async def _run_history(owner_url: str) -> None:
    if DATABASE.pool is not None:
        raise RuntimeError("migrations run before the pool is opened")
    os.environ.setdefault("PICCOLO_CONF", "backend.db.piccolo_conf")
    before = DATABASE.config
    DATABASE.config = {
        "dsn": owner_url,
        # Objects belong to a role that is no superuser, or FORCE ROW LEVEL SECURITY means nothing.
        "server_settings": {
            "role": OWNER_ROLE,
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "search_path": "public",
            "client_min_messages": "warning",
        },
    }
    log = io.StringIO()
    try:
        with contextlib.redirect_stdout(log):
            result = await ForwardsMigrationManager(app_name="clearsend").run()
    finally:
        DATABASE.config = before
    if not result.success:
        raise RuntimeError(f"migration failed: {result.message}\n{log.getvalue()}")


async def migrate(owner_url: str, login_password: str | None = None) -> None:
    """Bring the database of `owner_url` to the newest schema. Safe to run from several places.

    `login_password` sets the login role's password (embedded servers); leave it None where an
    administrator keeps that role.
    """
    owner = await asyncpg.connect(owner_url)
    try:
        await owner.fetchval("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        await _ensure_roles(owner, login_password)
        await _run_history(owner_url)
    finally:
        await owner.close()


def login_url(owner_url: str, password: str) -> str:
    """The login role's URL on the same server and database as `owner_url`."""
    parts = urlsplit(owner_url)
    host = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    return parts._replace(netloc=f"{LOGIN_ROLE}:{password}@{host}").geturl()
