"""Journeys in which something dies: nothing is sent twice, nothing is lost, doubt is bounded.

Judged by the simulator's truth log: what the carrier accepted, written before it answered.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from redis import Redis

from backend.commands import journey
from backend.commands.api_client import ApiRefused, Person
from backend.commands.connection import opened
from backend.commands.prove import violations
from backend.delivery.service.claiming import WINDOW_MESSAGES_MAX
from backend.identity.service.login import DEMO_PASSWORD
from tests.journeys.system import Cast, System, cast_of, running

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(400)]
RECIPIENTS = 3_000
LANES_MAX = 8  # one sending process, and its threads
IN_DOUBT_MAX = WINDOW_MESSAGES_MAX * LANES_MAX
"""For each kill: about half of the recipients, so that more in doubt than promised is seen."""
SLOW = {"response_delay_ms_min": 400, "response_delay_ms_max": 600}
FAST = dict.fromkeys(SLOW, 0)


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with running() as started:
        yield started


async def started(cast: Cast, name: str, body: str = "Hi [first name], it is on.") -> str:
    """A session of RECIPIENTS that has begun to send."""
    await cast.import_people(RECIPIENTS, seed=sum(map(ord, name)))
    session = await cast.draft(name, body)
    quote = await cast.tenant.post(f"/v1/sessions/{session['id']}/quotes")
    await cast.top_up(quote["ceiling_credits"], f"broken-{name}")
    await journey.submit(cast.tenant, session["id"])
    await cast.decide(name)
    await cast.in_state(session["id"], "sending", "settling", "completed")
    return str(session["id"])


def taken(system: System, cast: Cast) -> Counter[str]:
    """How often the carrier took a text for each of ours."""
    mine = {person.phone.lstrip("+") for person in cast.persons}
    return Counter(
        record.destination.lstrip("+")
        for record in system.accepted()
        if record.part_number == 1 and record.destination.lstrip("+") in mine
    )


def sent_twice(system: System, cast: Cast) -> list[Any]:
    return [number for number, times in taken(system, cast).items() if times > 1]


@contextlib.asynccontextmanager
async def slow_carrier(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """Else all is sent before anything can be broken."""
    async with httpx.AsyncClient(base_url=system.simulator_url()) as client:
        (await client.post("/script", json=SLOW)).raise_for_status()
        try:
            yield client
        finally:
            await client.post("/script", json=FAST)


async def under_way(system: System, cast: Cast) -> None:
    while not taken(system, cast):
        assert time.monotonic() < cast.deadline, system.log()
        await asyncio.sleep(0.05)


def broken_in_the_middle(system: System, cast: Cast) -> None:
    assert 0 < len(taken(system, cast)) < RECIPIENTS // 2, "too late to tell anything"


def nobody_lost(system: System, cast: Cast, progress: dict[str, Any]) -> None:
    """Whom the carrier has no text of was left out, or is told to be in doubt."""
    left_out = progress["left_out"] + progress["excluded"]
    missing = len(cast.persons) - len(taken(system, cast))
    assert progress["queued"] == progress["waiting_retry"] == 0
    assert missing <= left_out + progress["unconfirmed"]


async def judge(system: System, cast: Cast, session_id: str, kills: int) -> None:
    cast.deadline = time.monotonic() + 200
    view = await journey.see_through(cast.tenant, session_id, cast.deadline)
    progress = view["progress"]
    assert sent_twice(system, cast) == []
    assert progress["unconfirmed"] == 0  # settled at the end, whatever was in doubt
    left_out = progress["left_out"] + progress["excluded"]
    ended = progress["delivered"] + progress["failed"] + progress["cancelled"]
    assert len(cast.persons) == left_out + ended
    # What the demo's carrier does not deliver, 3 %, and what was in doubt.
    assert progress["failed"] <= IN_DOUBT_MAX * kills + len(cast.persons) // 10
    assert kills or len(taken(system, cast)) == len(cast.persons) - left_out
    async with opened(system.complete):
        assert [found async for found in violations(system.complete)] == []


async def test_a_worker_killed_while_sending(system: System):
    async with cast_of(system, "Worker killed") as cast:
        async with slow_carrier(system):
            session_id = await started(cast, "Worker dies")
            await under_way(system, cast)
            assert system.kill("workers", "bulk") >= 1
            broken_in_the_middle(system, cast)
        view = await cast.in_state(session_id, "completed", "settling")
        # What was in doubt waits for its receipts; the rest went on.
        assert view["progress"]["unconfirmed"] <= IN_DOUBT_MAX
        nobody_lost(system, cast, view["progress"])
        assert sent_twice(system, cast) == []


async def test_valkey_flushed_while_sending(system: System):
    async with cast_of(system, "Valkey flushed") as cast:
        async with slow_carrier(system):
            session_id = await started(cast, "Valkey empties")
            await under_way(system, cast)
            with Redis.from_url(system.complete.redis_url) as redis:
                redis.flushall()
            broken_in_the_middle(system, cast)
        # Everybody is logged out; nothing else is lost.
        async with logged_in_again(system, cast) as again:
            await judge(system, again, session_id, kills=0)


async def test_the_carrier_drops_the_line_after_accepting(system: System):
    async with cast_of(system, "Line dropped") as cast:
        async with slow_carrier(system) as carrier:
            session_id = await started(cast, "Line drops")
            await under_way(system, cast)
            assert (await carrier.post("/drop")).json()["dropped"] >= 1
            broken_in_the_middle(system, cast)
        view = await cast.in_state(session_id, "completed", "settling")
        assert view["progress"]["unconfirmed"] <= IN_DOUBT_MAX
        nobody_lost(system, cast, view["progress"])
        assert sent_twice(system, cast) == []


async def test_the_api_killed_after_each_answer(system: System):
    """Every 2xx survives: after each one the api dies, and the work goes on from it."""
    async with cast_of(system, "Api killed") as cast:
        await cast.import_people(20, seed=99)
        await cast.top_up(100, "api-killed-1")
        await api_dies(system)
        session = await cast.draft("Api dies")
        await api_dies(system)
        await journey.submit(cast.tenant, session["id"])
        await api_dies(system)
        await cast.decide("Api dies")
        await api_dies(system)
        view = await journey.see_through(cast.tenant, session["id"], cast.deadline)
        assert view["state"] == "completed"
        assert (await cast.tenant.get("/v1/balance"))["held"] == 0


async def api_dies(system: System) -> None:
    assert system.kill("uvicorn", "backend.app:create_app") >= 1
    deadline = time.monotonic() + 60
    while not system.answers():
        assert time.monotonic() < deadline, system.log()
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def logged_in_again(system: System, cast: Cast) -> AsyncIterator[Cast]:
    email = cast.tenant.session["account"]["email"]
    async with await Person.log_in(system.settings.url, email, DEMO_PASSWORD) as tenant:
        cast.tenant = tenant
        yield cast


async def test_a_request_repeated_after_a_kill_has_one_effect(system: System):
    async with cast_of(system, "Repeated") as cast:
        body = {
            "amount_credits": 10,
            "method": "bank_transfer",
            "reference": "repeat-1",
            "reason": "journey",
        }
        path = f"/v1/tenants/{cast.tenant_id}/top-ups"
        await cast.finance.post(path, body)
        await api_dies(system)
        with pytest.raises(ApiRefused) as again:
            await cast.finance.post(path, body)
        assert again.value.code == "reference_reused"
        assert (await cast.tenant.get("/v1/balance"))["available"] == 10
