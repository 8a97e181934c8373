"""A lead's day beside the queue: a host is blocked, a complaint proposes a suspension, a refused
sender is appealed, and a carrier's limit for one sender is written down.
"""

import re
import time

import pytest
from playwright.async_api import expect

from backend.commands import journey
from backend.commands.api_client import Person
from backend.commands.demo_accounts import KARGO, LEAD, MODERATOR
from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.stage import WAIT_MS_MAX, Stage, Window
from tests.journeys.system import System

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]
expect.set_options(timeout=WAIT_MS_MAX)
PATIENCE_SECONDS = 60


async def test_a_leads_open_matters(system: System, stage: Stage, tmp_path):
    lead = await stage.window("lead")
    await lead.log_in_as("Moderation lead")
    await blocks_a_host(lead)
    await changes_what_follows(lead)
    url = system.settings.url
    tenant = await Person.log_in(url, KARGO.email, DEMO_PASSWORD)
    async with tenant, await Person.log_in(url, LEAD, DEMO_PASSWORD) as chief:
        tenant_id = str(tenant.session["tenant"]["id"])
        await chief.post(
            f"/v1/tenants/{tenant_id}/strikes",
            {"weight": 70, "days": 30, "reason": "Three carriers complained."},
        )
    await records_a_complaint(lead, tenant_id)
    await dismisses(lead, tmp_path)


async def blocks_a_host(lead: Window) -> None:
    page = lead.page
    await page.goto("/moderation/rules?tab=hosts")
    await page.get_by_role("button", name="Block a host").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Host").fill("phish.example")
    await dialog.get_by_role("textbox", name="Why?").fill("It asks for passwords")
    await dialog.get_by_role("button", name="Block a host").click()
    row = page.get_by_role("row", name=re.compile("phish.example"))
    await expect(row.get_by_text("It asks for passwords")).to_be_visible()
    await row.get_by_role("button", name="Allow again").click()
    await page.get_by_role("dialog").get_by_role("button", name="Allow again").click()
    await expect(row).to_have_count(0)


async def changes_what_follows(lead: Window) -> None:
    page = lead.page
    await page.goto("/moderation/rules?tab=trust")
    await page.get_by_label("Cases are for leads from").fill("35")
    await page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("Fewer cases for leads")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Save")).to_have_count(0)
    await expect(page.get_by_label("Cases are for leads from")).to_have_value("35")


async def records_a_complaint(lead: Window, tenant_id: str) -> None:
    page = lead.page
    await page.goto(f"/tenants/{tenant_id}")
    await page.get_by_role("button", name="Record a complaint").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reference").fill("spam report 8812")
    await dialog.get_by_role("textbox", name="What is said").fill("They never agreed")
    await dialog.get_by_role("button", name="Record the complaint").click()
    await expect(dialog).to_have_count(0)
    # It can be read again, by whoever comes next.
    told = page.get_by_role("list", name="Recorded complaints").get_by_role("listitem")
    await expect(told.filter(has_text="spam report 8812")).to_contain_text("They never agreed")


async def dismisses(lead: Window, tmp_path) -> None:
    page = lead.page
    await page.goto("/moderation/matters")
    proposals = page.get_by_role("list", name="Proposed suspensions")
    proposal = proposals.get_by_role("listitem").filter(has_text="Kargo24")
    await expect(proposal).to_be_visible()
    await lead.shot(tmp_path / "matters.png")
    await proposal.get_by_role("button", name="Dismiss").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Why?").fill("One carrier was wrong")
    await dialog.get_by_role("button", name="Dismiss").click()
    await expect(proposal).to_have_count(0)


async def test_a_refused_sender_is_appealed_and_a_carrier_limits_one(system: System, stage: Stage):
    deadline = time.monotonic() + PATIENCE_SECONDS
    url = system.settings.url
    tenant = await Person.log_in(url, KARGO.email, DEMO_PASSWORD)
    async with tenant, await Person.log_in(url, MODERATOR, DEMO_PASSWORD) as moderator:
        made = await tenant.post("/v1/senders", {"sender": "KARGOBANK", "purpose": "Parcels"})
        await tenant.post(f"/v1/senders/{made['id']}/submit", {})
        tenant_id = str(tenant.session["tenant"]["id"])
        await journey.decide(
            moderator,
            tenant_id,
            "KARGOBANK",
            deadline,
            verdict="refuse",
            reason_code="misleading",
            message="You are no bank.",
        )
    owner = await stage.window("owner")
    await owner.log_in_as("Kargo24")
    page = owner.page
    await page.goto("/senders")
    row = page.get_by_role("row", name=re.compile("KARGOBANK"))
    await row.get_by_role("button", name="Ask for another look").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("It is the name of our parcel bank")
    await dialog.get_by_role("button", name="Send the appeal").click()
    await expect(row.get_by_text("Somebody else will look at it.")).to_be_visible()
    admin = await stage.window("admin")
    await admin.log_in_as("Platform admin")
    page = admin.page
    await page.goto("/gateways")
    await page.get_by_role("button", name="Simulator SMPP").click()
    panel = page.get_by_role("dialog")
    await panel.get_by_role("button", name="Limit a sender").click()
    asked = page.get_by_role("dialog", name="Limit a sender")
    await asked.get_by_role("textbox", name="Sender").fill("NORDLYS")
    await asked.get_by_role("textbox", name="Why?").fill("The carrier says so")
    await asked.get_by_role("button", name="Save the limit").click()
    limits = panel.get_by_role("list", name="Limits of senders")
    await expect(limits.get_by_text("NORDLYS")).to_be_visible()
