"""The whole journey by mouse and keyboard: what a stranger does after `make run`."""

import re
import time
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from backend.commands import journey
from backend.commands.api_client import Person
from backend.commands.demo_accounts import LEAD, NORDLYS
from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.stage import WAIT_MS_MAX, Stage, Window
from tests.journeys.system import System

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("time_to_undo"),
]

# The simulator's fates by last digits: 0001 delivered, 0002 fails for good, 0018 blocked us.
CSV = """phone,first name,city
+4791230001,Ingrid,Oslo
+4791240001,Élise,Bergen
+4791250001,Ola,Oslo
+4791260001,Kari,Tromsø
+4791230002,Åsa,Bodø
+4791230018,Søren,Oslo
+4791270001,,Hamar
not a number,Jonas,Oslo
"""
READY = 7
GROUP = "Friends"
REFERENCE = "2026-1182"
LONG_MS_MAX = 60_000
"""Screening, sending and receipts pass through worker processes."""

expect.set_options(timeout=WAIT_MS_MAX)


async def give_tenant_its_standing(system: System) -> None:
    """What a lead has done before a company sends: its number is verified."""
    url = system.settings.url
    tenant = await Person.log_in(url, NORDLYS.email, DEMO_PASSWORD)
    async with tenant, await Person.log_in(url, LEAD, DEMO_PASSWORD) as lead:
        await journey.make_ready(tenant, lead, NORDLYS.phone or "", time.monotonic() + 30)


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name)


async def import_subscribers(page: Page, file: Path) -> None:
    await page.get_by_role("link", name="Imports").click()
    await page.get_by_role("link", name="New import").first.click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_text("Drop a CSV file here").click()
    await (await chooser.value).set_files(file)
    await expect(page.get_by_role("heading", name="subscribers.csv")).to_be_visible()

    await page.get_by_label("Or into a new group").fill(GROUP)
    await page.get_by_label("Where the person agreed").fill("Web form")
    await page.get_by_label("What the person agreed to").fill("I agree to texts of Nordlys.")
    await button(page, "Check again").click()
    await expect(page.get_by_text("Contains letters").first).to_be_visible()
    await button(page, f"Import {READY} subscribers").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Proof of consent: Web form.")).to_be_visible()
    await expect(button(dialog, f"Import {READY} subscribers")).to_be_disabled()
    await dialog.get_by_label("These people agreed to receive our texts").check()
    await button(dialog, f"Import {READY} subscribers").click()
    await expect(page.get_by_text("These people can be addressed from now on.")).to_be_visible(
        timeout=LONG_MS_MAX
    )


async def choose_audience(page: Page, name: str) -> None:
    await page.get_by_role("link", name="Campaigns").first.click()
    await button(page, "New campaign").first.click()
    await page.get_by_label("Name of the campaign").fill(name)
    await button(page, "Create and choose the audience").click()
    await page.get_by_role("checkbox", name=re.compile(f"^{GROUP}")).check()
    await expect(page.get_by_text("At most 7 people in the chosen groups")).to_be_visible()
    await button(page, "Write the message").click()


async def write_message(page: Page, before: str, after: str) -> None:
    """A text with a field chosen from the menu."""
    sender = page.get_by_role("combobox", name="From")
    await sender.click()
    await page.get_by_role("option").first.click()
    message = page.get_by_role("textbox", name="Message", exact=True)
    await message.press_sequentially(before)
    await button(page, "Insert a field").click()
    await page.get_by_role("menuitem", name="[first name]").click()
    await expect(message).to_have_value(f"{before}[first name]")
    await message.press("End")
    await message.press_sequentially(after)


async def submit(page: Page) -> None:
    """The quote, its consent, and only then the button that submits."""
    await button(page, "Look at recipients").click()
    await button(page, "Count and confirm").click()
    await expect(page.get_by_text("the charge never passes it")).to_be_visible()
    send = button(page, "Submit for review")
    await expect(send).to_be_disabled()
    await page.get_by_label("I agree to be charged up to").check()
    await send.click()
    await expect(page.get_by_text("In review.", exact=True)).to_be_visible(timeout=LONG_MS_MAX)


async def compose(page: Page) -> None:
    await choose_audience(page, "Doors open")
    await write_message(page, "Hi ", ", doors open at nine. Reply STOP to end.")
    await expect(page.get_by_text(re.compile(r"GSM-7, \d+ of 160"))).to_be_visible()
    phone = page.get_by_role("figure", name="Message from")
    await expect(phone).to_contain_text(", doors open at nine.")
    await expect(phone).not_to_contain_text("[first name]")
    # One Greek letter and the text is another encoding, at once and while typing.
    message = page.get_by_role("textbox", name="Message", exact=True)
    await message.press_sequentially("Ж")
    await expect(page.get_by_text(re.compile(r"UCS-2, \d+ of 70"))).to_be_visible()
    await message.press("Backspace")
    await submit(page)


