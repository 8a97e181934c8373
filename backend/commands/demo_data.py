"""What a newcomer finds on the first `make run`: no page is empty.

Made through the HTTP API by the demo's own people, so it is exactly what use would have made.
"""

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import structlog

from backend.commands import journey
from backend.commands.api_client import ApiRefused, Person, until
from backend.commands.connection import opened
from backend.commands.demo_accounts import (
    CLERK,
    KARGO,
    LEAD,
    MILAN,
    MODERATOR,
    NORDLYS,
    SECOND_CLERK,
    make_accounts,
)
from backend.commands.demo_billing import ask_for_refund, fill_billing
from backend.commands.demo_people import RANGES, people
from backend.embedded import servers
from backend.identity.service.login import DEMO_PASSWORD
from backend.settings import Settings

SUBSCRIBERS = 10_000
NEWSLETTER_SUBSCRIBERS = 1_500
PATIENCE_SECONDS = 240.0
LAST_CAMPAIGN = "A table for tomorrow"
"""Made last: where it stands, everything does."""
_log = structlog.get_logger("clearsend.demo")

FRIENDS_BODY = (
    "Hi [first name], you are in early. Black Friday opens for Nordlys Friends tonight at 20:00"
    " in [city]. Your code: [code] nordlys.example/friends"
)
# Not the text of the autumn sale: what is approved once needs no second approval.
OPENING_BODY = (
    "Hi [first name], our store in Malmö opens on Saturday at ten. Show [code] at the till for"
    " a coffee."
)
REMINDER = "Hi [first name], a table is kept for you at Café Milan tomorrow at seven. See you!"


class Cast(dict[str, Person]):
    """The demo's people, logged in, by e-mail."""


@contextlib.asynccontextmanager
async def _everybody(url: str) -> AsyncIterator[Cast]:
    async with contextlib.AsyncExitStack() as stack:
        cast = Cast()
        for email in (
            NORDLYS.email,
            KARGO.email,
            MILAN.email,
            MODERATOR,
            LEAD,
            CLERK,
            SECOND_CLERK,
        ):
            cast[email] = await stack.enter_async_context(
                await Person.log_in(url, email, DEMO_PASSWORD)
            )
        yield cast


def demo_data(settings: Settings, arguments: argparse.Namespace) -> int:
    """`clearsend demo-data`: beside the running system, once."""
    argparse.ArgumentParser(prog="clearsend demo-data").parse_args(arguments.rest)
    if not settings.demo:
        print(
            "clearsend demo-data: only with CLEARSEND_DEMO=1. `clearsend run` on servers of its own"
            " fills the data by itself",
            file=sys.stderr,
        )
        return 2

    async def work(complete: Settings) -> int:
        async with opened(complete):
            await _until_answering(complete.url)
            await fill(complete.url)
        return 0

    with servers.reached(settings) as complete:
        return asyncio.run(work(complete))


