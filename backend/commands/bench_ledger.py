"""How fast credits move, next to pgbench's TPC-B on the same server, and how long the proof takes.

A charge is one message paid. A window of 200 accepted messages is captured by one transfer, which
is what the dispatch does; a single transfer is a window of one message, on a tenant picked at
random. Clients are processes of their own, as workers are, with their own connections.
"""

import asyncio
import os
import random
import re
import resource
import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID

import asyncpg
import uvloop

from backend.db.engine import DATABASE
from backend.db.migrate import LOGIN_ROLE
from backend.db.scope import platform_scope, tenant_scope
from backend.embedded import postgres
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.proof import prove_ledger
from backend.ledger.queries.benchmark import ENTRIES_PER_HOLD, WINDOW_CREDITS, fill_ledger
from backend.ledger.service.holds import capture, place_hold
from backend.ledger.service.lots import top_up
from backend.settings import Settings

CLIENTS: Final = 16
PROCESSES: Final = 2
SECONDS: Final = 10
PGBENCH_SCALE: Final = 16
"""As many branches as clients: below that its clients wait for each other's rows."""
TENANTS: Final = 1_000
PROVE_SECONDS_MAX: Final = 60.0
ENTRIES_DEFAULT: Final = 10_000_000
_PROVE_TENANTS: Final = 10
_STATEMENT_TIMEOUT_MS: Final = 600_000
_CREDITS: Final = 1_000_000_000


_LEDGERS_TABLE: Final = (
    "CREATE TABLE bench_ledgers (n integer PRIMARY KEY, tenant_id uuid, hold_id uuid);"
    f" GRANT SELECT ON bench_ledgers TO {LOGIN_ROLE}"
)
_TRANSFER_SCRIPT: Final = """
\\set n random(1, :tenants)
BEGIN;
SELECT set_config('role', 'clearsend_tenant', true),
    set_config('app.tenant_id', tenant_id::text, true),
    now() AS now, tenant_id, hold_id FROM bench_ledgers WHERE n = :n \\gset
SELECT * FROM ledger_capture(:tenant_id, ARRAY[gen_random_uuid(), gen_random_uuid()], :hold_id, 1,
    'pgbench:' || gen_random_uuid(), 'bench', :now);
COMMIT;
"""
"""The four statements of a scope with one capture in it, as `db/scope.py` sends them."""


class LedgerFigures(NamedTuple):
    """A second, each."""

    pgbench_tps: float
    charges: float
    transfers: float
    transfers_by_pgbench: float


async def measure_ledger(settings: Settings) -> LedgerFigures:
    tps = await _tpc_b(settings)
    await DATABASE.open(settings.database_url)
    try:
        hot = [await _make_ledger()]
        spread = [await _make_ledger() for _ in range(TENANTS)]
    finally:
        await DATABASE.close()
    windows = await _clients(settings, hot, WINDOW_CREDITS)
    transfers = await _clients(settings, spread, 1)
    by_pgbench = await _transfers_by_pgbench(settings, spread)
    return LedgerFigures(tps, windows * WINDOW_CREDITS, transfers, by_pgbench)


async def _make_ledger() -> tuple[UUID, UUID]:
    """A tenant and a hold that outlasts the bench."""
    tenant_id = await _make_tenant()
    async with tenant_scope(system("bench", tenant_id)) as scope:
        await top_up(scope, _CREDITS, "bench")
        return tenant_id, (await place_hold(scope, "bench:hold", None, _CREDITS)).id


async def _make_tenant() -> UUID:
    tenant_id = uuid7()
    async with platform_scope(system("bench"), "a tenant") as scope:
        await scope.execute(
            "INSERT INTO tenants (id, name, status, default_country) VALUES ($1, 'Bench',"
            " 'active', 'NO')",
            tenant_id,
        )
    return tenant_id


async def _tpc_b(settings: Settings) -> float:
    """Transactions of pgbench's own script a second, in a database of its own."""
    connection = await asyncpg.connect(settings.database_owner_url)
    try:
        name = f"pgbench_{uuid7().hex}"
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    url = urlsplit(settings.database_owner_url)._replace(path=f"/{name}").geturl()
    await _pgbench(settings, url, ["-i", "-q", "-s", str(PGBENCH_SCALE)])
    return await _transactions_per_second(settings, url, [])


