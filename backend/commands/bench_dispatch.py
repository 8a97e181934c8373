"""The dispatch path under measurement: a session made by SQL, sent by processes of their own.

The senders are what a worker is without its queue; the carrier is the simulator, perfect and
without delay.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

import msgspec
import uvloop

from backend.campaigns.schemas.evaluation import EvaluatedMessage, EvaluatedPage
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.progress import Progress, session_progress
from backend.db.engine import DATABASE
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.delivery.service import matching, opening, settling, steps
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.evaluator import OpenedEvaluation
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.sending import send_batch
from backend.embedded import postgres
from backend.gateways.config import GatewayConfig
from backend.gateways.service import (
    create_gateway,
    note_working,
    set_gateway_state,
    standing_gateways,
)
from backend.gateways.states import GatewayState
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.service.lots import top_up
from backend.moderation.rules import RuleSet
from backend.settings import Settings

SENDERS: Final = 2
LANES: Final = 4
START_SECONDS_MAX: Final = 60.0
SECONDS_MAX: Final = 1_800.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_HASH: Final = "c" * 64
_BODY: Final = "Dear customer, your parcel is on its way and will reach you today. " * 2
_SECRET_KEY: Final = "secret key of a bench that lives for this run"  # noqa: S105


class DispatchFigures(msgspec.Struct, frozen=True):
    messages_per_second: float
    cpu_us_per_message: float
    """Of all processes: senders, Postgres, carrier."""
    sender_rss_mib: float | None = None


class _Numbers:
    """An evaluator of numbers that were never in an audience."""

    def __init__(self, messages: int) -> None:
        self.messages = messages

    async def open(self, scope: Scope, session: SessionRow) -> OpenedEvaluation:
        del scope, session
        return OpenedEvaluation(_HASH, "Nordlys", None)

    async def page(
        self, scope: Scope, opened: OpenedEvaluation, after: UUID | None, rows_max: int
    ) -> EvaluatedPage:
        del scope, opened
        start = 0 if after is None else after.int
        end = min(start + rows_max, self.messages)
        return EvaluatedPage(
            messages=[_message(n) for n in range(start, end)],
            exclusions=[],
            next_after=None if end == self.messages else UUID(int=end),
        )


def _message(n: int) -> EvaluatedMessage:
    return EvaluatedMessage(
        subscriber_id=uuid7(),
        phone=f"+4791{n:07d}001",
        country="NO",
        body=_BODY,
        encoding="gsm7",
        segments=1,
        credits=1,
    )


async def _no_rules(_scope: Scope, _session: SessionRow) -> steps.CheckTexts:
    return steps.check_against(None, RuleSet())


async def _no_case(_scope: Scope, _of: object, _reason: str) -> None:
    return


async def make_session(messages: int) -> tuple[UUID, UUID]:
    tenant_id, session_id = uuid7(), uuid7()
    async with platform_scope(system("bench"), "a tenant") as scope:
        await scope.execute(
            "INSERT INTO tenants (id, name, status, default_country, verified_phone,"
            " verified_reason) VALUES ($1, 'Bench', 'active', 'NO', '+4791234567', 'bench')",
            tenant_id,
        )
        await scope.execute(
            "INSERT INTO kill_switches (id, tenant_id) VALUES ($1, $2)", uuid7(), tenant_id
        )
    bounds = {"hosts": [], "countries": ["NO"], "recipients_max": messages, "segments_max": 1}
    async with tenant_scope(system("bench", tenant_id)) as scope:
        await top_up(scope, messages, f"bench:{session_id}")
        await scope.execute(
            "INSERT INTO campaign_sessions (tenant_id, id, origin, state, approved_hash,"
            " approval_kind, approved_version, content_version, bounds, ceiling_credits,"
            " created_by) VALUES ($1, $2, 'api', 'preparing', $3, 'human', 1, 1, $4, $5, 'bench')",
            tenant_id,
            session_id,
            _HASH,
            bounds,
            messages,
        )
    plain = steps.Steps(
        evaluator=_Numbers(messages),
        open_check=_no_rules,
        withdraw_case=_no_case,
        reopen_case=_no_case,
    )
    steps.give(plain)
    return tenant_id, session_id


@asynccontextmanager
async def carrier() -> AsyncIterator[int]:
    """The simulator's process id; its gateway stands in the table and is no other's."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "backend.gateways.simulator", "--script", "perfect", "--account", "bench:bench"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS_MAX)
        config = GatewayConfig(
            name=f"bench-{uuid7().hex[:12]}",
            host="127.0.0.1",
            port=msgspec.json.decode(line, type=dict[str, int])["smpp_port"],
            system_id="bench",
            password="bench",  # noqa: S106 # of a process of our own that lives for this run
            window_segments_max=1_000,
        )
        async with platform_scope(system("bench"), "gateways of earlier rounds") as scope:
            earlier = await standing_gateways(scope)
        for gateway in earlier:
            await set_gateway_state(system("bench"), gateway.id, GatewayState.DISABLED)
        await note_working([await create_gateway(system("bench"), _SECRET_KEY, config)])
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def measure_preparing(settings: Settings, messages: int) -> DispatchFigures:
    """Rows of one session written, held and ready to be claimed."""
    await DATABASE.open(settings.database_url, connections_max=LANES)
    try:
        async with carrier():
            tenant_id, session_id = await make_session(messages)
            began, used = time.monotonic(), _cpu_seconds([os.getpid(), *_postgres_pids(settings)])
            await prepare_session(tenant_id, session_id)
            used = _cpu_seconds([os.getpid(), *_postgres_pids(settings)]) - used
            seconds = time.monotonic() - began
            await settling.settle_session(tenant_id, session_id)
    finally:
        await DATABASE.close()
    return DispatchFigures(round(messages / seconds), round(used / messages * 1e6, 1))


