"""A handset answers, on real processes: STOP is heard, confirmed once, and kept ever after."""

from typing import Any

import httpx
import pytest

from backend.commands import journey
from backend.commands.api_client import until
from tests.journeys.system import Cast, System, cast_of
from tests.journeys.test_journeys import explained, prove

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]
AFTER_SCREENING = (
    *("awaiting_validation", "approved", "preparing", "sending"),
    *("settling", "completed"),
)


async def write(system: System, number: str, to: str, text: str) -> None:
    reply = {"number": number, "to": to, "text": text}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{system.simulator_url()}/reply", json=reply)
    assert answer.json() == {"sent": 1}


async def sent(cast: Cast, name: str) -> dict[str, Any]:
    session = await cast.draft(name)
    await journey.submit(cast.tenant, session["id"])
    # The same words to the same group again rest on the first approval: no case then.
    view = await cast.in_state(session["id"], *AFTER_SCREENING)
    if view["state"] == "awaiting_validation":
        await cast.decide(name)
    return await journey.see_through(cast.tenant, session["id"], cast.deadline)


async def counted(cast: Cast, session_id: str, **wanted: int) -> dict[str, Any]:
    async def there() -> dict[str, Any] | None:
        counts: dict[str, Any] = await cast.tenant.get(f"/v1/sessions/{session_id}/replies/count")
        return counts if wanted.items() <= counts.items() else None

    return await until(f"{wanted}", there, deadline=cast.deadline)


async def test_a_handset_replies_stop_and_is_left_out_of_the_next_session(system: System):
    async with cast_of(system, "Replied") as cast:
        await cast.import_people(6)
        await cast.top_up(100, "replied-1")
        first = await sent(cast, "First evening")
        numbers = {person.phone.removeprefix("+") for person in cast.persons}
        # One of each person's: a text of two parts is two of the carrier's.
        got = list(
            {r.destination: r for r in system.accepted() if r.destination in numbers}.values()
        )
        person, friendly, sender = got[0].destination, got[1].destination, got[0].source
        await write(system, friendly, sender, "See you there 👋")
        await write(system, person, sender, "Stop!")
        await counted(cast, first["id"], stops=1, others=1)
        page = await cast.tenant.get(f"/v1/sessions/{first['id']}/replies")
        assert {(item["phone"], item["kind"], item["text"]) for item in page["items"]} == {
            (f"+{friendly}", "other", "See you there 👋"),
            (f"+{person}", "stop", "Stop!"),
        }

        def confirmations() -> list[Any]:
            return [r for r in system.accepted() if b"START" in r.message]

        async def confirmed() -> list[Any] | None:
            return confirmations() or None

        (confirmation,) = await until("the confirmation", confirmed, deadline=cast.deadline)
        assert (confirmation.destination, confirmation.source) == (person, sender)

        before = len([r for r in system.accepted() if r.destination == person])
        second = await sent(cast, "Second evening")
        explained(second, 6)
        left_out = await cast.tenant.get(f"/v1/sessions/{second['id']}/exclusions")
        assert [(row["phone"], row["reason"]) for row in left_out["items"]] == [
            (f"+{person}", "opted_out")
        ]
        await write(system, person, sender, "STOP")
        await write(system, person, sender, "start")
        await counted(cast, first["id"], stops=2, starts=1)
        assert len([r for r in system.accepted() if r.destination == person]) == before
        assert len(confirmations()) == 1, "a repeated STOP hears nothing"
        balance = await cast.tenant.get("/v1/balance")
        charged = sum(view["progress"]["credits_captured"] for view in (first, second))
        assert balance["available"] == 100 - charged, "confirmations cost nobody anything"
        third = await sent(cast, "Third evening")
        assert third["progress"]["left_out"] == 0, "they asked to hear again"
    await prove(system)
