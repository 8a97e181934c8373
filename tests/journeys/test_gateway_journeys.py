"""Two carriers, and one dies while it is being sent to: everything arrives once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from backend.commands import journey
from backend.commands.connection import opened
from backend.commands.prove import violations
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service.claiming import WINDOW_MESSAGES_MAX
from backend.gateways.service import create_gateway
from backend.kernel.principal import system as itself
from tests.delivery.factories import gateway_config, simulator, until
from tests.journeys.system import Cast, System, cast_of, running

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(400)]
RECIPIENTS = 4_000
LANES_MAX = 8
SLOW = "perfect,response_delay_ms_min=20,response_delay_ms_max=40"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with running() as started:
        yield started


async def second_gateway(system: System, port: int) -> Any:
    """Stands before anything is prepared, and takes nearly all of it."""
    config = gateway_config(port, window_segments_max=20)
    async with opened(system.complete):
        gateway_id = await create_gateway(itself("test"), system.complete.secret_key, config)
        async with platform_scope(itself("test"), "test") as scope:
            await scope.execute("UPDATE gateways SET weight = 900 WHERE id = $1", gateway_id)

        async def works() -> bool:
            async with platform_scope(itself("test"), "test") as scope:
                return bool(
                    await scope.value(
                        "SELECT working_at IS NOT NULL FROM gateways WHERE id = $1", gateway_id
                    )
                )

        await until(works, 30)
    return gateway_id


async def test_one_of_two_carriers_dies_while_sending(system: System, tmp_path: Path) -> None:
    async with cast_of(system, "Two carriers") as cast, simulator(SLOW, tmp_path) as other:
        gateway_id = await second_gateway(system, other.smpp_port)
        await cast.import_people(RECIPIENTS)
        session = await cast.draft("One carrier dies", "Hi [first name], it is on.")
        quote = await cast.tenant.post(f"/v1/sessions/{session['id']}/quotes")
        await cast.top_up(quote["ceiling_credits"], "two-carriers")
        await journey.submit(cast.tenant, session["id"])
        await cast.decide("One carrier dies")

        async def has_begun() -> bool:
            return sum(record.kind == "accepted" for record in other.truth()) > 100

        await until(has_begun, 90)
        other.process.kill()
        cast.deadline += 120
        view = await cast.in_state(session["id"], "settling", "completed")
        there = [r.destination for r in other.truth() if r.kind == "accepted"]
        mine = {person.phone.lstrip("+") for person in cast.persons}
        here = [r.destination for r in system.accepted() if r.destination.lstrip("+") in mine]
        await judge(system, cast, session["id"], view, Counter(here) + Counter(there))
        assert len(there) < RECIPIENTS // 2, "it died too late to tell anything"
        assert here, "nothing went to the one that lives"
        async with opened(system.complete):
            async with platform_scope(itself("test"), "test") as scope:
                waiting = await scope.value(
                    "SELECT count(*) FROM batches WHERE gateway_id = $1 AND state = 'queued'",
                    gateway_id,
                )
            assert waiting == 0


async def judge(system: System, cast: Cast, session_id: str, view: Any, took: Counter[str]) -> None:
    assert max(took.values()) == 1, "sent twice"
    progress = view["progress"]
    async with opened(system.complete):
        async with tenant_scope(itself("test", UUID(cast.tenant_id))) as scope:
            rows = await scope.rows(
                "SELECT phone, state FROM messages WHERE session_id = $1", session_id
            )
        assert [found async for found in violations(system.complete)] == []
    states = Counter(row["state"] for row in rows)
    assert not states["queued"] + states["submitting"] + states["cancelled"]
    # In doubt is what its last windows held; everybody else was accepted by one of the two.
    assert states["unconfirmed"] <= WINDOW_MESSAGES_MAX * LANES_MAX
    reached = {row["phone"].lstrip("+") for row in rows if row["state"] != "unconfirmed"}
    assert reached <= {number.lstrip("+") for number in took}
    assert progress["unconfirmed"] == states["unconfirmed"]