async def measure_dispatch(settings: Settings, messages: int) -> DispatchFigures:
    """From the first claim to the commit of the last receipt, of a session prepared before."""
    await DATABASE.open(settings.database_url, connections_max=LANES)
    try:
        with TemporaryDirectory() as name:
            async with carrier() as carrier_pid:
                tenant_id, session_id = await make_session(messages)
                await prepare_session(tenant_id, session_id)
                senders = [await start(settings.database_url, name, n) for n in range(SENDERS)]
                await await_files(Path(name), "ready-*", SENDERS)
                pids = [carrier_pid, *(process.pid for process in senders)]
                used = _cpu_seconds([*pids, *_postgres_pids(settings)])
                began = time.monotonic()
                (Path(name) / "go").touch()
                await delivered(tenant_id, session_id, messages)
                seconds = time.monotonic() - began
                used = _cpu_seconds([*pids, *_postgres_pids(settings)]) - used
                rss = max(_rss_mib(process.pid) for process in senders)
                (Path(name) / "stop").touch()
                for process in senders:
                    await process.wait()
    finally:
        await DATABASE.close()
    return DispatchFigures(round(messages / seconds), round(used / messages * 1e6, 1), rss)


async def progress_of(tenant_id: UUID, session_id: UUID) -> Progress:
    async with tenant_scope(system("bench", tenant_id)) as scope:
        return await session_progress(scope, session_id)


async def delivered(tenant_id: UUID, session_id: UUID, messages: int) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            if (await progress_of(tenant_id, session_id)).delivered == messages:
                return
            await matching.apply_parked()
            await asyncio.sleep(0.05)


async def start(url: str, directory: str, number: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.commands.bench_dispatch", url, directory, str(number)
    )


async def await_files(directory: Path, pattern: str, count: int) -> None:
    async with asyncio.timeout(START_SECONDS_MAX):
        while len(list(directory.glob(pattern))) < count:  # noqa: ASYNC110, ASYNC240 # other processes
            await asyncio.sleep(0.01)


async def _send(url: str, directory: Path, number: int) -> None:
    """A sending process: lanes that take due batches until told to stop."""
    await DATABASE.open(url, connections_max=LANES + 4, plans_once=True)
    carriers = Carriers(directory / "journals")
    keeper = asyncio.create_task(opening.keep_open(carriers, _SECRET_KEY))
    while not any(carriers.ready(gateway_id) for gateway_id in carriers.gateways):  # noqa: ASYNC110
        await asyncio.sleep(0.02)

    async def lane(place: int) -> None:
        while not (directory / "stop").exists():  # the signal of another process
            due = await due_batches(SENDERS * LANES * 4)
            for batch in due[number * LANES + place :: SENDERS * LANES][:1] or due[:1]:
                await send_batch(carriers, *batch.key)
            if not due:
                await asyncio.sleep(0.05)

    (directory / f"ready-{number}").touch()
    await await_files(directory, "go", 1)
    await asyncio.gather(*(lane(place) for place in range(LANES)))
    keeper.cancel()
    await carriers.close()
    await DATABASE.close()


def _postgres_pids(settings: Settings) -> list[int]:
    """This run's own server and its backends. What exited is lost, so ask while they live."""
    server = postgres.find(settings.data_dir)
    if server is None:
        raise RuntimeError("a bench runs on the embedded Postgres of its own directory")
    return [
        int(entry.parent.name)
        for entry in Path("/proc").glob("[0-9]*/stat")
        if server.pid in (int(entry.parent.name), _parent(entry))
    ]


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _cpu_seconds(pids: Sequence[int]) -> float:
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def _rss_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


if __name__ == "__main__":
    uvloop.run(_send(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
