"""A second factor in a real browser: a passkey of Chromium's virtual authenticator, codes computed
here as a telephone computes them.
"""

import os
import time
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page, expect
from redis.asyncio import Redis

from backend.commands.connection import opened
from backend.identity.service.tenants import add_account, add_staff
from backend.kernel.principal import StaffRole
from tests.browser.looking import AXE, SCHEMES, problems_at
from tests.browser.stage import DESKTOP, EXPECTED_REFUSALS, PHONE, Stage, Window
from tests.identity.people import grow_old
from tests.journeys.system import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]

EMAIL = "finn@staff.example"
PASSWORD = "a sentence is easiest"
SHOTS = os.environ.get("CLEARSEND_SHOTS", "")
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def look(window: Window, name: str, *, within: str = "html") -> None:
    page = window.page
    await page.evaluate(AXE.read_text())
    for size in (DESKTOP, PHONE):
        for scheme in SCHEMES:
            assert not await problems_at(page, size, scheme, within=within), name
            if SHOTS:
                await window.shot(Path(SHOTS) / f"{name}-{scheme}-{size[0]}.png")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})


async def give_password(page: Page, site: str) -> None:
    await page.goto(f"{site}/login")
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Log in", exact=True).click()


async def log_out(page: Page) -> None:
    await page.get_by_role("button", name="Finn").click()
    await page.get_by_role("menuitem", name="Log out").click()
    await page.get_by_role("heading", name="Log in").wait_for()


async def test_staff_set_one_up_log_in_with_it_and_prove_it_again(
    stage: Stage, system: System, monkeypatch
):
    path = "/v1/account/recovery-codes"
    monkeypatch.setitem(EXPECTED_REFUSALS, ("POST", path, 403), "asks for a fresh proof first")
    async with opened(system.complete):
        account_id, _ = await add_account(EMAIL, "Finn", PASSWORD)
        await add_staff(account_id, StaffRole.FINANCE)
    # Browsers bind passkeys to names, and this machine's is its address spelt out.
    site = f"http://localhost:{system.settings.port}"
    window = await stage.window("staff")
    page = window.page
    devices = await window.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    # What the desk's first page still asks for when its person logs out at once.
    for part in ("tenants", "report", "to-do", "days"):
        window.expect_refusal("GET", f"/v1/finance/{part}", 401)

    await give_password(page, site)
    await page.get_by_role("heading", name="Set up a second factor").wait_for()
    await look(window, "enrolment")
    await page.goto(f"{site}/finance")
    await page.get_by_role("heading", name="Set up a second factor").wait_for()
    await page.get_by_role("button", name="Passkey").click()
    await page.get_by_label("Name of the passkey").fill("Office laptop")
    await page.get_by_role("button", name="Create the passkey").click()
    await page.get_by_role("heading", name="Recovery codes").wait_for()
    recovery = await page.get_by_role("listitem").all_inner_texts()
    assert len(recovery) == 10
    await look(window, "recovery-codes")
    await page.get_by_role("button", name="I have kept them").click()
    await page.get_by_role("navigation").first.wait_for()

    await page.goto(f"{site}/account")
    await page.get_by_text("Office laptop", exact=True).wait_for()
    await expect(page.get_by_role("button", name="Remove Office laptop")).to_be_disabled()
    await page.get_by_role("button", name="Rename Office laptop").click()
    await page.get_by_label("New name").fill("Laptop at home")
    await page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    await page.get_by_text("Laptop at home", exact=True).wait_for()
    await page.get_by_role("dialog").wait_for(state="detached")
    await page.get_by_role("button", name="Add an app").click()
    shown = await page.get_by_test_id("secret").inner_text()
    telephone = pyotp.TOTP(shown.replace(" ", ""))
    await look(window, "add-app", within="[role=dialog]")
    await page.get_by_label("Name of the device").fill("My telephone")
    await page.get_by_label("The six digits it shows now").fill(telephone.now())
    await page.get_by_role("button", name="Add it").click()
    await page.get_by_text("My telephone", exact=True).wait_for()
    await page.get_by_role("dialog").wait_for(state="detached")
    await look(window, "account-factors")

    await log_out(page)
    await give_password(page, site)
    await page.get_by_role("heading", name="Confirm that it is you").wait_for()
    await look(window, "second-step")
    await page.get_by_role("button", name="Use a passkey").click()
    await page.get_by_role("navigation").first.wait_for()

    await log_out(page)
    await give_password(page, site)
    await page.get_by_role("button", name="Use a code of your app").click()
    await page.get_by_label("Six digits").fill(telephone.at(int(time.time()) + 30))
    await page.get_by_role("button", name="Confirm").click()
    await page.get_by_role("navigation").first.wait_for()

    # Eleven minutes later the same page asks again, and what was begun goes on by itself.
    await page.goto(f"{site}/account")
    cookies = await window.context.cookies(site)
    token = next(one["value"] for one in cookies if one["name"] == "clearsend_session")
    async with Redis.from_url(system.complete.redis_url) as redis:
        await grow_old(redis, token)
    await page.get_by_role("button", name="New recovery codes").click()
    await page.get_by_role("dialog").get_by_role("button", name="New recovery codes").click()
    proof = page.get_by_role("dialog", name="Confirm that it is you")
    await proof.wait_for()
    await look(window, "step-up", within="[role=dialog]:last-of-type")
    await proof.get_by_role("button", name="Use a passkey").click()
    made = page.get_by_role("dialog", name="Recovery codes", exact=True)
    await made.wait_for()
    renewed = await made.get_by_role("listitem").all_inner_texts()
    assert len(renewed) == 10
    assert not set(renewed) & set(recovery)
    await page.get_by_role("button", name="I have kept them").click()

    await log_out(page)
    await give_password(page, site)
    await page.get_by_role("button", name="Use a recovery code").click()
    await page.get_by_label("Recovery code").fill(renewed[0])
    await page.get_by_role("button", name="Confirm").click()
    await page.get_by_role("navigation").first.wait_for()
    await page.goto(f"{site}/account")
    await page.get_by_text("9 unused codes").wait_for()
