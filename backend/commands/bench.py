"""`clearsend bench`: how fast, next to what this machine could do, on a data directory of its own.

One object per bench, or per part of one: the median of rounds in which the bench and its limit take
turns, so that a busy neighbour slows both. `docs/performance.md` says what each figure means and
how to read it.
"""

import argparse
import asyncio
import contextlib
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import uvloop
from msgspec.structs import replace

from backend.commands import bench_dispatch, bench_fairness, bench_ledger, bench_queue
from backend.db.migrate import migrate
from backend.embedded import servers
from backend.gateways.benchmarks import measure_smpp
from backend.settings import Settings

ROUNDS_DEFAULT = 3
MESSAGES_DEFAULT = 20_000
_PACKAGES = ("asyncpg", "uvloop", "msgspec")


class Also(msgspec.Struct, frozen=True):
    """A further figure of the same rounds."""

    figure: float
    unit: str
    limit: float
    limit_is: str
    ratio: float


class Round(NamedTuple):
    figure: float
    limit: float | None
    cpu_us_per_message: float | None
    rss_mib: float | None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    also: tuple[Also, ...] = ()


class BenchResult(msgspec.Struct, frozen=True, kw_only=True):
    """Medians of the rounds; null where it does not apply. `ratio` is the median of the rounds'
    own ratios.
    """

    bench: str
    figure: float
    unit: str
    limit: float | None
    limit_is: str | None
    ratio: float | None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    cpu_us_per_message: float | None
    rss_mib: float | None
    also: list[Also]
    rounds: int
    machine: str
    versions: dict[str, str]


class Sizes(NamedTuple):
    messages: int
    waiting: int
    decided: int
    entries: int


class Bench(NamedTuple):
    unit: str
    limit_is: str | None
    measure: Callable[[Settings, Sizes], Coroutine[Any, Any, Round | dict[str, Round]]]
    """What has several parts measures them in one round, and prints an object for each."""
    needs_database: bool


async def _dispatch(settings: Settings, sizes: Sizes) -> Round:
    messages = sizes.messages
    limit = await measure_smpp(messages)
    figures = await bench_dispatch.measure_dispatch(settings, messages)
    return Round(
        figures.messages_per_second,
        limit.messages_per_second,
        figures.cpu_us_per_message,
        figures.sender_rss_mib,
    )


async def _prepare(settings: Settings, sizes: Sizes) -> Round:
    figures = await bench_dispatch.measure_preparing(settings, sizes.messages)
    return Round(figures.messages_per_second, None, figures.cpu_us_per_message, None)


async def _queue(settings: Settings, sizes: Sizes) -> dict[str, Round]:
    found = await bench_queue.measure_queue(settings, sizes.waiting, sizes.decided)
    return {
        part: Round(waits.p95, bench_queue.PROMISED_MS[part], None, None, *waits)
        for part, waits in found.items()
    }


async def _smpp(_settings: Settings, sizes: Sizes) -> Round:
    figures = await measure_smpp(sizes.messages)
    used = figures.client_cpu_us_per_message + figures.carrier_cpu_us_per_message
    return Round(figures.messages_per_second, None, round(used, 1), figures.rss_mib)


async def _fairness(settings: Settings, sizes: Sizes) -> Round:
    seconds = await bench_fairness.measure_fairness(settings, sizes.messages)
    return Round(seconds, bench_fairness.DELAY_SECONDS_MAX, None, None)


async def _ledger(settings: Settings, _sizes: Sizes) -> Round:
    found = await bench_ledger.measure_ledger(settings)
    tps = found.pgbench_tps
    singles = {
        "single transfers/s over 1,000 tenants, each in a scope of its own": found.transfers,
        "the same transfers/s, asked for by pgbench itself": found.transfers_by_pgbench,
    }
    also = tuple(
        Also(figure, unit, tps, _TPC_B, round(figure / tps, 4)) for unit, figure in singles.items()
    )
    return Round(found.charges, tps, None, None, also=also)


async def _prove(settings: Settings, sizes: Sizes) -> Round:
    seconds, rss_mib = await bench_ledger.measure_proof(settings, sizes.entries)
    return Round(seconds, bench_ledger.PROVE_SECONDS_MAX, None, rss_mib)


_TPC_B = "transactions/s of pgbench's TPC-B at 16 clients, synchronous_commit on"

