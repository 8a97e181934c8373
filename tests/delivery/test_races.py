"""Opt-outs, stops and claims interleaved at random, judged by what the database saw.

Each claim notes when its claiming statement began and, after its commit, when that was; each
opt-out and stop when its commit was answered. Nothing leaves whose claiming statement began after
the commit of an opt-out, or whose claim committed after the commit of a stop.

CLEARSEND_RACE_ROUNDS rounds from seed CLEARSEND_RACE_FIRST_SEED on: 500 by default, ever new
ones in the soak, 10,000 before a release.
"""

import asyncio
import contextlib
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from backend.campaigns.service.moves import read_session
from backend.db.scope import tenant_scope
from backend.delivery.schemas import SwitchChange
from backend.delivery.service import stopping, switching
from backend.delivery.service.claiming import Halt, Lease, claim_window
from backend.delivery.service.inbound import store_inbound
from backend.delivery.service.preparing import prepare_session
from backend.gateways.service import note_working
from backend.kernel import clock
from backend.kernel.errors import StateConflict
from backend.kernel.principal import MemberRole, StaffRole, system
from backend.ledger.service.balance import balance
from tests.delivery.factories import (
    ListedEvaluator,
    lease_of,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    use,
)
from tests.delivery.replying import opted_out, written
from tests.delivery.test_replies import own_sender
from tests.factories import member_of, staff

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(3_600)]
ROUNDS = int(os.environ.get("CLEARSEND_RACE_ROUNDS", "500"))
FIRST_SEED = int(os.environ.get("CLEARSEND_RACE_FIRST_SEED", "0"))
MESSAGES = 8
LANES = 3
"""Tenants whose rounds run beside each other: a round waits more than it works."""
WORKING_SECONDS = 1.0
"""So often a gateway says that it works, as sending processes do."""
STOPS = ("stop", "pause", "kill", "tenant", "none") * 2 + ("platform",)
LEAD = staff(StaffRole.LEAD)


@pytest.fixture(scope="session")
def anyio_backend():
    """As workers run, and a third cheaper."""
    return ("asyncio", {"use_uvloop": True})


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    yield
    clock.set_offset(timedelta(0))


class ByTenant(ListedEvaluator):
    """Each lane's tenant addresses the people of the round it is in."""

    def __init__(self) -> None:
        super().__init__([])
        self.of: dict[UUID, ListedEvaluator] = {}

    async def open(self, scope, session):
        return await self.of[scope.tenant_id].open(scope, session)

    async def page(self, scope, opened, after, rows_max):
        return await self.of[scope.tenant_id].page(scope, opened, after, rows_max)


@dataclass
class Lane:
    tenant_id: UUID
    gateway_id: UUID
    evaluator: ByTenant
    sender: str


