"""Every page, light and dark, wide and narrow: nothing serious for axe, nothing to scroll aside."""

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import anyio
import pytest
from playwright.async_api import Page

from backend.commands import journey
from backend.commands.api_client import ApiRefused, Person
from backend.commands.demo_accounts import CLERK, KARGO, LEAD, MODERATOR
from backend.commands.demo_billing import KARGO as PROFILE
from backend.commands.demo_people import people
from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.looking import AXE, SCHEMES, problems_at
from tests.browser.open_matters import COMPANY, arrange_matters
from tests.browser.stage import DESKTOP, PHONE, Stage
from tests.journeys.system import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]

ARRANGE_SECONDS_MAX = 90
WINDOWS = 2
TABS = ("overview", "recipients", "left_out", "message", "history")
TABS_OF_RULES = ("content", "desk", "conduct", "hosts", "trust")
TABS_OF_MONEY = ("ledger", "lots", "top_ups", "purchases", "documents", "terms")
REPORTS = ("consumption", "liability", "expiry", "tenants")
STEPS = ("audience", "message", "recipients", "confirm")


class World(NamedTuple):
    """What the addresses of pages need."""

    tenant_id: str
    group_id: str
    import_id: str
    template_id: str
    case_id: str
    sessions: dict[str, str]
    doubtful_id: str
    """A company with strikes, complaints and refusals."""


@pytest.fixture(scope="module")
async def world(system: System) -> AsyncIterator[World]:
    """A company with something on every page, made over HTTP."""
    url = system.settings.url
    deadline = time.monotonic() + ARRANGE_SECONDS_MAX
    tenant = await Person.log_in(url, KARGO.email, DEMO_PASSWORD)
    async with (
        tenant,
        await Person.log_in(url, LEAD, DEMO_PASSWORD) as lead,
        await Person.log_in(url, MODERATOR, DEMO_PASSWORD) as moderator,
        await Person.log_in(url, CLERK, DEMO_PASSWORD) as clerk,
    ):
        doubtful = await arrange_matters(system, deadline)
        arranged = await _arrange(tenant, lead, moderator, clerk, deadline)
        yield arranged._replace(doubtful_id=doubtful)


async def _arrange(
    tenant: Person, lead: Person, moderator: Person, clerk: Person, deadline: float
) -> World:
    tenant_id = str(tenant.session["tenant"]["id"])
    await journey.make_ready(tenant, lead, KARGO.phone or "", deadline)
    group_id = await journey.import_people(tenant, list(people(12, 3)), "Deliveries", deadline)
    # With a profile each top-up has its invoice.
    await tenant.call("PUT", "/v1/billing-profile", {"version": 0, **PROFILE})
    for amount, reference in ((200, "2026-200"), (60_000, "2026-60000")):
        await _reload(clerk, tenant_id, amount, reference)
    template = await tenant.post(
        "/v1/templates", {"name": "Slot", "content": {"body": "Hi [first name]", "footer": "STOP"}}
    )
    sessions = {}
    verdicts: tuple[tuple[str, dict[str, Any] | None], ...] = (
        ("Sent", {}),
        ("Refused", {"verdict": "refuse", "reason_code": "misleading", "message": "Who won?"}),
        ("Waiting", None),
    )
    for name, verdict in verdicts:
        # A text of its own: the same one would inherit the first approval.
        session = await journey.draft(tenant, name, group_id, f"{name}: hi [first name] in [city]")
        await journey.submit(tenant, session["id"])
        if verdict is not None:
            await journey.decide(moderator, tenant_id, name, deadline, **verdict)
        sessions[name] = str(session["id"])
    sessions["Draft"] = str((await journey.draft(tenant, "Draft", group_id))["id"])
    await journey.see_through(tenant, sessions["Sent"], deadline)
    path, _ = await journey.claim_case(moderator, tenant_id, "Waiting", deadline)
    case = path.rsplit("/", 1)[1]
    imports = await tenant.get("/v1/imports")
    return World(tenant_id, group_id, imports["items"][0]["id"], template["id"], case, sessions, "")


async def _reload(clerk: Person, tenant_id: str, amount: int, reference: str) -> None:
    """The larger one waits for a second person, and shows how that looks."""
    path = f"/v1/tenants/{tenant_id}/top-ups"
    body: dict[str, Any] = {"amount_credits": amount, "method": "bank_transfer"}
    with contextlib.suppress(ApiRefused):
        await clerk.post(path, {**body, "reference": reference, "reason": "Bank transfer"})