async def _transfers_by_pgbench(settings: Settings, ledgers: list[tuple[UUID, UUID]]) -> float:
    """What the ledger takes without what our processes take: the client of both is the same."""
    connection = await asyncpg.connect(settings.database_owner_url)
    try:
        await connection.execute(_LEDGERS_TABLE)
        rows = [(n, *ledger) for n, ledger in enumerate(ledgers, start=1)]
        await connection.copy_records_to_table("bench_ledgers", records=rows)
        with NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(_TRANSFER_SCRIPT)
            script.flush()
            arguments = ["-n", "-D", f"tenants={len(ledgers)}", "-f", script.name]
            return await _transactions_per_second(settings, settings.database_url, arguments)
    finally:
        await connection.execute("DROP TABLE IF EXISTS bench_ledgers")
        await connection.close()


async def _transactions_per_second(settings: Settings, url: str, arguments: list[str]) -> float:
    load = ["-c", str(CLIENTS), "-j", str(PROCESSES), "-T", str(SECONDS), "-M", "prepared"]
    printed = await _pgbench(settings, url, [*load, *arguments])
    found = re.search(r"tps = ([0-9.]+)", printed)
    failed = re.search(r"failed transactions: ([0-9]+)", printed)
    if found is None or failed is None or int(failed[1]):
        raise RuntimeError(f"pgbench said: {printed}")
    return float(found[1])


async def _pgbench(settings: Settings, url: str, arguments: list[str]) -> str:
    parts = urlsplit(url)
    environment = {
        "PGHOST": parts.hostname or "127.0.0.1",
        "PGPORT": str(parts.port),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.removeprefix("/"),
        "PGOPTIONS": "-c synchronous_commit=on",
    }
    binary = postgres.bin_dir(None, settings.postgres_bin_dir) / "pgbench"
    return await _run(binary, arguments, environment)


async def _run(binary: Path | str, arguments: Sequence[str], environment: dict[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        str(binary),
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, wrong = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{binary}: {wrong.decode()}")
    return out.decode()


async def _clients(settings: Settings, ledgers: list[tuple[UUID, UUID]], amount: int) -> float:
    """Captures a second of CLIENTS clients in PROCESSES processes."""
    pairs = [f"{tenant_id}:{hold_id}" for tenant_id, hold_id in ledgers]
    arguments = ["-m", "backend.commands.bench_ledger", str(amount)]
    environment = {"BENCH_DATABASE_URL": settings.database_url, "PYTHONPATH": ":".join(sys.path)}
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(PROCESSES)
    ]
    told = await asyncio.gather(
        *(process.communicate("\n".join(pairs).encode()) for process in started)
    )
    if any(process.returncode for process in started):
        raise RuntimeError("a client of the bench failed")
    return sum(float(out) for out, _ in told)


async def _capture_for_a_while(url: str, ledgers: list[tuple[UUID, UUID]], amount: int) -> float:
    await DATABASE.open(url, connections_max=CLIENTS // PROCESSES)
    numbers = count()
    mine = uuid7().hex
    end = time.perf_counter() + SECONDS

    async def client() -> None:
        while time.perf_counter() < end:
            tenant_id, hold_id = random.choice(ledgers)  # noqa: S311 - which row, not a secret
            async with tenant_scope(system("bench", tenant_id)) as scope:
                await capture(scope, hold_id, amount, f"{mine}:{next(numbers)}")

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS // PROCESSES)))
    took = time.perf_counter() - began
    await DATABASE.close()
    return next(numbers) / took


async def measure_proof(settings: Settings, entries: int) -> tuple[float, float]:
    """Seconds of the whole proof, and this process's peak memory in MiB."""
    await DATABASE.open(settings.database_url, statement_timeout_ms=_STATEMENT_TIMEOUT_MS)
    try:
        tenants = [await _make_tenant() for _ in range(_PROVE_TENANTS)]
        holds = -(-entries // (ENTRIES_PER_HOLD * len(tenants)))
        await fill_ledger(settings.database_owner_url, tenants, holds)
        began = time.perf_counter()
        async for violation in prove_ledger(system("bench")):
            raise RuntimeError(f"the bench's own ledger is wrong: {violation}")
        took = time.perf_counter() - began
    finally:
        await DATABASE.close()
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return took, peak_kib / 1024


def main() -> None:
    """One client process: `AMOUNT`, tenants and holds on standard input."""
    pairs = [line.split(":") for line in sys.stdin.read().splitlines()]
    ledgers = [(UUID(tenant_id), UUID(hold_id)) for tenant_id, hold_id in pairs]
    url = os.environ["BENCH_DATABASE_URL"]
    print(uvloop.run(_capture_for_a_while(url, ledgers, int(sys.argv[1]))))


if __name__ == "__main__":
    main()
