"""`clearsend doctor`: what this machine has and lacks, each line with what to do about it."""

import asyncio
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec

from backend.billing.payment_setup import setup_of
from backend.embedded import places, postgres, servers, valkey
from backend.embedded.places import EmbeddedError
from backend.kernel.errors import Unavailable
from backend.kernel.principal import system
from backend.settings import Settings, SettingsError

REACH_SECONDS_MAX = 5
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_PAYMENTS = "STRIPE_API_KEY is not set: tenants cannot buy credits by themselves"
DEFAULT_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
# The login role must need `SET ROLE` for every table.
ROLE_FACTS = """
SELECT rolsuper, rolbypassrls, rolinherit,
       EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relkind IN ('r', 'p')) AS owns_tables
FROM pg_roles r WHERE rolname = current_user
"""
WRONG_FOR_LOGIN = {
    "rolsuper": "is a superuser, row policies do not bind it",
    "rolbypassrls": "has BYPASSRLS, row policies do not bind it",
    "rolinherit": "inherits (ALTER ROLE … NOINHERIT), so it reads outside any scope",
    "owns_tables": "owns tables, so it may drop their policies",
}


class Finding(msgspec.Struct, frozen=True):
    ok: bool
    what: str
    says: str
    blocks: bool = True  # False: the product runs without it


def findings(settings: Settings) -> Iterator[Finding]:
    yield Finding(sys.version_info >= (3, 11), "Python", platform.python_version())
    try:
        root = places.open_data_dir(settings.data_dir)
    except EmbeddedError as error:
        yield Finding(False, "data directory", str(error))
        return
    yield Finding(True, "data directory", str(root))
    with places.claimed(root, wait_seconds=0) as is_idle:
        pass
    if is_idle:
        free = places.is_free(settings.port)
        yield Finding(free, "port", f"{settings.port} {'free' if free else 'taken: set PORT'}")
    else:
        yield Finding(True, "running", f"as process {places.claimant(root)}")
    if settings.database_url:
        yield _database("DATABASE_URL", settings.database_url, is_login=True)
        if settings.database_owner_url:
            yield _database("DATABASE_OWNER_URL", settings.database_owner_url, is_login=False)
    else:
        yield _embedded("embedded Postgres", lambda: _postgres(root, settings))
    if settings.redis_url:
        yield _reachable("REDIS_URL", settings.redis_url)
    else:
        yield _embedded("embedded Valkey", lambda: _version(valkey.binary()))
    if settings.broker_url:
        yield _reachable("BROKER_URL", settings.broker_url)
    yield _payments(settings)
    if settings.database_url or not is_idle:
        yield _sessions(settings)
    yield _browser()


def _sessions(settings: Settings) -> Finding:
    """Whether everybody does their part: see `WATCHES` of the sessions' states."""
    # Imported when asked: on a machine that lacks half of what it needs doctor still answers.
    from backend.campaigns.service.watching import overdue_sessions  # noqa: PLC0415 - see above
    from backend.db.engine import DATABASE  # noqa: PLC0415 - see above

    async def look(url: str) -> list[str]:
        await DATABASE.open(url, connections_max=1)
        try:
            found = await overdue_sessions(system("doctor"))
        finally:
            await DATABASE.close()
        return [
            f"{one.sessions} {one.state} since {one.since:%Y-%m-%d %H:%M} (waiting for {one.owner})"
            for one in found
        ]

    try:
        with servers.reached(settings) as complete:
            overdue = asyncio.run(look(complete.database_url))
    except (OSError, TimeoutError, asyncpg.PostgresError, EmbeddedError, Unavailable) as error:
        return Finding(False, "sessions", f"cannot be looked at: {error}", blocks=False)
    return Finding(not overdue, "sessions", "; ".join(overdue) or "none waits too long", False)


def _payments(settings: Settings) -> Finding:
    """Said without calling anybody: a doctor spends no money and shows no key."""
    try:
        setup = setup_of(settings)
    except SettingsError as error:
        return Finding(False, "payments", str(error))
    if setup is None:
        is_demo = settings.demo or not settings.database_url  # as `run` has it
        says = "the payment simulator, no money moves" if is_demo else NO_PAYMENTS
        return Finding(is_demo, "payments", says, blocks=False)
    if not setup.webhook_secret:
        says = "STRIPE_WEBHOOK_SECRET is not set: what was paid is not heard of"
        return Finding(False, "payments", says)
    return Finding(True, "payments", f"Stripe, {'live' if setup.is_live else 'test'} mode")


def _postgres(root: Path, settings: Settings) -> str:
    account = places.service_account(root / "postgres")
    binaries = postgres.bin_dir(account, settings.postgres_bin_dir)
    return _version(binaries / "postgres") + (f", as {account.pw_name}" if account else "")


def _version(binary: Path) -> str:
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.strip()


def _embedded(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(True, what, look())
    except EmbeddedError as error:
        return Finding(False, what, str(error))


def _reachable(variable: str, url: str) -> Finding:
    parts = urlsplit(url)
    shown = servers.without_password(url)
    if parts.scheme == "unix":
        return Finding(Path(parts.path).is_socket(), variable, shown)
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        socket.create_connection((parts.hostname or "localhost", port), REACH_SECONDS_MAX).close()
    except OSError as error:
        return Finding(False, variable, f"{shown}: {error}")
    return Finding(True, variable, f"{shown} answers")


def _database(variable: str, url: str, *, is_login: bool) -> Finding:
    shown = servers.without_password(url)
    try:
        version, facts = asyncio.run(_ask_database(url))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        return Finding(False, variable, f"{shown}: {error}")
    wrong = [WRONG_FOR_LOGIN[name] for name, holds in facts.items() if holds and is_login]
    says = f"{shown}: Postgres {version}"
    return Finding(not wrong, variable, "; ".join([says, *wrong]))


async def _ask_database(url: str) -> tuple[str, dict[str, bool]]:
    connection = await asyncpg.connect(url, timeout=REACH_SECONDS_MAX)
    try:
        facts = await connection.fetchrow(ROLE_FACTS)
        return str(await connection.fetchval("SHOW server_version")), dict(facts)
    finally:
        await connection.close()


def _browser() -> Finding:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    absent = "absent, browser tests are left out: deploy/dev/install-peers as root installs it"
    return Finding(found is not None, "Chromium", found or absent, blocks=False)


def run(settings: Settings) -> int:
    """Exit code 1 when something stands in the way of `clearsend run`."""
    found = list(findings(settings))
    width = max(len(finding.what) for finding in found)
    for finding in found:
        sign = "ok" if finding.ok else "NO" if finding.blocks else "--"
        print(f"{sign}  {finding.what:<{width}}  {finding.says}")
    return int(any(finding.blocks and not finding.ok for finding in found))
