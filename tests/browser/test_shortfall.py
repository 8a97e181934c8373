"""Planned in another zone, moved, out of credits, topped up and watched to its end; meanwhile
another one, paused and stopped; and a STOP that counts in the next session. Nobody reloads a page.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from backend.commands import journey
from backend.commands.api_client import until
from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.stage import WAIT_MS_MAX, Stage, Window
from tests.browser.test_journey import LONG_MS_MAX
from tests.browser.test_schedules import choose_zone, open_confirm, submit
from tests.journeys.system import Cast, System, cast_of
from tests.journeys.test_reply_journeys import sent, write

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(400)]
expect.set_options(timeout=WAIT_MS_MAX)
PEOPLE = 3_000
CREDITS = 6_000
ZONE = "America/New_York"
SECONDS_TO_MOVE = 10
"""What the dialog takes, at least, before its minute begins."""
SECONDS_WAITED_MAX = 60 + SECONDS_TO_MOVE
ITS_MINUTE_MS_MAX = SECONDS_WAITED_MAX * 1_000 + LONG_MS_MAX
# So slow that a person can act in the middle: a window of 200 takes 8 s, all of it two minutes.
SLOW = {"throughput_segments_per_second_max": 25}
QUICK = {"throughput_segments_per_second_max": None}


async def logged_in(stage: Stage, email: str) -> Window:
    owner = await stage.window("owner")
    await owner.page.goto("/login")
    await owner.page.get_by_label("E-mail").fill(email)
    await owner.page.get_by_role("textbox", name="Password").fill(DEMO_PASSWORD)
    await owner.page.keyboard.press("Enter")
    await owner.page.get_by_role("navigation").first.wait_for()
    return owner


@asynccontextmanager
async def carrier_that_is(system: System, script: dict[str, Any]) -> AsyncIterator[None]:
    async with httpx.AsyncClient() as client:
        url = f"{system.simulator_url()}/script"
        (await client.post(url, json=script)).raise_for_status()
        try:
            yield
        finally:
            (await client.post(url, json=QUICK)).raise_for_status()


async def submitted(cast: Cast, name: str) -> str:
    session = await cast.draft(name, f"Hi [first name], {name} is on.")
    await journey.submit(cast.tenant, session["id"])
    await cast.decide(name)
    return str(session["id"])


def exactly(within: Page | Locator, name: str) -> Locator:
    """Not the button that pauses live updates."""
    return within.get_by_role("button", name=name, exact=True)


async def ends(page: Page, word: str) -> None:
    await expect(page.get_by_text(word, exact=True).first).to_be_visible(timeout=LONG_MS_MAX)


async def is_planned_and_moved(cast: Cast, page: Page) -> str:
    """For a day in New York, and then for the next minute there."""
    session = await cast.draft("Too dear", "Hi [first name], Too dear is on.")
    await open_confirm(page, session["id"])
    await page.get_by_text("At a time", exact=True).click()
    await choose_zone(page, ZONE)
    day = datetime.now(ZoneInfo(ZONE)) + timedelta(days=3)
    await page.get_by_label("Date").fill(f"{day:%Y-%m-%d}")
    await page.get_by_label("Time", exact=True).fill("09:30")
    await expect(page.get_by_text("Once approved it leaves", exact=False)).to_contain_text("09:30")
    await submit(page)
    await cast.decide("Too dear")
    await exactly(page, "Move the time").click(timeout=LONG_MS_MAX)
    dialog = page.get_by_role("dialog")
    soon = datetime.now(ZoneInfo(ZONE)) + timedelta(seconds=SECONDS_WAITED_MAX)
    await dialog.get_by_label("Date").fill(f"{soon:%Y-%m-%d}")
    await dialog.get_by_label("Time", exact=True).fill(f"{soon:%H:%M}")
    await expect(dialog.get_by_text(f"{soon:%H:%M}").first).to_be_visible()
    await exactly(dialog, "Move the time").click()
    await expect(dialog).to_be_hidden()
    return str(session["id"])


async def runs_short_and_goes_on(
    cast: Cast, page: Page, shots: Path, owner: Window, session_id: str
) -> None:
    await page.goto(f"/campaigns/{session_id}")
    short = page.get_by_text(re.compile(r"\d+ credits? short\."))
    await expect(short).to_be_visible(timeout=ITS_MINUTE_MS_MAX)
    await owner.shot(shots / "short.png", full_page=True)
    await cast.top_up(CREDITS, "shortfall-2")
    await ends(page, "Completed")
    await expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")


async def is_paused_and_stopped(cast: Cast, page: Page, shots: Path, owner: Window) -> None:
    session_id = await submitted(cast, "Halfway")
    await cast.in_state(session_id, "sending")
    await until("something to leave", lambda: has_left(cast, session_id), deadline=cast.deadline)
    await page.goto(f"/campaigns/{session_id}")
    await exactly(page, "Pause").click()
    await exactly(page.get_by_role("dialog"), "Pause").click()
    await expect(exactly(page, "Resume")).to_be_visible()
    await owner.shot(shots / "paused.png", full_page=True)
    await exactly(page, "Stop").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("checkbox").check()
    await exactly(dialog, "Stop").click()
    await expect(dialog).to_be_hidden()
    view = await cast.in_state(session_id, "settling", "completed")
    assert view["progress"]["cancelled"] > 0
    await ends(page, "Completed")


async def has_left(cast: Cast, session_id: str) -> bool | None:
    """What it cost is not there any more for the one that is planned."""
    return (await cast.session(session_id))["progress"]["credits_captured"] > 0 or None


async def test_short_of_credits_paused_stopped_and_a_stop(
    stage: Stage, system: System, tmp_path: Path
):
    async with cast_of(system, "Shorthand") as cast:
        await cast.import_people(PEOPLE)
        owner = await logged_in(stage, "shorthand@journey.example")
        planned = await is_planned_and_moved(cast, owner.page)
        # As much as one of them costs: while its minute comes, another one takes some of it.
        await cast.top_up(PEOPLE, "shortfall-1")
        async with carrier_that_is(system, SLOW):
            await is_paused_and_stopped(cast, owner.page, tmp_path, owner)
        cast.deadline += SECONDS_WAITED_MAX
        await runs_short_and_goes_on(cast, owner.page, tmp_path, owner, planned)
        phone = await says_stop(cast, system)
        second = await sent(cast, "Once more")
        page = owner.page
        await page.goto(f"/campaigns/{second['id']}")
        await page.get_by_role("tab", name="Left out").click()
        row = page.get_by_role("table", name="Left out").get_by_role("row", name=phone)
        await expect(row).to_contain_text("Opted out")
        await owner.shot(tmp_path / "left-out.png", full_page=True)


async def says_stop(cast: Cast, system: System) -> str:
    """The number of somebody who had a message and wants no other."""
    numbers = {person.phone.removeprefix("+") for person in cast.persons}
    heard = next(one for one in system.accepted() if one.destination in numbers)
    await write(system, heard.destination, heard.source, "STOP")

    async def is_heard() -> bool | None:
        found = await cast.tenant.every("/v1/opt-outs")
        return any(heard.destination in one["phone"] for one in found) or None

    await until("the STOP to be heard", is_heard, deadline=cast.deadline)
    return str(heard.destination)
