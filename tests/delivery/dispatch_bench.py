"""How fast a prepared session leaves, receipts included: `python -m tests.delivery.dispatch_bench`.

Prints one line of JSON. The senders are processes of their own, as in production; the carrier is
the simulator, perfect and without delay. Uses the database named by CLEARSEND_TEST_OWNER_URL.
"""

# ruff: noqa: ASYNC110, ASYNC240 - a bench watches files of its own processes
import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import uvloop

from backend.campaigns.service.progress import session_progress
from backend.db.engine import DATABASE
from backend.db.scope import tenant_scope
from backend.delivery.service import matching, opening, settling
from backend.delivery.service.announcing import due_batches
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.sending import send_batch
from backend.kernel.principal import system
from tests.database import CleanDatabase, clone
from tests.delivery.factories import (
    ROOT,
    SECRET_KEY,
    ListedEvaluator,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    simulator,
    use,
)

TICKS = os.sysconf("SC_CLK_TCK")
LANES = 4
SENDERS = 2


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def postgres_cpu(database: str) -> float:
    """Of the backends of our database; what exited is lost, so read it while they live."""
    total = 0.0
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if database.encode() in entry.read_bytes():
                total += cpu_seconds(int(entry.parent.name))
        except OSError:
            continue
    return total


async def sender(url: str, directory: str) -> None:
    await DATABASE.open(url, connections_max=LANES + 4)
    carriers = Carriers(Path(directory) / "journals")
    keeper = asyncio.create_task(opening.keep_open(carriers, SECRET_KEY))
    mine = int(sys.argv[4])
    stop = Path(directory) / "stop"

    async def lane(number: int) -> None:
        while not stop.exists():
            due = await due_batches(40)
            for batch in due[mine * LANES + number :: SENDERS * LANES][:1] or due[:1]:
                await send_batch(carriers, *batch.key)
            if not due:
                await asyncio.sleep(0.05)

    while not carriers.gateways or not any(carriers.ready(g) for g in carriers.gateways):
        await asyncio.sleep(0.02)
    (Path(directory) / f"ready-{mine}").touch()
    while not (Path(directory) / "go").exists():
        await asyncio.sleep(0.01)
    await asyncio.gather(*(lane(number) for number in range(LANES)))
    keeper.cancel()
    await carriers.close()
    await DATABASE.close()


async def measure(messages: int) -> dict[str, object]:
    owner = os.environ["CLEARSEND_TEST_OWNER_URL"]
    database = CleanDatabase(await clone(owner, f"bench{os.getpid()}"))
    await DATABASE.open(database.login_url, connections_max=4)
    with TemporaryDirectory() as name:
        directory = Path(name)
        async with simulator("perfect", directory) as carrier:
            await make_gateway(carrier.smpp_port, window_segments_max=1_000)
            tenant_id = await make_paying_tenant(messages)
            session_id = await make_session(tenant_id)
            body = "Dear customer, your parcel is on its way and will reach you today. " * 2
            use(ListedEvaluator([recipient(n, body=body) for n in range(messages)]))
            began = time.monotonic()
            await prepare_session(tenant_id, session_id)
            prepared = time.monotonic() - began
            senders = [await _start(database.login_url, name, n) for n in range(SENDERS)]
            while len(list(directory.glob("ready-*"))) < SENDERS:
                await asyncio.sleep(0.02)
            pids = [process.pid for process in senders]
            before = [cpu_seconds(pid) for pid in (*pids, carrier.process.pid)]
            database_name = database.login_url.rsplit("/", 1)[-1].partition("?")[0]
            postgres_before = postgres_cpu(database_name)
            began = time.monotonic()
            (directory / "go").touch()
            submitted = 0.0
            while True:
                async with tenant_scope(system("bench", tenant_id)) as scope:
                    progress = await session_progress(scope, session_id)
                if not submitted and progress.ever_submitted == messages:
                    submitted = time.monotonic() - began
                if progress.delivered == messages:
                    break
                await matching.apply_parked()
                await asyncio.sleep(0.05)
            seconds = time.monotonic() - began
            after = [cpu_seconds(pid) for pid in (*pids, carrier.process.pid)]
            postgres = postgres_cpu(database_name) - postgres_before
            (directory / "stop").touch()
            for process in senders:
                await process.wait()
            await settling.settle_session(tenant_id, session_id)
            await settling.settle_session(tenant_id, session_id)
    await DATABASE.close()
    used = [b - a for a, b in zip(before, after, strict=True)]
    return {
        "bench": "dispatch",
        "messages": messages,
        "figure": round(messages / seconds),
        "unit": "messages/s with receipts",
        "submitted_per_second": round(messages / submitted) if submitted else None,
        "prepared_per_second": round(messages / prepared),
        "cpu_us_per_message": {
            "senders": round(sum(used[:-1]) / messages * 1e6, 1),
            "carrier": round(used[-1] / messages * 1e6, 1),
            "postgres": round(postgres / messages * 1e6, 1),
        },
        "at": datetime.now(UTC).isoformat(),
    }


async def _start(url: str, directory: str, number: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.delivery.dispatch_bench", "--sender", url, directory, str(number)),
        cwd=ROOT,
    )


def main() -> None:
    if sys.argv[1:2] == ["--sender"]:
        uvloop.run(sender(sys.argv[2], sys.argv[3]))
        return
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    sys.stdout.write(msgspec.json.encode(uvloop.run(measure(messages))).decode() + "\n")


if __name__ == "__main__":
    main()