BENCHES = {
    "dispatch": Bench(
        "messages/s with committed receipts",
        "the same messages and receipts over SMPP alone, nothing stored",
        _dispatch,
        needs_database=True,
    ),
    "prepare": Bench("message rows/s written", None, _prepare, needs_database=True),
    "fairness": Bench(
        "seconds until 100 messages of one tenant are delivered beside all of another's",
        "what is promised beside 1,000,000",
        _fairness,
        needs_database=True,
    ),
    "queue": Bench(
        "ms, 95 of 100 requests at the API",
        "what is promised at 100,000 open and 5,000,000 decided cases",
        _queue,
        needs_database=True,
    ),
    "ledger": Bench(
        "charges/s on one tenant, captured in windows of 200", _TPC_B, _ledger, needs_database=True
    ),
    "prove": Bench(
        "seconds for the proof of --entries ledger entries",
        "what is promised for 10,000,000",
        _prove,
        needs_database=True,
    ),
    "smpp": Bench("messages/s with receipts, nothing stored", None, _smpp, needs_database=False),
}


def bench(settings: Settings, arguments: argparse.Namespace) -> int:
    parser = argparse.ArgumentParser(prog="clearsend bench")
    parser.add_argument("name", choices=BENCHES)
    parser.add_argument("--messages", type=int, default=MESSAGES_DEFAULT)
    parser.add_argument("--open", type=int, default=bench_queue.OPEN_DEFAULT)
    parser.add_argument("--decided", type=int, default=bench_queue.DECIDED_DEFAULT)
    parser.add_argument("--entries", type=int, default=bench_ledger.ENTRIES_DEFAULT)
    parser.add_argument("--rounds", type=int, default=ROUNDS_DEFAULT)
    parser.add_argument("--json", action="store_true", help="one line of JSON, nothing else")
    parsed = parser.parse_args(arguments.rest)
    sizes = Sizes(parsed.messages, parsed.open, parsed.decided, parsed.entries)
    if min(parsed.rounds, *sizes) < 1:
        parser.error("--messages, --rounds, --open, --decided and --entries: at least 1")
    chosen = BENCHES[parsed.name]
    with _own_servers(settings) if chosen.needs_database else contextlib.nullcontext(settings) as s:
        rounds = [uvloop.run(chosen.measure(s, sizes)) for _ in range(parsed.rounds)]
    for part, of_part in _by_part(rounds).items():
        _print(_result(f"{parsed.name}{part and '.'}{part}", chosen, of_part), parsed.json)
    return 0


def _by_part(rounds: list[Round | dict[str, Round]]) -> dict[str, list[Round]]:
    found: dict[str, list[Round]] = {}
    for one in rounds:
        for part, figures in ({"": one} if isinstance(one, Round) else one).items():
            found.setdefault(part, []).append(figures)
    return found


def _print(result: BenchResult, is_json: bool) -> None:
    if is_json:
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        return
    for name in BenchResult.__struct_fields__:
        sys.stdout.write(f"{name:>20}  {getattr(result, name)}\n")


@contextlib.contextmanager
def _own_servers(settings: Settings) -> Iterator[Settings]:
    """Servers that never saw another row, in a directory that goes with them."""
    with tempfile.TemporaryDirectory(prefix="clearsend-bench-") as name:
        Path(name).chmod(0o711)  # the account Postgres runs as must get through
        own = replace(
            settings,
            data_dir=Path(name) / "data",
            database_url="",
            database_owner_url="",
            redis_url="",
        )
        with servers.reached(own) as complete:
            password = servers.login_password(own, complete)
            asyncio.run(migrate(complete.database_owner_url, password))
            yield complete


def _result(name: str, chosen: Bench, rounds: list[Round]) -> BenchResult:
    return BenchResult(
        bench=name,
        figure=statistics.median(one.figure for one in rounds),
        unit=chosen.unit,
        limit=_median([one.limit for one in rounds]),
        limit_is=chosen.limit_is,
        ratio=_median([one.limit and round(one.figure / one.limit, 4) for one in rounds]),
        p50_ms=_median([one.p50_ms for one in rounds]),
        p95_ms=_median([one.p95_ms for one in rounds]),
        p99_ms=_median([one.p99_ms for one in rounds]),
        cpu_us_per_message=_median([one.cpu_us_per_message for one in rounds]),
        rss_mib=_median([one.rss_mib for one in rounds]),
        also=[_middle(of_rounds) for of_rounds in zip(*(one.also for one in rounds), strict=True)],
        rounds=len(rounds),
        machine=_machine(),
        versions={"python": platform.python_version()} | {p: version(p) for p in _PACKAGES},
    )


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _middle(found: Sequence[Also]) -> Also:
    return sorted(found, key=lambda one: one.ratio)[len(found) // 2]


def _machine() -> str:
    """The load says how much of the machine was somebody else's."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} CPU {platform.machine()}, {platform.system()}, load {load:.1f}"