@dataclass
class Round:
    """One session, several people with their fingers on it, and what each saw when."""

    seed: int
    lane: Lane
    session_id: UUID
    lease: Lease
    held_before: int
    """By what rounds before this left with the carrier."""
    opted: dict[str, float] = field(default_factory=dict)
    claimed: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Phone → when its claiming statement began, and when its commit was answered."""
    stopped_at: float | None = None

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def claim(self, rng: random.Random) -> None:
        upto = 0
        while True:
            await asyncio.sleep(rng.random() * 0.006)
            # Never later than the statement: a claim judged too early is judged too strictly.
            began = self.now()
            window = await claim_window(self.lease, upto, rng.randint(1, 4))
            if isinstance(window, Halt):
                return
            committed = self.now()
            upto = window.claimed_upto
            self.claimed |= {m.phone: (began, committed) for m in window.messages}

    async def say_stop(self, rng: random.Random, number: int) -> None:
        await asyncio.sleep(rng.random() * 0.03)
        said = written(number, "STOP", to=self.lane.sender)
        await store_inbound(self.lane.gateway_id, [said])
        self.opted[recipient(number).phone] = self.now()

    async def stop(self, rng: random.Random, how: str) -> None:
        await asyncio.sleep(rng.random() * 0.03)
        tenant_id, session_id = self.lane.tenant_id, self.session_id
        sender = member_of(tenant_id, MemberRole.SENDER)
        off = SwitchChange(is_sending=False, reason="race")
        if how == "stop":
            await stopping.stop_session(sender, session_id)
        elif how == "pause":
            await stopping.pause_session(sender, session_id)
        elif how == "kill":
            await stopping.kill_session(LEAD, tenant_id, session_id, reason="race")
        elif how == "tenant":
            await switching.switch_tenant(LEAD, tenant_id, off)
        elif how == "platform":
            await switching.switch_platform(LEAD, off)
        self.stopped_at = self.now()


def how_of(seed: int) -> str:
    return random.Random(seed).choice(STOPS)


async def run_round(seed: int, lane: Lane) -> None:
    rng = random.Random(seed)
    how = rng.choice(STOPS)
    tenant_id = lane.tenant_id
    session_id = await make_session(tenant_id)
    numbers = range(seed * MESSAGES, (seed + 1) * MESSAGES)
    people = [recipient(n) for n in numbers]
    lane.evaluator.of[tenant_id] = ListedEvaluator(people, sender=lane.sender)
    assert await prepare_session(tenant_id, session_id) == "sending"
    async with tenant_scope(system("test", tenant_id)) as scope:
        held_before = (await balance(scope)).held - MESSAGES
    lease = await lease_of(tenant_id, session_id)
    one = Round(seed, lane, session_id, lease, held_before)
    doing = [
        one.claim(rng),
        *(one.say_stop(rng, n) for n in rng.sample(numbers, rng.randint(1, 3))),
    ]
    if how != "none":
        doing.append(one.stop(rng, how))
    await asyncio.gather(*doing)
    if how == "platform":
        await switching.switch_platform(LEAD, SwitchChange(is_sending=True, reason="race"))
    if how == "tenant":
        on = SwitchChange(is_sending=True, reason="race")
        await switching.switch_tenant(LEAD, tenant_id, on)
    judge(one, how)
    await settle_accounts(one, how)
    await end(one)


async def run_lane(lane: Lane, seeds: Sequence[int]) -> None:
    said_at = -WORKING_SECONDS
    for seed in seeds:
        now = asyncio.get_running_loop().time()
        if now - said_at >= WORKING_SECONDS:
            await note_working([lane.gateway_id])
            said_at = now
        await run_round(seed, lane)


async def end(one: Round) -> None:
    """The next round begins with nothing queued; another lane's switch may move this one first."""
    is_over = False
    while not is_over:
        with contextlib.suppress(StateConflict):
            async with tenant_scope(system("test", one.lane.tenant_id)) as scope:
                session = await read_session(scope, one.session_id)
                if session.state in stopping.RUNNING:
                    await stopping.kill(scope, session, "race")
            is_over = True


def judge(one: Round, how: str) -> None:
    for phone, at in one.opted.items():
        if phone in one.claimed:
            assert one.claimed[phone][0] <= at, f"seed {one.seed}: claimed after its opt-out"
    if one.stopped_at is not None:
        late = [p for p, (began, _) in one.claimed.items() if began > one.stopped_at]
        assert not late, f"seed {one.seed}: claimed after {how}"


async def settle_accounts(one: Round, how: str) -> None:
    """The rows say the same: by commit order, not by our clock; and the credits add up."""
    tenant_id = one.lane.tenant_id
    async with tenant_scope(system("test", tenant_id)) as scope:
        rows = await scope.rows(
            "SELECT phone, state, credits FROM messages WHERE session_id = $1", one.session_id
        )
        held = (await balance(scope)).held
        session = await read_session(scope, one.session_id)
    states = {row["phone"]: row["state"] for row in rows}
    assert {p for p, state in states.items() if state == "submitting"} == set(one.claimed)
    if session.is_stopped:
        assert "queued" not in states.values(), f"seed {one.seed}: {how} left some queued"
    open_credits = sum(r["credits"] for r in rows if r["state"] in ("queued", "submitting"))
    assert held == open_credits + one.held_before, f"seed {one.seed}: {how}"
    assert {phone for phone, _ in await opted_out(tenant_id)} >= set(one.opted)


async def make_lane(number: int, gateway_id: UUID, evaluator: ByTenant) -> Lane:
    tenant_id = await make_paying_tenant(ROUNDS * MESSAGES)
    lane = Lane(tenant_id, gateway_id, evaluator, f"Lane{number}")
    await own_sender(tenant_id, lane.sender)
    return lane


async def test_opt_outs_stops_and_claims_in_any_order(database):
    gateway_id, _ = await make_gateway(1)
    evaluator = ByTenant()
    use(evaluator)
    lanes = [await make_lane(n, gateway_id, evaluator) for n in range(LANES)]
    seeds = range(FIRST_SEED, FIRST_SEED + ROUNDS)
    # The platform's switch stops every lane: those rounds are alone.
    together = [seed for seed in seeds if how_of(seed) != "platform"]
    async with asyncio.TaskGroup() as tasks:
        for at, lane in enumerate(lanes):
            tasks.create_task(run_lane(lane, together[at::LANES]))
    await run_lane(lanes[0], [seed for seed in seeds if how_of(seed) == "platform"])
