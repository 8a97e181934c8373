"""Two people at one desk: who holds what, what can be undone, who else must agree, and what the
page says when the line is down. By keyboard where a keyboard does it.
"""

import asyncio
import re
import time
from typing import NamedTuple
from uuid import UUID

import pytest
from playwright.async_api import Page, Route, expect

from backend.commands import journey
from backend.commands.api_client import Person, until
from backend.commands.connection import opened
from backend.commands.demo_accounts import LEAD, DemoTenant
from backend.commands.demo_people import people
from backend.db.scope import tenant_scope
from backend.identity.service.login import DEMO_PASSWORD
from backend.identity.service.tenants import add_account, add_tenant
from backend.kernel.principal import system as machine
from tests.browser.desk_rules import put_rules
from tests.browser.stage import PHONE, WAIT_MS_MAX, Stage, Window
from tests.journeys.system import System

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("time_to_undo"),
]

MIRA, JONAS = "Moderator · Mira Kovač", "Moderation lead"
BAKERY = DemoTenant("Solberg Bakeri", "Liv Solberg", "liv@solberg.example", "active", "41234599")
ARRANGE_SECONDS_MAX = 90
RECIPIENTS = 6
LARGE = 14
"""More than any other company of these tests addresses."""
UNDO_SECONDS_MAX = 60  # what the desk's rules allow
NAMES = ("Held", "Expired", "Keys", "Undone", "Offline", "Phone", "Back", "Notice")
FLAGGED = "Flagged"
"""Its link leads to a host nobody has approved yet."""
WORDS_WIDTH_MIN = 480
"""A sentence to the company stands on one line."""
WINDOWS = ((1280, 800), (1440, 900), (1920, 1080))

expect.set_options(timeout=WAIT_MS_MAX)


class Desk(NamedTuple):
    tenant_id: str
    cases: dict[str, str]
    sessions: dict[str, str]

    def address(self, name: str) -> str:
        return f"/moderation?tenant={self.tenant_id}&case={self.cases[name]}"

    def path(self, name: str) -> str:
        return f"/v1/cases/{self.tenant_id}/{self.cases[name]}"


@pytest.fixture(scope="session")
async def desk(system: System) -> Desk:
    """A company of its own, with one waiting case for each test; once a process, in whatever order
    its tests come.
    """
    url, deadline = system.settings.url, time.monotonic() + ARRANGE_SECONDS_MAX
    async with opened(system.complete):
        account_id, _ = await add_account(BAKERY.email, BAKERY.owner, DEMO_PASSWORD, is_demo=True)
        await add_tenant(BAKERY.name, account_id, status="active", country="NO")
    async with (
        await Person.log_in(url, BAKERY.email, DEMO_PASSWORD) as tenant,
        await Person.log_in(url, LEAD, DEMO_PASSWORD) as lead,
    ):
        await journey.make_ready(tenant, lead, BAKERY.phone or "", deadline)
        tenant_id = str(tenant.session["tenant"]["id"])
        small = await journey.import_people(tenant, list(people(RECIPIENTS, 11)), "Few", deadline)
        large = await journey.import_people(tenant, list(people(LARGE, 12)), "Many", deadline)
        sessions = {}
        for name in (*NAMES, FLAGGED, "Large"):
            group = large if name == "Large" else small
            link = " solberg.example/today" if name == FLAGGED else ""
            text = f"{name}: bread for [first name]{link}"
            draft = await journey.draft(tenant, name, group, text)
            await journey.submit(tenant, draft["id"])
            sessions[name] = str(draft["id"])
        cases = await _cases_of(lead, tenant_id, len(sessions), deadline)
        return Desk(tenant_id, cases, sessions)


@pytest.fixture(autouse=True)
async def nobody_holds(desk: Desk, system: System) -> None:
    """Whoever decided in the test before was given the next case, which may be the one of this."""
    async with opened(system.complete):
        for name in desk.cases:
            await end_lease(desk, name)


