"""kill -9 while a STOP is stored, acted on and answered: the carrier delivers it again, it counts
once, the opt-out stands whenever the message does, and it is confirmed once at most.
"""

import signal
from collections import Counter

import httpx
import pytest

from backend.db.scope import platform_scope
from backend.kernel.principal import system
from tests.delivery.factories import make_gateway, recipient, simulator
from tests.delivery.replying import SENDER, opted_out, replies_of, texted
from tests.faults.forks import run_fork
from tests.faults.rounds import SEEDS

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]
POINTS = (
    "inbound.stored",
    "inbound.before_commit",
    "inbound.committed",
    "receipts.ack",
    "system_message.claimed",
    "system_message.answered",
)
PEOPLE = 4
REPLIER_SECONDS_MAX = 60


async def run_replier(plan: dict[str, str], fault: str = "") -> int:
    return await run_fork("tests.faults.replier", plan, fault, REPLIER_SECONDS_MAX)


async def write(carrier, number: int, text: str) -> None:
    reply = {
        "number": recipient(number).phone,
        "to": SENDER,
        "text": text,
        "system_id": "test",
    }
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://127.0.0.1:{carrier.http_port}/reply", json=reply)
    assert answer.status_code == 200


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_a_stop_is_heard_once_and_never_lost(database, tmp_path, point, seed):
    async with simulator(f"perfect,redelivery_ms=100,seed={seed}", tmp_path) as carrier:
        await make_gateway(carrier.smpp_port)
        tenant_id, _ = await texted(PEOPLE)
        for number in range(PEOPLE - 1):
            await write(carrier, number, "STOP")
        await write(carrier, PEOPLE - 1, "Thank you")
        plan = {"database_url": database.login_url, "directory": str(tmp_path)}
        assert await run_replier(plan, f"kill:{point}:1") == -signal.SIGKILL
        if point in ("inbound.stored", "inbound.before_commit"):
            assert await replies_of(tenant_id) == await opted_out(tenant_id) == []
        assert await run_replier(plan) == 0
        truth = carrier.truth()
    stopped = {recipient(number).phone for number in range(PEOPLE - 1)}
    assert {phone for phone, _ in await opted_out(tenant_id)} == stopped
    replies = Counter(phone for phone, _, _ in await replies_of(tenant_id))
    assert replies == Counter(recipient(number).phone for number in range(PEOPLE))
    confirmed = Counter(record.destination for record in truth if record.kind == "accepted")
    assert max(confirmed.values(), default=0) <= 1, "confirmed twice"
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows("SELECT phone, state FROM system_messages")
    assert Counter(row["phone"] for row in rows) == Counter(stopped)
    accepted = {row["phone"].removeprefix("+") for row in rows if row["state"] == "accepted"}
    assert accepted <= set(confirmed)
    lost = {row["phone"] for row in rows if row["state"] not in ("accepted", "submitting")}
    assert not lost
    if not point.startswith("system_message"):
        assert len(accepted) == len(stopped)
