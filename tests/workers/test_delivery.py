"""The real processes: worker, clock, broker and carrier; the broker is emptied on the way."""

import asyncio
import os
import sys

import pytest
from redis.asyncio import Redis

from backend.campaigns.service.progress import session_progress
from backend.db.scope import tenant_scope
from backend.delivery.service.preparing import prepare_session
from backend.kernel.principal import system
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

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(110)]


async def start(environ, *words):
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, env=environ, cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


async def test_a_session_is_sent_by_the_processes_though_the_broker_is_emptied(
    database, redis_url, broker_url, tmp_path
):
    async with simulator("perfect,receipt_delay_ms_max=200", tmp_path) as carrier:
        await make_gateway(carrier.smpp_port)
        tenant_id = await make_paying_tenant(1_000)
        session_id = await make_session(tenant_id)
        use(ListedEvaluator([recipient(n) for n in range(500)], page_rows=150))
        await prepare_session(tenant_id, session_id)
        environ = {
            **os.environ,
            "DATABASE_URL": database.login_url,
            "REDIS_URL": redis_url,
            "BROKER_URL": broker_url,
            "CLEARSEND_SECRET_KEY": SECRET_KEY,
            "CLEARSEND_DATA_DIR": str(tmp_path / "data"),
            "PYTHONPATH": str(ROOT),
        }
        clock = await start(environ, "workers.clock")
        await asyncio.sleep(2)
        async with Redis.from_url(broker_url) as redis:
            await redis.flushall()  # every bell rung so far is lost
        workers = await start(
            environ, "workers", "--queues", "bulk", "transactional", "maintenance",
            "--processes", "1", "--threads", "4",
        )  # fmt: skip
        try:
            async with asyncio.timeout(80):
                state = ""
                while state != "completed":
                    async with tenant_scope(system("test", tenant_id)) as scope:
                        state = await scope.value(
                            "SELECT state FROM campaign_sessions WHERE id = $1", session_id
                        )
                        progress = await session_progress(scope, session_id)
                    await asyncio.sleep(0.2)
        finally:
            for process in (workers, clock):
                process.terminate()
            await asyncio.gather(workers.wait(), clock.wait())
        assert progress.delivered == 500
        accepted = [r.destination for r in carrier.truth() if r.kind == "accepted"]
        assert len(accepted) == len(set(accepted)) == 500
