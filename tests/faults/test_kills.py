"""kill -9 at every named point of the dispatch path, against the carrier's own truth log:
nothing is sent twice, nothing is lost, and what is not known is bounded and told (promises 1–3).
"""

import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

from backend.campaigns.service.progress import session_progress
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.claiming import WINDOW_MESSAGES_MAX
from backend.delivery.service.fault_points import FAULT_POINTS
from backend.kernel.principal import system
from backend.ledger.service.balance import balance, totals_by_session
from tests.delivery.factories import (
    Simulator,
    make_gateway,
    make_paying_tenant,
    make_session,
    simulator,
)
from tests.faults.forks import run_fork
from tests.faults.rounds import SEEDS

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(90)]
RECIPIENTS = 600
FUNDS = 10_000
# Reached only by an expired lease, a lost gateway, messages that come back, a stop, or hours that
# closed: each has its own test.
NEEDS_MORE = {
    "expire.before_commit",
    "failover.before_commit",
    "hours.before_commit",
    "return.before_commit",
    "stop.before_commit",
}
# Replies have a test of their own (test_reply_kills.py).
NEEDS_MORE |= {point for point in FAULT_POINTS if point.startswith(("inbound.", "system_message."))}
# Of the features below that a dispatch passes through.
BELOW = ("ledger.held", "ledger.captured", "wire.write", "wire.sent")
POINTS = sorted({*FAULT_POINTS.keys() - NEEDS_MORE, *BELOW})
AFTER_A_DEATH = ("expire.before_commit", "return.before_commit")
LOST_GATEWAY = ("failover.before_commit",)
STOPS = ("stop.before_commit", "ledger.released")
SENDER_SECONDS_MAX = 60
# Six seconds for all of them: whoever stops it finds something that has not left.
SLOW_SEGMENTS_PER_SECOND = 100.0
SCRIPT = "perfect,receipt_delay_ms_max=40,response_delay_ms_max=15"


async def run_sender(plan: dict[str, object], fault: str = "") -> int:
    return await run_fork("tests.faults.sender", plan, fault, SENDER_SECONDS_MAX)


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


@dataclass
class Stage:
    """A session ready to be prepared, and the carrier that writes down what it took."""

    plan: dict[str, object]
    tenant_id: UUID
    session_id: UUID
    carrier: Simulator

    async def killed_at(self, point: str, nth: int = 1) -> None:
        assert await run_sender(self.plan, f"kill:{point}:{nth}") == -signal.SIGKILL, "never hit"

    async def ends(self) -> None:
        assert await run_sender(self.plan) == 0


@asynccontextmanager
async def stage(
    database, directory, script: str, *, throughput: float | None = None, **changes: object
) -> AsyncIterator[Stage]:
    async with simulator(script, directory) as carrier:
        await make_gateway(carrier.smpp_port, throughput_segments_per_second_max=throughput)
        tenant_id = await make_paying_tenant(FUNDS)
        session_id = await make_session(tenant_id)
        plan: dict[str, object] = {
            "database_url": database.login_url,
            "directory": str(directory),
            "tenant_id": str(tenant_id),
            "session_id": str(session_id),
            "recipients": RECIPIENTS,
            "lanes": 1,
        }
        yield Stage(plan | changes, tenant_id, session_id, carrier)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_nothing_is_sent_twice_or_lost(database, tmp_path, point, seed):
    once = {"prepare.before_hold", "prepare.held", "settle.before_commit", "ledger.held"}
    async with stage(database, tmp_path, f"{SCRIPT},seed={seed}") as of:
        await of.killed_at(point, 1 if point in once else 1 + seed % 2)
        await of.ends()
        await check_end(of.tenant_id, of.session_id, of.carrier.truth(), kills=1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("first", ["claim.committed", "submit.answered"])
async def test_killed_while_a_dead_holders_window_is_judged(database, tmp_path, first, seed):
    """Judged again by the next process, to the same end: the doubt is of one window, not two."""
    async with stage(database, tmp_path, f"{SCRIPT},seed={seed}") as of:
        await of.killed_at(first)
        await of.killed_at("expire.before_commit")
        await of.ends()
        await check_end(of.tenant_id, of.session_id, of.carrier.truth(), kills=1)


@pytest.mark.parametrize("seed", SEEDS)
async def test_killed_while_refused_messages_are_put_into_a_new_batch(database, tmp_path, seed):
    script = f"{SCRIPT},seed={seed},queue_full_rate=0.01"
    async with stage(database, tmp_path, script) as of:
        await of.killed_at("return.before_commit")
        await of.ends()
        truth = of.carrier.truth()
        assert any(record.kind != "accepted" for record in truth), "nothing was refused"
        await check_end(of.tenant_id, of.session_id, truth, kills=1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("point", LOST_GATEWAY)
async def test_killed_while_batches_go_to_another_gateway(database, tmp_path, point, seed):
    """Half prepared for a carrier that is gone: it takes what it has, or nothing of it."""
    async with stage(database, tmp_path, f"{SCRIPT},seed={seed}") as of:
        gone, _ = await make_gateway(1)
        async with platform_scope(system("test"), "test") as scope:
            await scope.execute(
                "UPDATE gateways SET weight = CASE WHEN id = $1 THEN 1000 ELSE 1 END", gone
            )
        await of.killed_at(point, 1 + seed % 2)
        await of.ends()
        await check_end(of.tenant_id, of.session_id, of.carrier.truth(), kills=1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("point", STOPS)
async def test_killed_while_it_is_stopped(database, tmp_path, point, seed):
    """Not stopped at all, or stopped with every credit back: what never left is cancelled."""
    script = f"{SCRIPT},seed={seed}"
    slow = SLOW_SEGMENTS_PER_SECOND
    async with stage(database, tmp_path, script, throughput=slow, is_stopped=True) as of:
        await of.killed_at(point)
        async with tenant_scope(system("test", of.tenant_id)) as scope:
            state = await scope.value(
                "SELECT state FROM campaign_sessions WHERE id = $1", of.session_id
            )
            assert state == "sending", "a stop that was not committed stopped something"
        await of.ends()
        await check_stopped(of)


async def check_stopped(of: Stage) -> None:
    took = Counter(r.destination for r in of.carrier.truth() if r.kind == "accepted")
    assert max(took.values()) == 1, "sent twice"
    async with tenant_scope(system("test", of.tenant_id)) as scope:
        rows = await scope.rows(
            "SELECT phone, state, charged FROM messages WHERE session_id = $1", of.session_id
        )
        progress = await session_progress(scope, of.session_id)
        view = await balance(scope)
    counts = Counter(row["state"] for row in rows)
    delivered = {row["phone"].lstrip("+") for row in rows if row["state"] == "delivered"}
    assert delivered == set(took)
    assert counts["cancelled"] > 0, "everything had left before the stop"
    assert counts["unreachable"] <= WINDOW_MESSAGES_MAX
    assert sum(counts.values()) == RECIPIENTS == progress.planned == progress.final
    assert counts.keys() <= {"delivered", "cancelled", "unreachable"}
    charged = sum(row["charged"] for row in rows)
    assert (charged, view.held, view.available) == (len(delivered), 0, FUNDS - charged)


def test_every_point_has_a_kill():
    assert {*POINTS, *NEEDS_MORE} == {*FAULT_POINTS, *BELOW}
