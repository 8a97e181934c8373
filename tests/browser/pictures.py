"""`make pictures`: the screens of docs/pictures, from a running system with the demo's data.

Not a test: the pictures are looked at by people, once per change worth showing. `--lives` takes
those of schedules, shortfalls, replies and hours alone.
"""

import asyncio
import sys
import time
from typing import Any

import httpx
from playwright.async_api import async_playwright

from backend.commands import journey
from backend.commands.api_client import Person, until
from backend.commands.connection import opened
from backend.commands.demo_accounts import MODERATOR, NORDLYS
from backend.commands.demo_data import FRIENDS_BODY, fill
from backend.commands.demo_people import csv_of, people
from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.camera import PICTURES, picture
from tests.browser.pictures_of_lives import take_lives
from tests.browser.stage import FLAGS, Stage
from tests.journeys.system import System, running
from tests.peers import program_of

PATIENCE_SECONDS = 120
BUSY_PERCENT = 55
# Slow enough to be met in the middle, with failures and phones that were off.
SLOW_CARRIER = {
    "throughput_segments_per_second_max": 250,
    "receipt_delay_ms_min": 1_000,
    "receipt_delay_ms_max": 6_000,
    "undelivered_permanent_rate": 0.015,
    "undelivered_temporary_rate": 0.01,
    "expired_rate": 0.005,
}
BAD_ROWS = b"call me,Jonas,Oslo,1\n+4722334455,Kari,Oslo,2\n+47912,Ola,Bergen,3\n"


async def import_to_check(tenant: Person) -> str:
    content = csv_of(people(400, seed=23)) + BAD_ROWS
    options = {
        "new_group": "Club members",
        "consent_source": "Web form",
        "consent_text": "I agree to receive offers of Nordlys by text message.",
    }
    started = await tenant.upload("/v1/imports", "club-members.csv", content, options)
    path = f"/v1/imports/{started['id']}"

    async def parsed() -> bool | None:
        return (await tenant.get(path))["state"] == "parsed" or None

    await until("the import to be read", parsed, deadline=time.monotonic() + PATIENCE_SECONDS)
    return str(started["id"])


async def half_sent(system: System, tenant: Person, moderator: Person) -> str:
    """The id of the session once it is under way and more than half done."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{system.simulator_url()}/script", json=SLOW_CARRIER)
        answer.raise_for_status()
    name = "Black Friday early access"
    sessions = await tenant.every("/v1/sessions")
    session_id = str(next(one["id"] for one in sessions if one["campaign_name"] == name))
    deadline = time.monotonic() + PATIENCE_SECONDS
    tenant_id = str(tenant.session["tenant"]["id"])
    await journey.decide(moderator, tenant_id, name, deadline)

    async def busy() -> bool | None:
        progress: dict[str, Any] = (await tenant.get(f"/v1/sessions/{session_id}"))["progress"]
        return (progress["percent"] or 0) >= BUSY_PERCENT or None

    await until("half of it to be sent", busy, deadline=deadline)
    return session_id


async def take(stage: Stage, tenant: Person, moderator: Person) -> None:
    tenant_id = str(tenant.session["tenant"]["id"])
    groups = {group["name"]: group["id"] for group in await tenant.every("/v1/groups")}
    import_id = await import_to_check(tenant)
    draft = await journey.draft(
        tenant, "Black Friday, last hours", groups["Nordlys Friends"], FRIENDS_BODY
    )

    await picture(await stage.window("visitor"), "login", "/login", "text=Try it as")
    member = await stage.person("Nordlys Retail")
    await picture(member, "import", f"/imports/{import_id}", "text=What we found")
    await picture(
        member,
        "composer",
        f"/campaigns/{draft['id']}/edit?step=message",
        "text=For this person",
    )

    desk = await stage.person("Moderator · Mira Kovač")
    rows = await moderator.every("/v1/cases", state="open")
    row = next(one for one in rows if one["title"] == "Parcel held by customs")
    await moderator.post(f"/v1/cases/{row['tenant_id']}/{row['case_id']}/claim")
    case = f"tenant={row['tenant_id']}&case={row['case_id']}"
    await picture(desk, "queue", "/moderation", "text=Nearest deadline first")
    await picture(desk, "case", f"/moderation?{case}", "text=Held by you")

    await picture(member, "credits", "/credits", "text=since the beginning")
    clerk = await stage.person("Finance · Clara Petit")
    await picture(clerk, "finance", f"/finance/tenants/{tenant_id}", "text=since the beginning")
    session_id = await half_sent(stage.system, tenant, moderator)
    await picture(member, "session", f"/campaigns/{session_id}", "text=Messages per minute")


async def pictures() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running() as system:
        url = system.settings.url
        async with opened(system.complete):
            await fill(url)
        async with (
            async_playwright() as playwright,
            await Person.log_in(url, NORDLYS.email, DEMO_PASSWORD) as tenant,
            await Person.log_in(url, MODERATOR, DEMO_PASSWORD) as moderator,
        ):
            chromium = await playwright.chromium.launch(
                executable_path=program_of("chromium"), args=FLAGS
            )
            stage = Stage(chromium, system)
            if "--lives" not in sys.argv:
                await take(stage, tenant, moderator)
            await take_lives(stage)
            complaints = await stage.close()
            await chromium.close()
    if complaints:
        raise SystemExit("\n".join(complaints))


if __name__ == "__main__":
    sys.exit(asyncio.run(pictures()))