async def problems_of(page: Page, address: str) -> list[str]:
    """At both widths and in both schemes; one visit, for a reload shows nothing new."""
    await page.goto(address)
    await page.locator("h1").first.wait_for()
    for waiting in await page.get_by_role("status", name="Loading").all():
        await waiting.wait_for(state="detached")
    found = []
    for size in (DESKTOP, PHONE):
        for scheme in SCHEMES:
            found += [f"{address} {problem}" for problem in await problems_at(page, size, scheme)]
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    return found


async def look_at(stage: Stage, card: str | None, *addresses: str) -> None:
    """What the person of this role card sees, in two windows side by side: one waits for the
    server while the other is measured. None is a visitor.
    """
    found: list[str] = []

    async def look_through(some: tuple[str, ...]) -> None:
        window = await stage.window(card or "visitor")
        # Before the page's own scripts: its policy lets none in later.
        await window.context.add_init_script(path=AXE)
        if card is not None:
            await window.log_in_as(card)
        for address in some:
            found.extend(await problems_of(window.page, address))

    async with anyio.create_task_group() as windows:
        for first in range(WINDOWS):
            windows.start_soon(look_through, addresses[first::WINDOWS])
    assert not found, "\n".join(sorted(found))


async def test_pages_of_a_visitor(stage: Stage):
    await look_at(stage, None, "/login", "/signup")


async def test_pages_of_the_audience(stage: Stage, world: World):
    await look_at(
        stage,
        "Kargo24",
        "/subscribers",
        "/groups",
        f"/groups/{world.group_id}",
        "/imports",
        "/imports/new",
        f"/imports/{world.import_id}",
        "/opt-outs",
        "/credits",
        "/settings",
        "/settings?tab=members",
        "/settings?tab=number",
        "/account",
        "/nowhere",
    )


async def test_pages_of_campaigns(stage: Stage, world: World):
    sent, draft = world.sessions["Sent"], world.sessions["Draft"]
    await look_at(
        stage,
        "Kargo24",
        "/campaigns",
        *(f"/campaigns/{world.sessions[name]}" for name in ("Waiting", "Refused")),
        *(f"/campaigns/{sent}?tab={tab}" for tab in TABS),
        *(f"/campaigns/{draft}/edit?step={step}" for step in STEPS),
        "/templates",
        f"/templates/{world.template_id}",
        "/senders",
    )


async def test_pages_of_who_was_refused(stage: Stage, world: World):
    await look_at(stage, COMPANY, "/templates", "/senders", "/notices?tab=preferences")


async def test_pages_of_finance(stage: Stage, world: World):
    pages = ("waiting", "matching", "payments", "documents", "prices", "days", "reports")
    tabs = (
        "payments?tab=problems",
        "documents?tab=sellers",
        "prices?tab=lists",
        "days?tab=reconciliation",
    )
    await look_at(
        stage,
        "Finance · Clara Petit",
        "/finance",
        "/finance?q=kargo",
        *(f"/finance/tenants/{world.tenant_id}?tab={tab}" for tab in TABS_OF_MONEY),
        *(f"/finance/{page}" for page in (*pages, *tabs)),
        *(f"/finance/reports?report={report}" for report in REPORTS),
    )


async def test_pages_of_the_desk(stage: Stage, world: World):
    tenant, case = world.tenant_id, world.case_id
    await look_at(
        stage,
        "Moderator · Mira Kovač",
        "/moderation",
        f"/moderation?tenant={tenant}&case={case}",
        "/moderation?view=decided",
        "/moderation/decisions",
        "/moderation/numbers",
        "/moderation/wall",
        "/tenants",
        f"/tenants/{tenant}",
    )
    await look_at(
        stage,
        "Moderation lead",
        *(f"/moderation/rules?tab={tab}" for tab in TABS_OF_RULES),
        "/moderation/matters",
        "/moderation/numbers?days=1",
        f"/moderation?tenant={tenant}&case={case}",
        f"/tenants/{world.doubtful_id}",
    )
    await look_at(stage, "Platform admin", "/tenants", f"/tenants/{tenant}", "/gateways")