async def _cases_of(lead: Person, tenant_id: str, count: int, deadline: float) -> dict[str, str]:
    async def screened() -> dict[str, str] | None:
        rows = await lead.every("/v1/cases", state="open")
        found = {row["title"]: str(row["case_id"]) for row in rows if row["tenant_id"] == tenant_id}
        return found if len(found) == count else None

    return await until("every case of the bakery", screened, deadline=deadline)


async def come_to(window: Window, desk: Desk, name: str) -> Page:
    await window.page.goto(desk.address(name))
    await expect(window.page.get_by_role("heading", level=1, name=name)).to_be_visible()
    return window.page


async def claim(window: Window, desk: Desk, name: str) -> Page:
    page = await come_to(window, desk, name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(re.compile("Held by you, "))).to_be_visible()
    return page


def toast(page: Page, words: str):
    return page.get_by_role("alert").filter(has_text=words)


async def test_two_people_see_each_other_and_only_one_decides(stage: Stage, desk: Desk):
    mira, jonas = await stage.person(MIRA), await stage.person(JONAS)
    theirs = await come_to(jonas, desk, "Held")
    mine = await claim(mira, desk, "Held")
    await expect(mine.get_by_text("Jonas Lie looks at it too")).to_be_visible()
    row = theirs.get_by_role("button", name=re.compile("Held.*Solberg Bakeri"))
    await expect(row.get_by_text("Mira Kovač")).to_be_visible()
    # His page still shows it as free: the server is who says no.
    jonas.expect_refusal("POST", f"{desk.path('Held')}/claim", 409)
    await theirs.keyboard.press("Enter")
    await expect(theirs.get_by_text("Mira Kovač holds this case").first).to_be_visible()
    await mine.keyboard.press("u")
    await expect(mine.get_by_role("heading", name="Choose a case")).to_be_visible()
    await claim(jonas, desk, "Held")


async def test_a_hold_that_ran_out_keeps_the_words(stage: Stage, desk: Desk, system: System):
    mira, jonas = await stage.person(MIRA), await stage.person(JONAS)
    page = await claim(mira, desk, "Expired")
    await page.get_by_label("Message to the company").fill("Who bakes it?")
    async with opened(system.complete):
        await end_lease(desk, "Expired")
    await claim(jonas, desk, "Expired")
    mira.expect_refusal("POST", f"{desk.path('Expired')}/heartbeat", 409)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.get_by_text("Jonas Lie took this over.")).to_be_visible()
    await expect(page.get_by_text("Your words and reason are kept.")).to_be_visible()
    async with opened(system.complete):
        await end_lease(desk, "Expired")
    page = await claim(mira, desk, "Expired")
    await expect(page.get_by_role("button", name=re.compile("^Approve"))).to_be_visible()


async def end_lease(desk: Desk, name: str) -> None:
    """Five minutes pass for one case."""
    tenant_id = UUID(desk.tenant_id)
    async with tenant_scope(machine("test", tenant_id), tenant_id) as scope:
        for table, key in (("cases", "id"), ("queue_rows", "case_id")):
            await scope.execute(
                f"UPDATE {table} SET lease_until = $3 WHERE tenant_id = $1 AND {key} = $2"
                " AND lease_until > $3",
                scope.tenant_id,
                desk.cases[name],
                scope.now,
            )


