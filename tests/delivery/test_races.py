"""Opt-outs, stops and claims interleaved at random, judged by what the database saw.

A trigger of this test writes down when each claiming statement began, and Postgres keeps when each
transaction committed. Nothing leaves whose claiming statement began after the commit of an opt-out
was answered, or whose claim committed after the commit of a stop.

CLEARSEND_RACE_ROUNDS rounds from seed CLEARSEND_RACE_FIRST_SEED on: 500 by default, ever new
ones in the soak, 10,000 before a release.
"""

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from backend.campaigns.service.moves import read_session
from backend.db.scope import tenant_scope
from backend.delivery.schemas import SwitchChange
from backend.delivery.service import stopping, switching
from backend.delivery.service.claiming import Halt, Lease, claim_window
from backend.delivery.service.inbound import store_inbound
from backend.delivery.service.preparing import prepare_session
from backend.gateways.service import note_working
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
WATCHED = """
CREATE TABLE race_claims (xid bigint NOT NULL, began timestamptz NOT NULL);
CREATE INDEX race_claims_xid ON race_claims (xid);
CREATE FUNCTION note_race_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$ BEGIN
    INSERT INTO race_claims VALUES
        (pg_current_xact_id()::text::bigint & 4294967295, statement_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER race_claims BEFORE UPDATE ON messages
    FOR EACH STATEMENT EXECUTE FUNCTION note_race_claim();
GRANT SELECT ON race_claims TO clearsend_tenant;
"""
UNWATCHED = """
DROP TRIGGER IF EXISTS race_claims ON messages;
DROP FUNCTION IF EXISTS note_race_claim;
DROP TABLE IF EXISTS race_claims;
"""
ROWS = """
SELECT m.phone, m.state, m.credits, c.began, pg_xact_commit_timestamp(m.xmin) AS committed
FROM messages m
LEFT JOIN race_claims c ON c.xid = m.xmin::text::bigint AND m.state = 'submitting'
WHERE m.session_id = $1
"""
"""A claimed row is its claim's until an outcome is written, and these rounds write none."""
COMMIT_OF_STOP = """
SELECT pg_xact_commit_timestamp(xmin) FROM session_events
WHERE session_id = $1 AND event = $2 ORDER BY id DESC LIMIT 1
"""
COMMIT_OF_SWITCH = """
SELECT pg_xact_commit_timestamp(xmin) FROM kill_switches WHERE tenant_id IS NOT DISTINCT FROM $1
"""
STOPS = ("stop", "pause", "kill", "tenant", "none") * 2 + ("platform",)
LEAD = staff(StaffRole.LEAD)


@pytest.fixture(scope="session")
def anyio_backend():
    """As workers run, and a third cheaper."""
    return ("asyncio", {"use_uvloop": True})


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
    opted: dict[str, datetime] = field(default_factory=dict)
    """Phone → when the commit of its opt-out was answered."""
    claimed: set[str] = field(default_factory=set)
    stopped_at: datetime | None = None
    """The commit of the stop, by the database."""

    async def claim(self, rng: random.Random) -> None:
        upto = 0
        while True:
            await asyncio.sleep(rng.random() * 0.006)
            window = await claim_window(self.lease, upto, rng.randint(1, 4))
            if isinstance(window, Halt):
                return
            upto = window.claimed_upto
            self.claimed |= {message.phone for message in window.messages}

    async def say_stop(self, rng: random.Random, number: int) -> None:
        await asyncio.sleep(rng.random() * 0.03)
        said = written(number, "STOP", to=self.lane.sender)
        await store_inbound(self.lane.gateway_id, [said])
        self.opted[recipient(number).phone] = datetime.now(UTC)

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
        async with tenant_scope(system("test", tenant_id)) as scope:
            if how in {"tenant", "platform"}:
                whose = tenant_id if how == "tenant" else None
                self.stopped_at = await scope.value(COMMIT_OF_SWITCH, whose)
            else:
                self.stopped_at = await scope.value(COMMIT_OF_STOP, session_id, how)
        assert self.stopped_at is not None


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


def judge(one: Round, how: str, rows: Sequence[asyncpg.Record]) -> None:
    for row in rows:
        if row["state"] != "submitting":
            continue
        opted = one.opted.get(row["phone"])
        assert opted is None or row["began"] <= opted, f"seed {one.seed}: claimed after its opt-out"
        is_late = one.stopped_at is not None and row["committed"] >= one.stopped_at
        assert not is_late, f"seed {one.seed}: claimed after {how}"


async def settle_accounts(one: Round, how: str) -> None:
    """By what the database saw, not by our clock; and the credits add up."""
    tenant_id = one.lane.tenant_id
    async with tenant_scope(system("test", tenant_id)) as scope:
        rows = await scope.rows(ROWS, one.session_id)
        held = (await balance(scope)).held
        session = await read_session(scope, one.session_id)
    judge(one, how, rows)
    states = {row["phone"]: row["state"] for row in rows}
    assert len(states) == len(rows) == MESSAGES
    assert {p for p, state in states.items() if state == "submitting"} == one.claimed
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


@pytest.fixture
async def watched(database) -> AsyncIterator[None]:
    connection = await database.connect()
    try:
        kept = await connection.fetchval("SHOW track_commit_timestamp")
        assert kept == "on", "this Postgres must be started with track_commit_timestamp=on"
        await connection.execute(UNWATCHED + WATCHED)
        yield
        await connection.execute(UNWATCHED)
    finally:
        await connection.close()


async def test_opt_outs_stops_and_claims_in_any_order(watched):
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
