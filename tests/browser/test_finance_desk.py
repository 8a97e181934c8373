"""Two clerks at the finance desk: what is above the limit of one needs the other."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from backend.billing.states import GRANT_CREDITS_MAX
from tests.browser.looking import AXE, SCHEMES, problems_at
from tests.browser.stage import DESKTOP, PHONE, WAIT_MS_MAX, Stage, Window
from tests.journeys.system import System, cast_of

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]
expect.set_options(timeout=WAIT_MS_MAX)

NEWS_MS_MAX = 60_000  # a page asks again every 15 s
ABOVE_THE_LIMIT = 60_000
SCREEN = "60,000"
PROOF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
APPROVE_BY_HAND = """async (path) => {
  const session = await (await fetch("/v1/session")).json();
  const headers = {
    "X-CSRF-Token": session.csrf_token,
    "Idempotency-Key": crypto.randomUUID(),
  };
  const answer = await fetch(path, { method: "POST", headers });
  return [answer.status, (await answer.json()).code];
}"""


def button(page: Page | Locator, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("button", name=name)


async def looked_at(window: Window, name: str, *, within: str = "html") -> None:
    page = window.page
    await page.evaluate(AXE.read_text())
    for size in (DESKTOP, PHONE):
        for scheme in SCHEMES:
            assert not await problems_at(page, size, scheme, within=within), name
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})


async def found_by_search(page: Page, name: str) -> None:
    await page.keyboard.press("/")
    await page.keyboard.type(name)
    await page.get_by_role("button", name=name, exact=True).click()
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


async def asks_to_top_up(window: Window, tenant_id: str) -> None:
    page = window.page
    window.expect_refusal("POST", f"/v1/tenants/{tenant_id}/top-ups", 409)
    await page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Credits").fill(str(ABOVE_THE_LIMIT))
    await dialog.get_by_role("textbox", name="Reference").fill("2026-4471")
    await dialog.get_by_role("textbox", name="Reason").fill("Yearly budget, paid on 20 November")
    async with page.expect_file_chooser() as chooser:
        await button(dialog, "Proof").click()
    await (await chooser.value).set_files(
        {"name": "statement.pdf", "mimeType": "application/pdf", "buffer": PROOF}
    )
    await expect(dialog.get_by_text("another person of finance approves")).to_be_visible()
    await dialog.get_by_label("Amount and reference are as on").check()
    await looked_at(window, "top-up", within="[role=dialog]")
    await button(dialog, "Ask a second person").click()
    await expect(dialog.get_by_text("Waiting for a second person:")).to_be_visible()
    await button(dialog, "Understood").click()


async def approves(page: Page, what: str, consent: str) -> None:
    await button(page, f"Approve: {what}").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label(consent).check()
    await button(dialog, "Approve").click()
    await expect(dialog).to_be_hidden()


async def test_what_is_above_the_limit_needs_a_second_person(stage: Stage, system: System):
    async with cast_of(system, "Second Look") as cast:
        tenant_id = cast.tenant_id
        clara = await stage.person("Finance · Clara Petit")
        tom = await stage.person("Finance · Tom Okafor")
        first, second = clara.page, tom.page

        await found_by_search(first, "Second Look")
        await asks_to_top_up(clara, tenant_id)
        waiting = first.get_by_role("row", name=re.compile("2026-4471"))
        await expect(waiting.get_by_text("Entered by you")).to_be_visible()
        await expect(button(waiting, re.compile("^Approve"))).to_be_hidden()
        # Nor by asking the server behind the page's back.
        page_of_waiting = await cast.second_clerk.get("/v1/top-ups/pending")
        top_up = next(
            one["id"] for one in page_of_waiting["items"] if one["tenant_id"] == tenant_id
        )
        path = f"/v1/top-ups/{top_up}/approve"
        clara.expect_refusal("POST", path, 403)
        assert await first.evaluate(APPROVE_BY_HAND, path) == [403, "second_person_must_differ"]

        await second.goto(f"/finance/tenants/{tenant_id}?tab=top_ups")
        async with second.expect_download() as download:
            await second.get_by_role("link", name="Download").first.click()
        assert (await (await download.value).path()).read_bytes() == PROOF
        await approves(second, "2026-4471", "I saw the money on the account statement")
        balance = second.get_by_role("region", name="Balance")
        await expect(balance.get_by_text(SCREEN)).to_be_visible()
        # And with who asked, whose page stood open meanwhile.
        asked = first.get_by_role("region", name="Balance")
        await expect(asked.get_by_text(SCREEN)).to_be_visible(timeout=NEWS_MS_MAX)

        await asks_to_refund(clara)
        await second.goto("/finance/waiting")
        row = second.get_by_role("row", name=re.compile("The contract ended"))
        await expect(row).to_be_visible()
        await looked_at(tom, "waiting")
        await approves(second, "Second Look", "I have checked why and how much")
        await second.goto(f"/finance/tenants/{tenant_id}")
        await expect(balance.get_by_text(SCREEN)).to_be_hidden()
        # From the line of the ledger to the lot it came out of.
        await second.get_by_role("row", name=re.compile("Refund")).first.wait_for()
        await second.keyboard.press("j")
        await second.keyboard.press("Enter")
        panel = second.get_by_role("dialog")
        await expect(panel.get_by_text("Lots it moved")).to_be_visible()
        await looked_at(tom, "trace", within="[role=dialog]")

        await grants_above_the_limit(clara, tenant_id)
        await second.goto("/finance/waiting")
        given = second.get_by_role("row", name=re.compile("Five hundred more for it"))
        await expect(given.get_by_text("500", exact=True)).to_be_visible()
        await approves(second, "Second Look", "I have checked why they are given")
        await expect(given).to_be_hidden()
        await second.goto(f"/finance/tenants/{tenant_id}")
        sums = second.get_by_role("table").get_by_role("row", name=re.compile("Grant"))
        await expect(sums).to_have_count(2)
        left = ABOVE_THE_LIMIT - 55_000 + GRANT_CREDITS_MAX + 500
        await expect(balance.get_by_text(f"{left:,}")).to_be_visible()


async def grants_above_the_limit(window: Window, tenant_id: str) -> None:
    """The first alone: it is the limit. What comes after it in a day is above."""
    page = window.page
    await page.reload()
    for amount, reason in (
        (GRANT_CREDITS_MAX, "An outage of a day"),
        (500, "Five hundred more for it"),
    ):
        is_above = amount != GRANT_CREDITS_MAX
        if is_above:
            window.expect_refusal("POST", f"/v1/tenants/{tenant_id}/grants", 409)
        await button(page, re.compile("^Grant$")).click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("textbox", name="Credits").fill(str(amount))
        await dialog.get_by_role("textbox", name="Reference").fill(reason)
        await dialog.get_by_role("textbox", name="Reason").fill(reason)
        await dialog.get_by_label("These credits are given without payment").check()
        if is_above:
            await looked_at(window, "grant", within="[role=dialog]")
        await button(dialog, "Grant").click()
        if is_above:
            await expect(dialog.get_by_text("Waiting for a second person:")).to_be_visible()
            await button(dialog, "Understood").click()
        await expect(dialog).to_be_hidden()


async def asks_to_refund(window: Window) -> None:
    page = window.page
    await page.reload()
    await expect(page.get_by_role("heading", name="Second Look", level=1)).to_be_visible()
    await page.keyboard.press("f")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Of which payment").click()
    await page.get_by_role("option", name=re.compile("2026-4471")).click()
    await expect(dialog.get_by_text("60,000 credits")).to_be_visible()
    await dialog.get_by_role("textbox", name="Credits").fill("55000")
    await dialog.get_by_role("textbox", name="Money in EUR").fill("2475.00")
    await dialog.get_by_role("textbox", name="Reason").fill("The contract ended")
    await looked_at(window, "refund", within="[role=dialog]")
    await button(dialog, "Ask a second person").click()
    await expect(dialog.get_by_text("Waiting for a second person:")).to_be_visible()
    await button(dialog, "Understood").click()