async def test_a_case_is_decided_by_keyboard_alone(stage: Stage, desk: Desk):
    mira = await stage.person(MIRA)
    page = await claim(mira, desk, "Keys")
    keys = page.keyboard
    # Keys are letters where one writes, and the browser's own with a modifier.
    await keys.press("n")
    await keys.type("area 51")
    message = page.get_by_label("Message to the company")
    await expect(message).to_have_value("area 51")
    await keys.press("Escape")
    await keys.press("Control+a")
    await expect(page.get_by_role("button", name=re.compile("^Approve"))).to_be_visible()
    # Asked of the same case: had the key with its modifier approved it, another would answer.
    await keys.press("r")
    await expect(page.get_by_text("Choose a reason first (1–9).")).to_be_visible()
    await keys.press("1")
    await expect(page.get_by_role("button", name="Unsafe link")).to_have_attribute(
        "aria-pressed", "true"
    )
    await expect(page.get_by_text(re.compile("^Clause "))).to_be_visible()
    await keys.press("s")
    dialog = page.get_by_role("dialog", name="Skip this case?")
    await expect(dialog).to_be_visible()
    await keys.press("Escape")
    await expect(dialog).to_be_hidden()
    await keys.press("r")
    await expect(toast(page, "Refused Keys")).to_be_visible()
    await keys.press("z")
    await expect(toast(page, "Refused Keys")).to_be_hidden()
    await expect(page.get_by_role("heading", level=1, name="Keys")).to_be_visible()
    await expect(message).to_have_value("area 51")
    await keys.press("r")
    await expect(toast(page, "Refused Keys")).to_be_visible()
    await expect(toast(page, "In effect")).to_be_visible()


async def test_no_button_moves_under_the_pointer(stage: Stage, desk: Desk):
    """A flagged case is approved by two presses, at one place; a reason is chosen and put back."""
    mira = await stage.person(MIRA)
    page = await claim(mira, desk, FLAGGED)
    approve = page.get_by_role("button", name=re.compile("^Approve"))
    again = page.get_by_role("button", name=re.compile("^Flagged: press again"))
    reason = page.get_by_role("button", name="Unsafe link")
    for width, height in WINDOWS:
        await page.set_viewport_size({"width": width, "height": height})
        await expect(approve).to_be_visible()
        places = await button_places(page)
        words = await page.get_by_label("Message to the company").bounding_box()
        assert words is not None
        assert words["width"] >= WORDS_WIDTH_MIN
        await approve.click()
        await expect(again).to_be_visible()
        assert await button_places(page) == places
        for pressed in ("true", "false"):
            await reason.click()
            await expect(reason).to_have_attribute("aria-pressed", pressed)
            assert {place: (await button_places(page))[place] for place in places} == places
        await expect(approve).to_be_visible()
    at = await approve.bounding_box()
    assert at is not None
    for _ in range(2):
        await page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    await expect(toast(page, f"Approved {FLAGGED}")).to_be_visible()


async def button_places(page: Page) -> dict[str, list[float]]:
    """Of each button below the case: the same one is told by the first of its labels."""
    found: dict[str, list[float]] = await page.locator(
        "footer:has([aria-keyshortcuts=a])"
    ).evaluate(
        """bar => Object.fromEntries([...bar.querySelectorAll("button")].map((button) => {
            const { x, y, width, height } = button.getBoundingClientRect();
            const name = button.getAttribute("aria-label") ?? button.textContent;
            return [name, [x, y, width, height]];
        }))"""
    )
    return found


async def test_what_can_be_undone_covers_no_control(stage: Stage, desk: Desk):
    mira = await stage.person(MIRA)
    page = await claim(mira, desk, "Notice")
    before = await button_places(page)
    await page.keyboard.press("1")
    await page.keyboard.press("c")
    notice = toast(page, "Changes asked Notice")
    await expect(notice).to_be_visible()
    await expect(page.get_by_role("heading", level=1, name="Notice")).to_be_hidden()
    # The next case's buttons stand where those of the last one stood, notice or not.
    await expect(page.get_by_role("button", name=re.compile("^Approve"))).to_be_visible()
    after = await button_places(page)
    assert after["ReleaseU"][1] == before["ReleaseU"][1]
    for width, height in (*WINDOWS, PHONE):
        await page.set_viewport_size({"width": width, "height": height})
        await expect(notice).to_be_in_viewport(ratio=1)
        assert await notice.evaluate(UNDERNEATH) == []
    await page.keyboard.press("z")
    await expect(page.get_by_role("heading", level=1, name="Notice")).to_be_visible()


