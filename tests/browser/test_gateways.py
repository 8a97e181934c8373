"""A second way out is added while everything runs, tried, drained and switched off; a company
verifies its number by the code its handset got.
"""

import re
import time

import httpx
import pytest
from playwright.async_api import expect

from backend.commands.api_client import until
from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.looking import AXE, SCHEMES, problems_at
from tests.browser.stage import DESKTOP, PHONE, WAIT_MS_MAX, Stage
from tests.journeys.system import System, cast_of

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(300)]
expect.set_options(timeout=WAIT_MS_MAX)
NUMBER = "+4791000301"


async def test_a_gateway_is_added_and_used_without_a_restart(
    system: System, stage: Stage, tmp_path
):
    admin = await stage.window("admin")
    await admin.context.add_init_script(path=AXE)
    await admin.log_in_as("Platform admin")
    page = admin.page
    await page.goto("/gateways")
    row = page.get_by_role("row", name=re.compile("Simulator SMPP"))
    await expect(row.get_by_text("Working")).to_be_visible()
    await page.get_by_role("button", name="Add gateway").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text("HTTP JSON").click()
    await dialog.get_by_role("button", name="Add gateway").click()
    await expect(dialog.get_by_text("A name is needed")).to_be_visible()
    await dialog.get_by_role("textbox", name="Name", exact=True).fill("Second way")
    await dialog.get_by_label("Address of the provider").fill(f"{system.simulator_url()}/v1")
    await dialog.get_by_role("textbox", name="Password or secret").fill("carrier-http-secret")
    await dialog.get_by_role("textbox", name="Reason").fill("A second carrier")
    await admin.shot(tmp_path / "add.png")
    await dialog.get_by_role("button", name="Add gateway").click()
    second = page.get_by_role("row", name=re.compile("Second way"))
    await expect(second.get_by_text("Working")).to_be_visible()
    await second.get_by_role("button", name="Second way").click()
    panel = page.get_by_role("dialog")
    await panel.get_by_role("button", name="Test connection").click()
    await expect(panel.get_by_text(re.compile("It let us in after"))).to_be_visible()
    found = []
    for size in (DESKTOP, PHONE):
        for scheme in SCHEMES:
            found += await problems_at(page, size, scheme, within="[role=dialog]")
            await admin.shot(tmp_path / f"panel-{size[0]}-{scheme}.png")
    assert not found, "\n".join(found)
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    await panel.get_by_role("button", name="Drain").click()
    asked = page.get_by_role("dialog").filter(has_text="Drain “Second way”?")
    await asked.get_by_role("textbox", name="Reason").fill("The contract ends")
    await asked.get_by_role("button", name="Drain").click()
    await expect(asked).to_be_hidden()
    await expect(panel.get_by_text("The contract ends")).to_be_visible()
    await panel.get_by_role("button", name="Disable").click()
    asked = page.get_by_role("dialog").filter(has_text="Disable “Second way”?")
    await asked.get_by_role("textbox", name="Reason").fill("It has ended")
    await asked.get_by_role("button", name="Disable").click()
    await expect(asked).to_be_hidden()
    await expect(panel.get_by_role("button", name="Resume")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(second.get_by_text("Disabled")).to_be_visible()
    for size in (DESKTOP, PHONE):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await admin.shot(tmp_path / f"list-{size[0]}-{scheme}.png", full_page=True)
    assert not await stage.close()


async def test_a_number_is_verified_by_the_code_its_handset_got(
    system: System, stage: Stage, tmp_path
):
    async with cast_of(system, "Numbered"):
        owner = await stage.window("owner")
        page = owner.page
        await page.goto("/login")
        await page.get_by_label("E-mail").fill("numbered@journey.example")
        await page.get_by_role("textbox", name="Password").fill(DEMO_PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_role("navigation").first.wait_for()
        await page.goto("/settings?tab=number")
        await page.get_by_role("textbox", name="Number").fill(NUMBER)
        await page.get_by_role("button", name="Send a code").click()
        await expect(page.get_by_text("A code of six digits is on its way")).to_be_visible()

        async def heard() -> str | None:
            async with httpx.AsyncClient() as client:
                shown = (await client.get(f"{system.simulator_url()}/handsets.json")).json()
            mine = (one["text"] for one in shown if one["number"] == NUMBER[1:])
            codes = [found[0] for text in mine if (found := re.search(r"\b\d{6}\b", text))]
            return codes[0] if codes else None

        code = await until("the code", heard, deadline=time.monotonic() + 60)
        await owner.shot(tmp_path / "code.png")
        asked = await page.evaluate("async () => (await fetch('/v1/number')).json()")
        path = f"/v1/number/verifications/{asked['verification']['id']}/confirm"
        owner.expect_refusal("POST", path, 422)
        await page.get_by_label("Digit 1").click()
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        await page.keyboard.type(wrong)
        await expect(page.get_by_text("4 tries are left")).to_be_visible()
        await page.get_by_label("Digit 1").click()
        await page.keyboard.type(code)
        await expect(page.get_by_text("Verified")).to_be_visible()
        await expect(page.get_by_text(NUMBER)).to_be_visible()
        await owner.shot(tmp_path / "verified.png")
    assert not await stage.close()
