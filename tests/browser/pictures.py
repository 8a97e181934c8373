"""`make pictures`: the screens of docs/pictures, from a running system with the demo's data.

Not a test: the pictures are looked at by people, once per change worth showing. `--lives` takes
those of schedules, shortfalls, replies and hours alone, `--buying` those of credits and money.
"""

import asyncio
import random
import sys
import time
from collections import Counter
from typing import Any

import httpx
from playwright.async_api import async_playwright

from backend.commands import journey
from backend.commands.api_client import Person, until
from backend.commands.connection import opened
from backend.commands.demo_accounts import MODERATOR, NORDLYS, make_accounts
from backend.commands.demo_data import FRIENDS_BODY, fill
from backend.commands.demo_people import csv_of, people
from backend.db.scope import platform_scope
from backend.identity.service.login import DEMO_PASSWORD
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.statistics.queries import HOUR
from backend.statistics.service import hour_of
from backend.statistics.waits import bucket_of
from tests.browser.camera import PICTURES, picture
from tests.browser.open_matters import arrange_matters
from tests.browser.pictures_of_buying import take_buying
from tests.browser.pictures_of_lives import take_lives
from tests.browser.pictures_of_money import take_money
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


async def half_sent(product: System, tenant: Person, moderator: Person) -> str:
    """The id of the session once it is under way and more than half done."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{product.simulator_url()}/script", json=SLOW_CARRIER)
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


async def plant_a_week() -> None:
    """A week of a desk of four, as the clock would have folded it: a minute has none of its own."""
    chance = random.Random(7)
    people = {uuid7(): name for name in ("Eva Brandt", "Luka Perić", "Ana Duarte", "Sam Osei")}
    async with platform_scope(system("pictures"), "a week for pictures") as scope:
        current = hour_of(scope.now)
        for ago in range(1, 7 * 24 + 1):
            hour = current - ago * HOUR
            by_day = 7 <= hour.hour < 19
            came = chance.randint(14, 34) if by_day else chance.randint(1, 7)
            on_duty = [] if ago == 62 else chance.sample(list(people), 3 if by_day else 1)
            for lane, share in (("standard", 0.8), ("flagged", 0.2)):
                waiting = chance.randint(2, 12 if by_day else 4) if lane == "standard" else 1
                oldest_seconds = waiting * 40 if on_duty else 3_000
                await scope.execute(
                    "INSERT INTO lane_hours VALUES ($1, $2, $3, 0, $4, $5) ON CONFLICT DO NOTHING",
                    *(hour, lane, round(came * share), waiting, oldest_seconds),
                )
                for person in on_duty:
                    decided = max(1, round(came * share / len(on_duty)))
                    refused = chance.random() < 0.4
                    waits = Counter(
                        bucket_of(chance.lognormvariate(4.7, 0.7)) for _ in range(decided)
                    )
                    await scope.execute(
                        "INSERT INTO desk_hours VALUES"
                        " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                        *(hour, lane, person, people[person], decided - refused, 0, int(refused)),
                        *(int(chance.random() < 0.06), int(chance.random() < 0.02)),
                        *(sorted(waits), [waits[bucket] for bucket in sorted(waits)]),
                    )


async def take(stage: Stage, tenant: Person, moderator: Person) -> None:
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
    await picture(desk, "queue", "/moderation", "text=Least slack first")
    await picture(desk, "case", f"/moderation?{case}", "text=Held by you")

    async with opened(stage.system.complete):
        await plant_a_week()
    await picture(desk, "numbers", "/moderation/numbers", "text=By moderator")
    await picture(desk, "wall", "/moderation/wall", "text=Decided this hour")
    lead = await stage.person("Moderation lead")
    await picture(lead, "rules", "/moderation/rules", "text=Versions of the rules")
    await picture(lead, "lanes", "/moderation/rules?tab=desk", "text=Four eyes")

    await arrange_matters(stage.system, time.monotonic() + PATIENCE_SECONDS)
    await picture(lead, "matters", "/moderation/matters", "text=Three carriers complained")
    await picture(lead, "hosts", "/moderation/rules?tab=hosts", "text=customs-fee.example")
    await picture(lead, "trust", "/moderation/rules?tab=trust", "text=What a strike weighs")
    await take_money(stage)
    session_id = await half_sent(stage.system, tenant, moderator)
    await picture(member, "session", f"/campaigns/{session_id}", "text=Messages per minute")


async def pictures() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running() as product:
        url = product.settings.url
        async with opened(product.complete):
            await (make_accounts() if "--buying" in sys.argv else fill(url))
        async with (
            async_playwright() as playwright,
            await Person.log_in(url, NORDLYS.email, DEMO_PASSWORD) as tenant,
            await Person.log_in(url, MODERATOR, DEMO_PASSWORD) as moderator,
        ):
            chromium = await playwright.chromium.launch(
                executable_path=program_of("chromium"), args=FLAGS
            )
            stage = Stage(chromium, product)
            if not {"--lives", "--buying"} & set(sys.argv):
                await take(stage, tenant, moderator)
            if "--buying" not in sys.argv:
                await take_lives(stage)
            if "--lives" not in sys.argv:
                await take_buying(stage)
            complaints = await stage.close()
            await chromium.close()
    if complaints:
        raise SystemExit("\n".join(complaints))


if __name__ == "__main__":
    sys.exit(asyncio.run(pictures()))