UNDERNEATH = """notice => {
    const { left, top, width, height } = notice.getBoundingClientRect();
    const found = new Set();
    for (let x = left + 1; x < left + width; x += 6)
        for (let y = top + 1; y < top + height; y += 6)
            for (const element of document.elementsFromPoint(x, y)) {
                const control = element.closest("button, a, input, textarea");
                if (control !== null && !notice.contains(control))
                    found.add(control.getAttribute("aria-label") ?? control.textContent);
            }
    return [...found];
}"""
"""Names of the controls below an element, of those that can be pressed without it."""


async def test_who_undoes_is_not_taken_to_the_next_case(stage: Stage, desk: Desk):
    """The next case is claimed while the last decision can still be undone."""
    mira = await stage.person(MIRA)
    page = await claim(mira, desk, "Back")
    undone = await next_claims_wait(page)
    await page.get_by_label("Message to the company").fill("Who bakes it?")
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await expect(toast(page, "Back")).to_be_visible()
    async with page.expect_response(lambda answer: answer.url.endswith("/undo")):
        await page.keyboard.press("z")
    async with page.expect_response(lambda answer: answer.url.endswith("/release")) as given_back:
        undone.set()
    assert (await given_back.value).ok
    await expect(page.get_by_role("heading", level=1, name="Back")).to_be_visible()
    await expect(page.get_by_label("Message to the company")).to_have_value("Who bakes it?")


async def next_claims_wait(page: Page) -> asyncio.Event:
    """Until it is set, no answer comes to who claims the next case."""
    undone = asyncio.Event()

    async def later(route: Route) -> None:
        await undone.wait()
        await route.continue_()

    await page.route("**/v1/cases/next/claim*", later)
    return undone


async def test_undo_survives_another_page(stage: Stage, desk: Desk, system: System):
    # A page more must load before the button is pressed: on a busy machine ten seconds may pass.
    async with await Person.log_in(system.settings.url, LEAD, DEMO_PASSWORD) as lead:
        now = await lead.get("/v1/desk-rules")
        await put_rules(lead, now["version"], {**now["rules"], "undo_seconds": UNDO_SECONDS_MAX})
    mira = await stage.person(MIRA)
    page = await claim(mira, desk, "Undone")
    await page.keyboard.press("a")
    await expect(toast(page, "Approved Undone")).to_be_visible()
    await page.get_by_role("link", name="Numbers").click()
    await expect(page.get_by_role("heading", level=1, name="Numbers")).to_be_visible()
    await toast(page, "Approved Undone").get_by_role("button", name=re.compile("^Undo,")).click()
    await expect(page.get_by_role("heading", level=1, name="Undone")).to_be_visible()
    await expect(page.get_by_text(re.compile("Held by you, "))).to_be_visible()
    # Once more, with the desk left and come back to in between, and the next case asked for there.
    await page.keyboard.press("a")
    await expect(page.get_by_role("heading", level=1, name="Undone")).to_be_hidden()
    await page.get_by_role("link", name="Numbers").click()
    await expect(page.get_by_role("heading", level=1, name="Numbers")).to_be_visible()
    undone = await next_claims_wait(page)
    await page.get_by_role("link", name="Validation queue").click()
    await expect(page.get_by_role("heading", name="Choose a case")).to_be_visible()
    async with page.expect_request("**/v1/cases/next/claim*"):
        await page.get_by_role("button", name="Claim the next case").click()
    async with page.expect_response(lambda answer: answer.url.endswith("/undo")):
        await page.keyboard.press("z")
    await expect(page.get_by_role("heading", level=1, name="Undone")).to_be_visible()
    async with page.expect_response(lambda answer: answer.url.endswith("/release")) as given_back:
        undone.set()
    assert (await given_back.value).ok
    await expect(page.get_by_role("heading", level=1, name="Undone")).to_be_visible()