async def _until_answering(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:

        async def answers() -> bool | None:
            with contextlib.suppress(httpx.HTTPError):
                return (await client.get("/v1/health")).status_code == httpx.codes.OK or None
            return None

        await until("the api", answers, deadline=time.monotonic() + PATIENCE_SECONDS)


async def fill(url: str) -> bool:
    """False when the data stands already. A run that was killed goes on where it stopped."""
    await make_accounts()
    async with _everybody(url) as cast:
        if LAST_CAMPAIGN in await _names(cast[MILAN.email], "/v1/campaigns"):
            return False
        deadline = time.monotonic() + PATIENCE_SECONDS
        await _privileges(cast, deadline)
        buyers = cast[NORDLYS.email], cast[KARGO.email]
        await fill_billing(*buyers, cast[CLERK], cast[SECOND_CLERK])
        groups = await _subscribers(cast, deadline)
        await _templates(cast, deadline)
        await _past(cast, groups, deadline)
        await ask_for_refund(cast[NORDLYS.email], cast[CLERK])
        await _queue(cast, groups)
    _log.info("demo_data_filled")
    return True


async def _names(tenant: Person, path: str) -> set[str]:
    """What an earlier run that was killed has made already; it is left as it is."""
    return {str(item["name"]) for item in await tenant.every(path)}


def _tenant_id(person: Person) -> str:
    return str(person.session["tenant"]["id"])


async def _privileges(cast: Cast, deadline: float) -> None:
    lead = cast[LEAD]
    for demo in (NORDLYS, KARGO):
        await journey.make_ready(cast[demo.email], lead, demo.phone or "", deadline)
    bounds = {
        "recipients_max": 2_000,
        "hosts": ["kargo24.example"],
        "countries": sorted(country for country, *_ in RANGES),
    }
    await lead.call(
        "PUT",
        f"/v1/tenants/{_tenant_id(cast[KARGO.email])}/auto-validation",
        {"bounds": bounds, "reason": "Two years of clean delivery notices, demo"},
    )


async def _subscribers(cast: Cast, deadline: float) -> dict[str, str]:
    everybody = list(people(SUBSCRIBERS, seed=7))
    imports = (
        ("Nordlys Friends", NORDLYS, everybody),
        ("Newsletter", NORDLYS, everybody[:NEWSLETTER_SUBSCRIBERS]),
        ("Deliveries", KARGO, list(people(1_200, seed=11))),
        ("Regulars", MILAN, list(people(40, seed=13))),
    )
    groups: dict[str, str] = {}
    for name, demo, persons in imports:
        tenant = cast[demo.email]
        known = {group["name"]: str(group["id"]) for group in await tenant.every("/v1/groups")}
        groups[name] = known.get(name) or await journey.import_people(
            tenant, persons, name, deadline
        )
    await journey.opt_some_out(cast[NORDLYS.email], everybody[:NEWSLETTER_SUBSCRIBERS])
    return groups


async def _templates(cast: Cast, deadline: float) -> None:
    texts: tuple[tuple[Any, str, str, str], ...] = (
        (
            NORDLYS,
            "Order is ready",
            "Hi [first name], your order is ready in [city].",
            "STOP to end.",
        ),
        (MILAN, "Table reminder", REMINDER, "Reply STOP to end."),
    )
    for demo, name, body, footer in texts:
        tenant = cast[demo.email]
        if name in await _names(tenant, "/v1/templates"):
            continue
        made = await tenant.post(
            "/v1/templates", {"name": name, "content": {"body": body, "footer": footer}}
        )
        await tenant.post(f"/v1/templates/{made['id']}/versions/1/submit")
        await journey.decide(cast[MODERATOR], _tenant_id(tenant), f"{name}, version 1", deadline)


async def _past(cast: Cast, groups: dict[str, str], deadline: float) -> None:
    nordlys, kargo, moderator = cast[NORDLYS.email], cast[KARGO.email], cast[MODERATOR]
    nordlys_id, newsletter = _tenant_id(nordlys), groups["Newsletter"]
    started = []
    if session := await _submitted(nordlys, "Autumn sale", newsletter):
        await journey.decide(moderator, nordlys_id, "Autumn sale", deadline)
        started.append((nordlys, session))
    slots = "Hi [first name], your parcel comes between 10 and 12. kargo24.example/slot"
    if session := await _submitted(kargo, "Delivery slot change", groups["Deliveries"], slots):
        started.append((kargo, session))
    loud = "YOU HAVE WON!!! CALL NOW [first name]"
    if await _submitted(nordlys, "Win a prize", newsletter, loud):
        await journey.decide(
            moderator,
            nordlys_id,
            "Win a prize",
            deadline,
            verdict="refuse",
            reason_code="misleading",
            message="Nobody has won anything yet. Say what the draw is and who may take part.",
        )
    if await _submitted(nordlys, "Member evening", newsletter, "Tonight at 7!"):
        comment = {"part": "body", "start": 0, "end": 7, "comment": "Which evening, and where?"}
        await journey.decide(
            moderator,
            nordlys_id,
            "Member evening",
            deadline,
            verdict="request_changes",
            message="Say who is writing and where it is.",
            comments=[comment],
        )
    for tenant, session_id in started:
        await journey.see_through(tenant, session_id, deadline)


async def _submitted(
    tenant: Person, name: str, group_id: str, body: str = journey.BODY
) -> str | None:
    """The session's id; None where a campaign of this name stands already."""
    if name in await _names(tenant, "/v1/campaigns"):
        return None
    session = await journey.draft(tenant, name, group_id, body)
    await journey.submit(tenant, session["id"])
    return str(session["id"])


async def _queue(cast: Cast, groups: dict[str, str]) -> None:
    """Cases that wait for the newcomer's decision; the last campaign says that all is there."""
    nordlys, kargo, milan = cast[NORDLYS.email], cast[KARGO.email], cast[MILAN.email]
    for tenant, name, group, body in (
        (nordlys, "Black Friday early access", "Nordlys Friends", FRIENDS_BODY),
        (nordlys, "Store opening Malmö", "Newsletter", OPENING_BODY),
        (
            kargo,
            "Parcel held by customs",
            "Deliveries",
            "Hi [first name], pay the fee of your parcel at kargo24-customs.example/pay",
        ),
    ):
        await _submitted(tenant, name, groups[group], body)
    asked = {"sender": "NORDLYS", "purpose": "Our name on every shop window"}
    with contextlib.suppress(ApiRefused):  # asked for by a run that was killed
        sender = await nordlys.post("/v1/senders", asked)
        await nordlys.post(f"/v1/senders/{sender['id']}/submit")
    greeting = {
        "name": "Birthday greeting",
        "content": {
            "body": "Happy birthday [first name]! A coffee waits for you at Café Milan.",
            "footer": "Reply STOP to end.",
        },
    }
    with contextlib.suppress(ApiRefused):
        made = await milan.post("/v1/templates", greeting)
        await milan.post(f"/v1/templates/{made['id']}/versions/1/submit")
    await journey.draft(milan, LAST_CAMPAIGN, groups["Regulars"], REMINDER)
