"""Postgres and Valkey for whoever has no URL for them: the supervisor, and commands run by hand."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from msgspec.structs import replace

from backend.embedded import places, postgres, valkey
from backend.embedded.places import EmbeddedError
from backend.settings import Settings

DATABASE = "clearsend"
LOGIN_ROLE = "clearsend_login"  # made, with its grants, by the migrations
LOCK_SECONDS_MAX = 5.0


class EmbeddedServers:
    """What runs for one data directory. `settings` has every URL filled in."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.root = root
        self._wanted = settings
        self.postgres: postgres.PostgresServer | None = None
        self.valkey: valkey.ValkeyServer | None = None
        self.settings = replace(settings, data_dir=root)

    @property
    def needs_postgres(self) -> bool:
        return not self._wanted.database_url

    @property
    def needs_valkey(self) -> bool:
        return not self._wanted.redis_url

    def start(self) -> None:
        """Both at once; then the database, which `initdb` does not make."""
        with ThreadPoolExecutor(2) as pool:
            database = pool.submit(self._start_postgres) if self.needs_postgres else None
            redis = pool.submit(self._start_valkey) if self.needs_valkey else None
        for started in (database, redis):
            if started:
                started.result()
        self.settings = self._settings()

    def _start_postgres(self) -> None:
        override = self._wanted.postgres_bin_dir
        self.postgres = postgres.start(self.root, override=override)
        asyncio.run(_ensure_database(self.postgres.url("postgres")))

    def _start_valkey(self) -> None:
        self.valkey = valkey.start(self.root)

    def _settings(self) -> Settings:
        settings = replace(self._wanted, data_dir=self.root)
        if self.postgres:
            login = self.postgres.url(
                DATABASE, LOGIN_ROLE, places.secret(self.root, "database_login")
            )
            owner = self.postgres.url(DATABASE)
            settings = replace(settings, database_url=login, database_owner_url=owner)
        if self.valkey:
            settings = replace(settings, redis_url=self.valkey.url())
        broker = settings.broker_url or _broker_beside(settings.redis_url, self.valkey)
        key = settings.secret_key or places.secret(self.root, "secret_key")
        return replace(settings, broker_url=broker, secret_key=key)

    def revive(self, say: Callable[[str], None]) -> None:
        """Starts again what died under us, on the port of before, so that clients find it."""
        if self.postgres and not places.is_alive(self.postgres.pid):
            say("Postgres died: starting it again")
            self._start_postgres()
        if self.valkey and not places.is_alive(self.valkey.pid):
            say("Valkey died: starting it again")
            self._start_valkey()

    def stop(self) -> None:
        """Valkey first: whoever still rings it has its truth in Postgres."""
        if self.valkey:
            valkey.stop(self.valkey)
        if self.postgres:
            postgres.stop(self.postgres)
        self.postgres = self.valkey = None


def _broker_beside(redis_url: str, embedded: valkey.ValkeyServer | None) -> str:
    """An external Redis is the broker as it is: its other databases may not be ours to use."""
    return embedded.url(valkey.BROKER_DATABASE) if embedded else redis_url


async def _ensure_database(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
            # Another tenant's rows are closed by policies; other databases of the cluster by this.
            await connection.execute(f'REVOKE CONNECT ON DATABASE "{DATABASE}" FROM PUBLIC')
    finally:
        await connection.close()


def login_password(given: Settings, complete: Settings) -> str | None:
    """The password `migrate` sets on the login role; None where an administrator keeps the role."""
    return None if given.database_url else urlsplit(complete.database_url).password


def without_password(url: str) -> str:
    """For a log line or a message."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(parts.username or '')}:…@{host}"))


@contextlib.contextmanager
def reached(settings: Settings) -> Iterator[Settings]:
    """For a command run by hand: settings whose URLs answer. Where `clearsend run` is up its
    servers are used; else they run for as long as the command does.
    """
    if settings.database_url and settings.redis_url:
        yield settings
        return
    root = places.open_data_dir(settings.data_dir)
    servers = EmbeddedServers(settings, root)
    with places.claimed(root, wait_seconds=0) as is_ours:
        try:
            servers.start()
            yield servers.settings
        finally:
            if is_ours:
                servers.stop()


@contextlib.contextmanager
def owned(settings: Settings) -> Iterator[EmbeddedServers]:
    """For the supervisor: the data directory is its alone; both servers end with it."""
    root = places.open_data_dir(settings.data_dir)
    with places.claimed(root, wait_seconds=LOCK_SECONDS_MAX) as is_ours:
        if not is_ours:
            raise EmbeddedError(
                f"{root} is in use by process {places.claimant(root)}: stop it first, or set "
                "CLEARSEND_DATA_DIR (and PORT) for a second installation"
            )
        servers = EmbeddedServers(settings, root)
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()
