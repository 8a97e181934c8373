"""`python -m workers.clock`: relay, due work, leases, deadlines. Any number of clocks is safe.

No leader: every job finds its candidates by a plain read and takes each by compare-and-set.
"""

import asyncio
import signal

import structlog
import uvloop

from backend.billing.payments import close_payments, open_payments
from backend.billing.vat_register import register_of, use_vat_register
from backend.db.engine import DATABASE
from backend.files.service import DirectoryStorage, use_storage
from workers import features
from workers.broker import settings
from workers.jobs import JOBS, Job

FAILED_PAUSE_SECONDS = 2.0
CLOCK_CONNECTIONS_MAX = 6
_log = structlog.get_logger("clearsend.clock")


async def _repeat(job: Job, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        pause = job.every_seconds
        try:
            if await job.run():
                continue
        except Exception:  # noqa: BLE001 - one job's fault stops no other
            _log.exception("job_failed", job=job.name)
            pause = max(pause, FAILED_PAUSE_SECONDS)
        try:
            async with asyncio.timeout(pause):
                await stopping.wait()
        except TimeoutError:
            continue


async def main() -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    use_vat_register(register_of(settings.vat_register_url, is_demo=settings.demo))
    use_storage(DirectoryStorage(settings.data_dir / "files"))
    open_payments(settings)
    await DATABASE.open(settings.database_url, connections_max=CLOCK_CONNECTIONS_MAX)
    _log.info("clock_started", jobs=[job.name for job in JOBS], features=features.__all__)
    try:
        async with asyncio.TaskGroup() as group:
            for job in JOBS:
                group.create_task(_repeat(job, stopping))
    finally:
        await DATABASE.close()
        await close_payments()


if __name__ == "__main__":
    uvloop.run(main())