async def top_up(page: Page) -> None:
    await page.get_by_label("Find a tenant, e-mail").fill("Nordlys")
    await page.get_by_role("button", name="Nordlys Retail", exact=True).click()
    await expect(page.get_by_role("heading", name="Nordlys Retail", level=1)).to_be_visible()
    await page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Credits").fill("500")
    await dialog.get_by_role("textbox", name="Reference").fill(REFERENCE)
    await dialog.get_by_role("textbox", name="Reason").fill("Bank transfer of 22 November")
    await expect(button(dialog, "Reload")).to_be_disabled()
    await dialog.get_by_label("Amount and reference are as on the account statement").check()
    await button(dialog, "Reload").click()
    await expect(dialog).to_be_hidden()
    line = page.get_by_role("row", name=re.compile(r"Bank transfer of 22 November.*\+500"))
    await expect(line.first).to_be_visible()


async def open_case(page: Page, title: str) -> None:
    """Looked at first, which holds nothing; then claimed by key."""
    queue = page.get_by_role("region", name="Validation queue")
    row = queue.get_by_role("button", name=title)
    # What belongs above the cases of other tests is not put there under somebody's cursor.
    ask_in = queue.get_by_role("button", name=re.compile("new case"))
    await expect(row.or_(ask_in).first).to_be_visible(timeout=LONG_MS_MAX)
    if await row.is_hidden():
        await ask_in.click()
    await row.click()
    await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    await expect(button(page, "Approve")).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(button(page, "Approve")).to_be_visible()
    await expect(page.get_by_text("Held by you,")).to_be_visible()


async def approve(page: Page) -> None:
    await open_case(page, "Doors open")
    samples = page.get_by_role("region", name="Rendered samples")
    await expect(samples.get_by_text("doors open at nine.").first).to_be_visible()
    await page.keyboard.press("a")
    again = button(page, "Flagged: press again")
    # Not the word "Approved": earlier decisions on the page say it too, before this one is made.
    undo = page.get_by_role("button", name=re.compile(r"^Undo,"))
    await expect(again.or_(undo).first).to_be_visible()
    if await again.is_visible():
        await page.keyboard.press("a")
    await expect(undo).to_be_visible()


async def see_through(page: Page) -> None:
    """Without a reload: the page of the session moves by itself."""
    progress = page.get_by_role("progressbar")
    await expect(progress).to_have_attribute("aria-valuenow", "100", timeout=LONG_MS_MAX)
    await expect(page.get_by_text("Completed", exact=True).first).to_be_visible(timeout=LONG_MS_MAX)
    await page.get_by_role("tab", name="Recipients").click()
    table = page.get_by_role("table", name="Recipients")
    await expect(table.get_by_role("row", name=re.compile(r"91230001.*Delivered"))).to_be_visible()
    for number, reason in (("91230002", "Number not in service"), ("91230018", "Blocked by")):
        row = table.get_by_role("row", name=re.compile(number))
        await expect(row).to_contain_text(reason)
    await page.get_by_role("tab", name="Left out").click()
    out = page.get_by_role("table", name="Left out").get_by_role("row", name="91270001")
    await expect(out).to_contain_text("A value is missing")


async def refuse(page: Page) -> None:
    await open_case(page, "Win a prize")
    await page.keyboard.press("r")
    await expect(page.get_by_text("Choose a reason first (1–9).")).to_be_visible()
    await (
        page.get_by_role("group", name="Reason")
        .get_by_role("button", name=re.compile("mislead", re.IGNORECASE))
        .click()
    )
    await page.get_by_label("Message to the company").fill("Nobody has won anything yet.")
    await button(page, "Refuse").click()
    await expect(page.get_by_text("Refused", exact=True).first).to_be_visible()


async def fix_and_send_again(page: Page) -> None:
    await expect(page.get_by_text("Nobody has won anything yet.")).to_be_visible(
        timeout=LONG_MS_MAX
    )
    await button(page, "Fix and send again").click()
    message = page.get_by_role("textbox", name="Message", exact=True)
    await expect(message).to_have_value("You have won, [first name]! Call now.")
    await message.fill("Hi [first name], a draw is on in our shop. Reply STOP to end.")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    await submit(page)


async def test_journey(stage: Stage, system: System, tmp_path: Path):
    file = tmp_path / "subscribers.csv"
    file.write_text(CSV)
    await give_tenant_its_standing(system)
    tenant: Window = await stage.person("Nordlys Retail")
    await import_subscribers(tenant.page, file)
    await compose(tenant.page)

    finance = await stage.person("Finance · Clara Petit")
    await top_up(finance.page)

    moderator = await stage.person("Moderator · Mira Kovač")
    await approve(moderator.page)
    await see_through(tenant.page)

    await choose_audience(tenant.page, "Win a prize")
    await write_message(tenant.page, "You have won, ", "! Call now.")
    await submit(tenant.page)
    await refuse(moderator.page)
    await fix_and_send_again(tenant.page)
