"""Every queue and topic has somebody; announcements arrive at least once, whatever is lost."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest

from backend.db.engine import DATABASE
from backend.db.scope import tenant_scope
from backend.identity.service.tenants import add_account, add_tenant
from backend.kernel.principal import system
from backend.ledger.service.balance import balance
from backend.outbox import service as outbox
from backend.outbox.topics import Topic
from tests.database import CleanDatabase
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


def environment(database: CleanDatabase, redis_url: str, data_dir: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database.login_url,
        "REDIS_URL": redis_url,
        "CLEARSEND_DATA_DIR": str(data_dir),
        "PYTHONPATH": str(ROOT),
    }


def run_python(code: str, environ: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_topic_has_a_consumer_and_every_queue_an_actor(migrated, redis_url, tmp_path):
    told = run_python(
        "import workers.features, workers.broker\n"
        "from workers.consumers import CONSUMERS\n"
        "print(*CONSUMERS)\n"
        "print(*workers.broker.broker.get_declared_queues())",
        environment(migrated, redis_url, tmp_path),
    ).splitlines()
    assert set(told[0].split()) == {topic.value for topic in Topic}
    assert set(told[1].split()) <= {"bulk", "transactional", "maintenance", "webhooks"}


async def until(condition) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.1)


class Processes:
    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], env=self.environ, cwd=ROOT, start_new_session=True
        )
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def processes(database, redis_url, tmp_path):
    made = Processes(environment(database, redis_url, tmp_path))
    yield made
    made.end()


async def trial_tenant(email: str) -> UUID:
    account_id, _ = await add_account(email, "Trial", "long enough password")
    return await add_tenant("Trial", account_id, status="trial", country="NO")


async def available(tenant_id: UUID) -> int:
    async with tenant_scope(system("test", tenant_id)) as scope:
        return (await balance(scope)).available


@pytest.mark.timeout(180)
async def test_a_sign_up_earns_its_credits_through_the_real_processes(processes):
    processes.start("workers", "--queues", "maintenance", "--processes", "1", "--threads", "2")
    processes.start("workers.clock")
    tenant_id = await trial_tenant("first@example.com")

    async def is_credited() -> bool:
        return await available(tenant_id) == 25

    await until(is_credited)


async def test_a_row_is_announced_again_until_it_is_done(database):
    tenant_id = await make_tenant()
    async with tenant_scope(member_of(tenant_id)) as scope:
        await outbox.announce(scope, Topic.CREDITS_ADDED)
    first = await outbox.take_unannounced()
    assert len(first) == 1
    assert await outbox.take_unannounced() == []
    held = await outbox.lease(first[0])
    assert held is not None
    assert await outbox.lease(first[0]) is None
    await outbox.give_back(held, "fell over")
    assert await outbox.lease(first[0]) is None  # not before its pause
    connection = await database.connect()
    await connection.execute("UPDATE outbox SET not_before = now() - interval '1 second'")
    await connection.close()
    again = await outbox.take_unannounced()
    assert again == first
    taken = await outbox.lease(again[0])
    assert taken is not None
    assert taken.tries == 2
    await outbox.finish(held)  # the old fence finishes nothing
    assert await outbox.extend(taken)
    await outbox.finish(taken)
    assert not await outbox.extend(taken)
    assert await outbox.take_unannounced() == []


async def test_two_relays_share_the_rows(database):
    tenant_id = await make_tenant()
    async with tenant_scope(member_of(tenant_id)) as scope:
        for _ in range(50):
            await outbox.announce(scope, Topic.CREDITS_ADDED)
    taken = await asyncio.gather(*(outbox.take_unannounced() for _ in range(4)))
    ids = [one for part in taken for one in part]
    assert len(ids) == len(set(ids)) == 50
    assert DATABASE.pool is not None
