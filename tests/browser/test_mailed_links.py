"""From a sign-up to a colleague at work, by the links of real mails through the real processes: the
mailbox of the demo is the only thing that stands in for somebody's mail program.
"""

import asyncio
import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.looking import AXE, SCHEMES, problems_at
from tests.browser.stage import DESKTOP, EXPECTED_REFUSALS, PHONE, Stage, Window

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]

PASSWORD = "a sentence is easiest"
NEW_PASSWORD = "another sentence still"
SHOTS = os.environ.get("CLEARSEND_SHOTS", "")


async def look(window: Window, name: str, *, within: str = "html") -> None:
    """Light and dark, wide and narrow: readable for everybody. With CLEARSEND_SHOTS also seen."""
    page = window.page
    await page.evaluate(AXE.read_text())
    for size in (DESKTOP, PHONE):
        for scheme in SCHEMES:
            assert not await problems_at(page, size, scheme, within=within), name
            if SHOTS:
                await window.shot(Path(SHOTS) / f"{name}-{scheme}-{size[0]}.png")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})


async def open_mail(page: Page, address: str, subject: str) -> None:
    """Waits for it, as somebody looking into their mail program would; then follows its link."""
    await page.goto("/mailbox")
    line = (
        page.get_by_role("navigation").get_by_role("button", name=subject).filter(has_text=address)
    )
    await line.first.click()
    await page.locator("pre").get_by_role("link").first.wait_for()
    address_of_link = await page.locator("pre").get_by_role("link").first.get_attribute("href")
    assert address_of_link
    await page.goto(address_of_link)
    # The page takes the secret out of its address as soon as it has read it.
    await expect(page).to_have_url(re.compile("^[^#]+$"))


async def test_a_person_proves_an_address_and_brings_a_colleague(stage: Stage, monkeypatch):
    # A link is tried twice here, and answered as it must be.
    monkeypatch.setitem(
        EXPECTED_REFUSALS, ("POST", "/v1/email-confirmation", 400), "used a second time"
    )
    owner = await stage.window("owner")
    page = owner.page
    await page.goto("/signup")
    await page.get_by_label("Your name").fill("Ingrid Berg")
    await page.get_by_label("Company").fill("Fjordlys")
    await page.get_by_label("E-mail").fill("ingrid@fjordlys.example")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await page.get_by_text("Confirm your e-mail address").wait_for()
    await look(owner, "banner")

    await open_mail(page, "ingrid@fjordlys.example", "Confirm your e-mail address")
    await page.get_by_text("ingrid@fjordlys.example is confirmed.").wait_for()
    await look(owner, "confirmed")
    await page.get_by_role("link", name="Go on").click()
    await page.get_by_role("navigation").first.wait_for()
    assert not await page.get_by_text("Nothing can be submitted before").count()
    await open_mail(page, "ingrid@fjordlys.example", "Confirm your e-mail address")
    await page.get_by_text("token_used").wait_for()

    await page.goto("/settings?tab=members")
    await page.get_by_role("button", name="Invite a member").click()
    await page.get_by_label("E-mail address").fill("ola@fjordlys.example")
    await page.get_by_role("dialog").get_by_label("Role").select_option(label="Editor")
    await look(owner, "invite", within="[role=dialog]")
    await page.get_by_role("button", name="Send the invitation").click()
    await page.get_by_role("heading", name="Open invitations").wait_for()
    await look(owner, "members")
    await page.goto("/notices?tab=preferences")
    answered = asyncio.Event()

    async def later(route: Route) -> None:
        if route.request.method == "PUT":
            await answered.wait()
        await route.continue_()

    await page.route("**/v1/notice-preferences", later)
    wanted = [
        page.get_by_label(f"{kind}: tell me here")
        for kind in ("A session is complete", "A session is missed")
    ]
    for one in wanted:
        await one.uncheck(force=True)
    # What the hand has set stays so while nothing is answered.
    for one in wanted:
        assert not await one.is_checked()
    answered.set()
    await page.get_by_text("Saved").first.wait_for()
    await look(owner, "preferences")
    await (
        page.get_by_role("button", name="unread")
        .or_(page.get_by_role("button", name="Notices"))
        .first.click()
    )
    await page.get_by_text("Nothing new").wait_for()
    await look(owner, "bell")

    colleague = await stage.window("colleague")
    page = colleague.page
    await page.goto("/mailbox")
    await page.get_by_text("Ingrid Berg invites you").first.wait_for()
    await look(colleague, "mailbox")
    await open_mail(page, "ola@fjordlys.example", "Ingrid Berg invites you")
    await page.get_by_role("heading", name="Join Fjordlys").wait_for()
    await look(colleague, "invitation")
    await page.get_by_label("Your name").fill("Ola Nordmann")
    await page.get_by_label("Choose a password").fill(PASSWORD)
    await page.get_by_role("button", name="Join").click()
    await page.get_by_role("navigation").first.wait_for()
    await page.get_by_text("Ola Nordmann").first.wait_for()
    await page.get_by_text("Editor").first.wait_for()


async def test_a_forgotten_password_is_chosen_anew(stage: Stage):
    window = await stage.window("forgetful")
    page = window.page
    await page.goto("/signup")
    await page.get_by_label("Your name").fill("Kari Dahl")
    await page.get_by_label("Company").fill("Dahl")
    await page.get_by_label("E-mail").fill("kari@dahl.example")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await page.get_by_role("navigation").first.wait_for()

    elsewhere = await stage.window("elsewhere")
    page = elsewhere.page
    await page.goto("/login")
    await page.get_by_role("link", name="Forgot your password?").click()
    # The page that is left has a field of that name too.
    await page.get_by_role("heading", name="Forgot your password?").wait_for()
    await page.get_by_label("E-mail").fill("kari@dahl.example")
    await look(elsewhere, "forgot")
    await page.get_by_role("button", name="Send the link").click()
    await page.get_by_role("heading", name="Look into your mailbox").wait_for()
    await open_mail(page, "kari@dahl.example", "Choose a new password")
    await page.get_by_label("New password").fill(NEW_PASSWORD)
    await look(elsewhere, "reset")
    await page.get_by_role("button", name="Save and log in").click()
    await page.get_by_role("navigation").first.wait_for()

    # The other window's login session has ended.
    await window.page.goto("/campaigns")
    await window.page.get_by_role("heading", name="Log in").wait_for()
