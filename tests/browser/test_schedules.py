"""A time in another zone, moved; a repeat with its dates, one skipped, paused and ended."""

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from backend.commands import journey
from backend.commands.api_client import Person
from backend.commands.demo_accounts import LEAD, MODERATOR, NORDLYS
from backend.commands.demo_people import people
from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.stage import WAIT_MS_MAX, Stage
from tests.browser.test_journey import LONG_MS_MAX, button
from tests.journeys.system import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(300)]
expect.set_options(timeout=WAIT_MS_MAX)


async def make_planners(tenant: Person) -> str:
    """A group that no balance of this tenant's covers."""
    available = (await tenant.get("/v1/balance"))["available"]
    planners = list(people(available + 3, seed=5))
    return await journey.import_people(tenant, planners, "Planners", time.monotonic() + 60)


async def approve(system: System, tenant_id: str, title: str) -> None:
    moderator = await Person.log_in(system.settings.url, MODERATOR, DEMO_PASSWORD)
    async with moderator:
        await journey.decide(moderator, tenant_id, title, time.monotonic() + 60)


async def open_confirm(page: Page, session_id: str) -> None:
    await page.goto(f"/campaigns/{session_id}/edit?step=confirm")
    await expect(page.get_by_role("heading", name="When it is sent")).to_be_visible()


async def choose_zone(page: Page, name: str) -> None:
    zone = page.get_by_role("combobox", name="Time zone")
    await zone.fill(name)
    await page.get_by_role("option", name=name).click()


async def submit(page: Page) -> None:
    await page.get_by_label("I agree to be charged up to").check()
    await expect(button(page, "Submit for review")).to_be_enabled()
    await button(page, "Submit for review").click()
    await expect(page.get_by_text("In review.", exact=True)).to_be_visible(timeout=LONG_MS_MAX)


async def choose_a_time(page: Page, shots: Path, stage: Stage) -> None:
    """A night that has the hour twice, then a plain day."""
    await page.get_by_text("At a time", exact=True).click()
    await choose_zone(page, "America/New_York")
    fall_back = next_fall_back(datetime.now(UTC))
    await page.get_by_label("Date").fill(fall_back)
    await page.get_by_label("Time", exact=True).fill("01:30")
    await expect(page.get_by_text("This time comes twice that day.")).to_be_visible()
    await stage.windows[0].shot(shots / "confirm-ambiguous.png")
    await page.get_by_role("button", name=re.compile("^The second:")).click()
    await expect(page.get_by_text("This time comes twice that day.")).to_be_hidden()
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    await page.get_by_label("Date").fill(day)
    await page.get_by_label("Time", exact=True).fill("09:30")
    await expect(page.get_by_text("Once approved it leaves", exact=False)).to_contain_text("09:30")
    await expect(page.get_by_text("credits short for what is planned.")).to_be_visible()


def next_fall_back(today: datetime) -> str:
    """The first Sunday of November in New York, the next one that is to come."""
    for year in (today.year, today.year + 1):
        first = datetime(year, 11, 1, tzinfo=UTC)
        sunday = first + timedelta(days=(6 - first.weekday()) % 7)
        if sunday - today > timedelta(days=1):
            return sunday.date().isoformat()
    raise AssertionError("a year without a November")


async def move_the_time(page: Page) -> None:
    await button(page, "Move the time").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Time", exact=True).fill("11:15")
    await expect(dialog.get_by_text("11:15")).to_be_visible()
    await button(dialog, "Move the time").click()
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_text("11:15").first).to_be_visible()


async def both_lights(page: Page, stage: Stage, path: Path) -> None:
    await stage.windows[0].shot(path, full_page=True)
    await page.emulate_media(color_scheme="dark")
    await stage.windows[0].shot(path.with_stem(f"{path.stem}-dark"), full_page=True)
    await page.emulate_media(color_scheme="light")


async def test_a_time_and_a_series(stage: Stage, system: System, tmp_path: Path):
    url = system.settings.url
    tenant = await Person.log_in(url, NORDLYS.email, DEMO_PASSWORD)
    async with tenant, await Person.log_in(url, LEAD, DEMO_PASSWORD) as lead:
        await journey.make_ready(tenant, lead, NORDLYS.phone or "", time.monotonic() + 30)
        planners = await make_planners(tenant)
        once, weekly = [
            await journey.draft(tenant, name, planners, "Doors open at nine.")
            for name in ("Once in New York", "Every week")
        ]
    tenant_id = str(tenant.session["tenant"]["id"])
    window = await stage.person("Nordlys Retail")
    page = window.page
    await open_confirm(page, once["id"])
    await choose_a_time(page, tmp_path, stage)
    await both_lights(page, stage, tmp_path / "confirm-once.png")
    await submit(page)
    await approve(system, tenant_id, "Once in New York")
    await expect(page.get_by_text("America/New_York").first).to_be_visible()
    await expect(button(page, "Move the time")).to_be_visible(timeout=LONG_MS_MAX)
    await move_the_time(page)
    await both_lights(page, stage, tmp_path / "session-once.png")

    await open_confirm(page, weekly["id"])
    await page.get_by_text("Repeating", exact=True).click()
    await page.get_by_text("Mon", exact=True).click()
    await expect(page.get_by_text("The next dates")).to_be_visible()
    await expect(page.get_by_text("Once approved it is sent", exact=False)).to_be_visible()
    await expect(
        page.get_by_text(re.compile(r"for each of \d+ sends, [\d,]+ in all"))
    ).to_be_visible()
    await both_lights(page, stage, tmp_path / "confirm-series.png")
    await submit(page)
    await approve(system, tenant_id, "Every week")
    await expect(page.get_by_role("heading", name="This series")).to_be_visible(timeout=LONG_MS_MAX)
    await button(page, "Skip").nth(1).click()
    await button(page.get_by_role("dialog"), "Skip").click()
    await expect(page.get_by_text("Skipped", exact=True).first).to_be_visible()
    await both_lights(page, stage, tmp_path / "session-series.png")
    await button(page, "Pause the series").click()
    await button(page.get_by_role("dialog"), "Pause the series").click()
    await expect(page.get_by_text("Paused by you")).to_be_visible()
    await page.get_by_role("link", name="Campaigns").first.click()
    await expect(page.get_by_text("Once in New York").first).to_be_visible()
    await expect(page.get_by_text("credits short for what is planned.")).to_be_visible()
    await both_lights(page, stage, tmp_path / "campaigns.png")
    await page.get_by_role("row", name=re.compile("Every week")).click()
    await button(page, "End the series").click()
    await button(page.get_by_role("dialog"), "End the series").click()
    await expect(page.get_by_text("Cancelled", exact=True).first).to_be_visible(timeout=LONG_MS_MAX)