async def test_four_eyes_are_two_different_people(stage: Stage, desk: Desk, system: System):
    url, deadline = system.settings.url, time.monotonic() + ARRANGE_SECONDS_MAX
    async with await Person.log_in(url, LEAD, DEMO_PASSWORD) as lead:
        before = await lead.get("/v1/desk-rules")
        eyes = {**before["rules"]["four_eyes"], "recipients_min": LARGE}
        changed = {**before["rules"], "four_eyes": eyes, "undo_seconds": 2}
        await put_rules(lead, before["version"], changed)
        try:
            mira, jonas = await stage.person(MIRA), await stage.person(JONAS)
            page = await claim(mira, desk, "Large")
            await expect(page.get_by_text("Two people must agree to an approval")).to_be_visible()
            await page.keyboard.press("a")
            await expect(toast(page, "Approved Large")).to_be_visible()
            await until("the first vote", voted(lead, desk), deadline=deadline)
            page = await come_to(mira, desk, "Large")
            await expect(page.get_by_text("Somebody else decides this one")).to_be_visible()
            await expect(page.get_by_role("button", name=re.compile("^Claim"))).to_be_disabled()
            other = await claim(jonas, desk, "Large")
            first = other.get_by_text("Approved by Mira Kovač: the first of two votes")
            await expect(first).to_be_visible()
            await other.keyboard.press("a")
            await until("the decision of both", decided(lead, desk, "Large"), deadline=deadline)
        finally:
            now = await lead.get("/v1/desk-rules")
            await put_rules(lead, now["version"], before["rules"])


def voted(lead: Person, desk: Desk):
    async def ask() -> bool | None:
        rows = await lead.every("/v1/cases", state="open")
        return any(row["has_first_vote"] for row in rows if row["title"] == "Large") or None

    return ask


def decided(lead: Person, desk: Desk, name: str):
    async def ask() -> bool | None:
        return (await lead.get(desk.path(name)))["state"] == "decided" or None

    return ask


async def test_a_lost_line_is_said_and_comes_back(stage: Stage, desk: Desk):
    mira = await stage.person(MIRA)
    page = mira.page
    await page.route("**/v1/events*", lambda route: route.abort("aborted"))
    await claim(mira, desk, "Offline")
    notice = page.get_by_text("The line is down.")
    await expect(notice).to_be_visible()
    # What is decided meanwhile is decided all the same.
    await page.keyboard.press("c")
    await expect(page.get_by_text(re.compile("^Say what to change"))).to_be_visible()
    # Asked for while it is still down: a line that came back by itself takes its button along.
    async with page.expect_request("**/v1/events*"):
        await page.get_by_role("button", name="Reconnect now").click()
    await page.unroute("**/v1/events*")
    await expect(notice).to_be_hidden()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()


async def test_a_phone_leads_from_the_list_to_the_decision(stage: Stage, desk: Desk):
    mira = await stage.person(MIRA, PHONE)
    page = mira.page
    await page.goto("/moderation")
    await page.get_by_role("button", name=re.compile("Phone.*Solberg Bakeri")).click()
    await expect(page.get_by_role("heading", level=1, name="Phone")).to_be_visible()
    free = page.get_by_role("button", name=re.compile("^Claim"))
    approve = page.get_by_role("button", name=re.compile("^Approve"))
    await expect(free.or_(approve)).to_be_visible()
    # After a decision the next case is taken by itself: it may have been this one.
    if await free.is_visible():
        await free.click()
    await expect(approve).to_be_in_viewport()
    await page.get_by_role("heading", name="Among ourselves").scroll_into_view_if_needed()
    await expect(approve).to_be_in_viewport()
    await page.get_by_role("button", name="Validation queue").click()
    await expect(page.get_by_role("heading", level=1, name="Phone")).to_be_hidden()
