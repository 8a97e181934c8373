"""kill -9 at every named point of the dispatch path, against the carrier's own truth log:
nothing is sent twice, nothing is lost, and what is not known is bounded and told (promises 1–3).
"""

import asyncio
import os
import signal
import sys
from collections import Counter

import msgspec
import pytest

from backend.campaigns.service.progress import session_progress
from backend.db.scope import tenant_scope
from backend.delivery.service.claiming import WINDOW_MESSAGES_MAX
from backend.delivery.service.fault_points import FAULT_POINTS
from backend.kernel.principal import system
from backend.ledger.service.balance import balance, totals_by_session
from tests.delivery.factories import (
    ROOT,
    make_gateway,
    make_paying_tenant,
    make_session,
    simulator,
)

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(90)]
RECIPIENTS = 600
FUNDS = 10_000
# Reached only by a stop, an expired lease, returning messages or a window that closed.
NEEDS_MORE = {
    "stop.before_commit",
    "expire.before_commit",
    "return.before_commit",
    "hours.before_commit",
}
POINTS = sorted(FAULT_POINTS.keys() - NEEDS_MORE)
SEEDS = range(int(os.environ.get("CLEARSEND_FAULT_SEEDS", "1")))


async def run_sender(plan: dict[str, object], fault: str = "") -> int:
    environ = {**os.environ, "CLEARSEND_FAULT": fault, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.faults.sender", msgspec.json.encode(plan).decode()),
        env=environ,
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode in (0, -signal.SIGKILL), errors.decode()[-3000:]
    return process.returncode or 0


async def check_end(tenant_id, session_id, truth, kills: int, *, segments: int = 1) -> None:
    accepted = Counter(
        (record.destination, record.part_number) for record in truth if record.kind == "accepted"
    )
    assert max(accepted.values(), default=0) <= 1, "sent twice"
    async with tenant_scope(system("test", tenant_id)) as scope:
        rows = await scope.rows(
            "SELECT phone, state, charged FROM messages WHERE session_id = $1", session_id
        )
        session = await scope.one(
            "SELECT state, hold_id FROM campaign_sessions WHERE id = $1", session_id
        )
        unconfirmed = await scope.value(
            "SELECT count(*) FROM send_attempts WHERE session_id = $1", session_id
        )
        progress = await session_progress(scope, session_id)
        view = await balance(scope)
        totals = await totals_by_session(scope, session_id)
    assert session["state"] == "completed"
    assert len(rows) == RECIPIENTS
    known = {phone.lstrip("+") for phone, _ in accepted}
    delivered = {row["phone"].lstrip("+") for row in rows if row["state"] == "delivered"}
    assert delivered == known, "what the carrier took is what we say it took"
    lost = [row for row in rows if row["state"] not in ("delivered", "unreachable")]
    assert not lost
    assert len(rows) - len(delivered) <= WINDOW_MESSAGES_MAX * kills
    assert unconfirmed <= WINDOW_MESSAGES_MAX * kills
    charged = sum(row["charged"] for row in rows)
    assert charged == len(delivered) * segments == totals.charged == view.spent_total
    assert view.held == 0
    assert view.available == FUNDS - charged
    counts = Counter(row["state"] for row in rows)
    assert progress.planned == progress.final == RECIPIENTS
    assert progress.delivered == counts["delivered"]
    assert progress.unreachable == counts["unreachable"]
    assert progress.credits_captured == charged


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_nothing_is_sent_twice_or_lost(database, tmp_path, point, seed):
    script = "perfect,receipt_delay_ms_max=40,response_delay_ms_max=15"
    async with simulator(script, tmp_path) as carrier:
        await make_gateway(carrier.smpp_port)
        tenant_id = await make_paying_tenant(FUNDS)
        session_id = await make_session(tenant_id)
        plan = {
            "database_url": database.login_url,
            "directory": str(tmp_path),
            "tenant_id": str(tenant_id),
            "session_id": str(session_id),
            "recipients": RECIPIENTS,
            "lanes": 1,
        }
        once = {"prepare.before_hold", "prepare.held", "settle.before_commit"}
        nth = 1 if point in once else 1 + seed % 2
        assert await run_sender(plan, f"kill:{point}:{nth}") == -signal.SIGKILL
        assert await run_sender(plan) == 0
        await check_end(tenant_id, session_id, carrier.truth(), kills=1)
