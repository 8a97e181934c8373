"""`clearsend prove` names what is wrong: each promise is broken by hand, and found."""

import asyncpg
import pytest

from backend.commands import journey
from backend.commands.connection import opened
from backend.commands.prove import violations
from tests.journeys.system import System, cast_of

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

# What is broken, how, and the promise that must be named.
BREAKS = {
    "promise 1": "UPDATE messages SET charged = 0 WHERE n = 1",
    "promise 4": "UPDATE content_versions SET content = jsonb_set(content, '{body}', '\"Else\"')",
    "promise 5": "DELETE FROM messages WHERE n = 2",
    "promise 10": "UPDATE messages SET ranks = 1 WHERE n = 3",
    "promise 2": "DELETE FROM carrier_ids WHERE n = 4",
}


async def found(system: System) -> list[str]:
    async with opened(system.complete):
        return [line async for line in violations(system.complete)]


async def test_each_broken_promise_is_named(system: System):
    async with cast_of(system, "Proof") as cast:
        await cast.import_people(20)
        await cast.top_up(200, "proof-1")
        session = await cast.draft("Proof")
        await journey.submit(cast.tenant, session["id"])
        await cast.decide("Proof")
        await journey.see_through(cast.tenant, session["id"], cast.deadline)
    assert await found(system) == []
    for promise, damage in BREAKS.items():
        connection = await asyncpg.connect(system.superuser_url())
        try:
            await connection.execute("SET session_replication_role = replica")
            transaction = connection.transaction()
            await transaction.start()
            touched = await connection.execute(damage)
            assert touched.rsplit(" ", 1)[-1] != "0", damage
            await transaction.commit()
        finally:
            await connection.close()
        assert any(line.startswith(promise) for line in await found(system)), promise
