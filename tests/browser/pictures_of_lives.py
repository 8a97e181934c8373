"""Pictures of what can happen to a session: planned, repeated, short of credits, answered."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.commands import journey
from tests.browser.camera import picture
from tests.browser.stage import Stage
from tests.browser.test_shortfall import carrier_that_is, logged_in, says_stop
from tests.journeys.system import Cast, cast_of
from tests.journeys.test_reply_journeys import sent, write

ZONE = "Europe/Oslo"
NAME = "Bergen Outdoor"
PEOPLE = 40
PATIENCE_SECONDS = 400.0
VERY_SLOW = {"throughput_segments_per_second_max": 2}


async def quiet_nights(cast: Cast) -> None:
    settings = await cast.tenant.get("/v1/sending-settings")
    hours = {
        "quiet_hours": [{"days": [1, 2, 3, 4, 5, 6, 7], "starts": "21:00", "ends": "08:00"}],
        "send_windows": [],
        "frequency_caps": [{"messages": 4, "days": 7}],
    }
    given = {"version": settings["version"], "sending": hours, "keeps_legal_hours": True}
    await cast.tenant.call("PUT", "/v1/sending-settings", given)


async def agreed_and_active(cast: Cast) -> str:
    rule = {
        "kind": "all",
        "of": [
            {"kind": "consent"},
            {"kind": "group", "id": cast.group_id},
            {"kind": "not", "of": {"kind": "activity", "event": "replied", "days": 30}},
        ],
    }
    given = {"name": "Agreed, and silent for a month", "description": "", "rule": rule}
    return str((await cast.tenant.post("/v1/target-groups", given))["id"])


async def submitted(
    cast: Cast, name: str, text: str, *, until: str, schedule: dict[str, Any] | None = None
) -> str:
    """Submitted, approved and in the state that is waited for."""
    session = await cast.draft(name, text)
    if schedule is not None:
        given = {"draft_version": session["draft_version"], "schedule": schedule}
        await cast.tenant.patch(f"/v1/sessions/{session['id']}/draft", given)
    await journey.submit(cast.tenant, session["id"])
    await cast.decide(name)
    await cast.in_state(session["id"], until)
    return str(session["id"])


async def every_week(cast: Cast) -> str:
    """A weekly series from tomorrow on."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    schedule = {"local": f"{tomorrow}T09:00", "zone": ZONE, "repeat": {"frequency": 2}}
    text = "Hi [first name], the hills are clear on Sunday."
    return await submitted(cast, "Weekend weather", text, until="scheduled", schedule=schedule)


async def without_credits(cast: Cast) -> str:
    text = "Hi [first name], the new jackets are in."
    return await submitted(cast, "New jackets", text, until="awaiting_credits")


async def in_new_york(cast: Cast) -> str:
    """Once, at a time of another zone."""
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    schedule = {"local": f"{day}T11:15", "zone": "America/New_York"}
    text = "Hi [first name], we open in Brooklyn today."
    return await submitted(cast, "Store opening", text, until="scheduled", schedule=schedule)


async def paused(cast: Cast) -> str:
    text = "Hi [first name], the last tents are half price."
    session_id = await submitted(cast, "Last tents", text, until="sending")
    await cast.tenant.post(f"/v1/sessions/{session_id}/pause", {})
    return session_id


async def answered(stage: Stage, cast: Cast) -> str:
    session = await sent(cast, "Winter camp")
    numbers = {person.phone.removeprefix("+") for person in cast.persons}
    got = {r.destination: r.source for r in stage.system.accepted() if r.destination in numbers}
    said = ("Yes please, two of us", "Can I bring my dog?", "Count me in!", "What time is it over?")
    for (number, sender), text in zip(list(got.items())[1:], said, strict=False):
        await write(stage.system, number, sender, text)
    await says_stop(cast, stage.system)
    return str(session["id"])


async def take_lives(stage: Stage) -> None:
    async with cast_of(stage.system, NAME) as cast:
        cast.deadline = time.monotonic() + PATIENCE_SECONDS
        await cast.import_people(PEOPLE)
        owner = await logged_in(stage, "bergen-outdoor@journey.example")
        short_id = await without_credits(cast)
        await picture(owner, "short", f"/campaigns/{short_id}", "text=credits short.")
        series_id = await every_week(cast)
        await picture(owner, "series", f"/campaigns/{series_id}", "text=This series")
        await cast.top_up(5_000, "pictures-1")
        await cast.in_state(short_id, "completed")
        planned_id = await in_new_york(cast)
        await picture(owner, "planned", f"/campaigns/{planned_id}", "text=America/New_York")
        async with carrier_that_is(stage.system, VERY_SLOW):
            paused_id = await paused(cast)
            await picture(owner, "paused", f"/campaigns/{paused_id}", "text=Resume")
        camp_id = await answered(stage, cast)
        await picture(owner, "replies", f"/campaigns/{camp_id}?tab=replies", "text=bring my dog")
        next_id = (await sent(cast, "Winter camp, full"))["id"]
        await picture(owner, "left-out", f"/campaigns/{next_id}?tab=left_out", "text=Opted out")
        target_id = await agreed_and_active(cast)
        await picture(owner, "target", f"/target-groups/{target_id}", "text=with recorded consent")
        await quiet_nights(cast)
        await picture(owner, "hours", "/sending-settings", "text=Quiet hours")
        await picture(owner, "notices", "/notices", "text=New jackets")
