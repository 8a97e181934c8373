"""A tenant buys credits by card: one refused, one that asks its bank; a saved card reloads by
itself when credits fall. The papers say what the ledger says.
"""

import re
from pathlib import Path
from urllib.parse import urlparse
from uuid import UUID

import pypdf
import pytest
from playwright.async_api import Locator, Page, expect

from backend.commands.api_client import until
from backend.commands.connection import opened
from backend.db.scope import tenant_scope
from backend.kernel.principal import system as system_principal
from backend.ledger.service.holds import place_hold
from tests.browser.looking import AXE, SCHEMES, problems_at
from tests.browser.stage import DESKTOP, PHONE, WAIT_MS_MAX, Stage, Window
from tests.browser.test_shortfall import logged_in
from tests.journeys.system import Cast, System, cast_of

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]
expect.set_options(timeout=WAIT_MS_MAX)

REFUSED = "4000 0000 0000 0002"
ASKS_ITS_BANK = "4000 0027 6000 3184"
PAYS = "4242 4242 4242 4242"
BOUGHT = 5_000
THRESHOLD = 2_000
RELOADED = 4_000
PAGES = ("", "/buy", "/auto-reload", "/documents", "/profile")


def button(within: Page | Locator, name: str | re.Pattern[str]) -> Locator:
    return within.get_by_role("button", name=name)


async def says_who_buys(page: Page) -> None:
    await page.get_by_role("link", name="Add billing details").click()
    await page.get_by_label("Company").fill("Buyer AS")
    await page.get_by_label("Address", exact=True).fill("Storgata 1\n2nd floor")
    await page.get_by_label("Postal code").fill("0155")
    await page.get_by_label("Town").fill("Oslo")
    await page.get_by_role("combobox", name="Country").click()
    await page.get_by_role("option", name="Norway", exact=True).click()
    await page.get_by_label("E-mail for documents").fill("accounts@buyer.example")
    await button(page, "Save billing details").click()
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()


async def chooses_credits(page: Page, amount: int) -> None:
    """Typed, so the price is asked for as one types."""
    await page.get_by_role("link", name="Buy credits").first.click()
    field = page.get_by_role("textbox", name="Credits")
    await field.fill(str(amount))
    await expect(button(page, re.compile(r"^Pay €"))).to_be_enabled()


async def pays_with(window: Window, number: str) -> None:
    """On the provider's page."""
    page = window.page
    await page.get_by_label("Card number").fill(number)
    await page.get_by_label("Expiry").fill("12 / 34")
    await page.get_by_label("Security code").fill("123")
    await page.locator("button[type=submit]").click()


async def buys_by_card(window: Window) -> None:
    page = window.page
    await chooses_credits(page, BOUGHT)
    await button(page, re.compile(r"^Pay €")).click()
    await expect(page.get_by_role("heading", name="To pay")).to_be_visible()
    window.expect_refusal("POST", urlparse(page.url).path, 402)
    await pays_with(window, REFUSED)
    await expect(page.get_by_role("alert")).to_contain_text("declined")
    await pays_with(window, ASKS_ITS_BANK)
    await expect(page.get_by_role("heading", name="Your bank asks")).to_be_visible()
    await button(page, "Approve").click()
    await expect(page.get_by_text("5,000 credits are here")).to_be_visible()


async def leaves_without_paying(page: Page) -> None:
    await chooses_credits(page, 700)
    await button(page, re.compile(r"^Pay €")).click()
    await page.get_by_role("link", name="Back without paying").click()
    await expect(page.get_by_text("Nothing was paid", exact=True)).to_be_visible()
    await expect(page.get_by_role("link", name="Continue to payment")).to_be_visible()


async def saves_a_card(window: Window) -> None:
    page = window.page
    await page.get_by_role("link", name="Auto-reload and cards").click()
    await button(page, "Save a card").click()
    await expect(page.get_by_role("heading", name="Save a card")).to_be_visible()
    await pays_with(window, PAYS)
    await expect(page.get_by_text("Your card is saved")).to_be_visible()
    await expect(page.get_by_text("Visa •••• 4242").first).to_be_visible()


async def turns_auto_reload_on(page: Page) -> None:
    await page.get_by_role("textbox", name="When fewer are available than").fill(str(THRESHOLD))
    await page.get_by_role("textbox", name="Buy", exact=True).fill(str(RELOADED))
    await expect(page.get_by_text(re.compile(r"€[\d.,]+ each time"))).to_be_visible()
    await button(page, "Save auto-reload").click()
    await expect(page.get_by_text("It works.")).to_be_visible()


async def credits_fall(cast: Cast, product: System) -> None:
    """As a send would hold them."""
    tenant_id = UUID(cast.tenant_id)
    async with opened(product.complete), tenant_scope(system_principal("test", tenant_id)) as scope:
        await place_hold(scope, "hold:a send", None, BOUGHT - THRESHOLD // 2)


async def is_reloaded_once(cast: Cast, page: Page) -> None:
    async def reloaded() -> bool | None:
        found = await cast.tenant.every("/v1/purchases")
        return any((p["source"], p["state"]) == ("auto_reload", "paid") for p in found) or None

    await until("auto-reload to buy", reloaded, deadline=cast.deadline)
    await page.get_by_role("link", name="Documents").click()
    rows = page.get_by_role("table", name="Purchases").get_by_role("row")
    await expect(rows.filter(has_text="Auto-reload")).to_have_count(1)
    bought = await cast.tenant.every("/v1/purchases")
    assert [p["credits"] for p in bought if p["source"] == "auto_reload"] == [RELOADED]


async def papers_match_the_ledger(cast: Cast, page: Page) -> None:
    """The file that a person opens, the row of the list, the purchase and the ledger's line."""

    async def two_papers() -> bool | None:
        return len(await cast.tenant.every("/v1/documents")) == 2 or None

    await until("both documents to be issued", two_papers, deadline=cast.deadline)
    await page.reload()
    papers = await cast.tenant.every("/v1/documents")
    bought = {f"purchase:{p['id']}": p for p in await cast.tenant.every("/v1/purchases")}
    lines = {x["reference"]: x for x in await cast.tenant.every("/v1/ledger")}
    for paper in papers:
        purchase, line = bought[paper["source"]], lines[paper["source"]]
        assert paper["credits"] == purchase["credits"] == line["credits_in"]
        assert paper["gross_minor"] == purchase["gross_minor"]
        async with page.expect_download() as started:
            await page.get_by_role("link", name=f"Download {paper['number']} as PDF").first.click()
        file = await (await started.value).path()
        text = "".join(one.extract_text() for one in pypdf.PdfReader(file).pages)
        for said in (
            paper["number"],
            f"{line['credits_in']:,}",
            f"{paper['gross_minor'] / 100:,.2f}",
            "Buyer AS",
        ):
            assert said in text, (said, text)


async def looks_right(page: Page, shots: Path) -> None:
    found = []
    for path in PAGES:
        await page.goto(f"/credits{path}")
        await page.get_by_role("heading", level=2).first.wait_for()
        await page.wait_for_load_state("networkidle")
        await page.evaluate(AXE.read_text())
        for size in (DESKTOP, PHONE):
            for scheme in SCHEMES:
                problems = await problems_at(page, size, scheme)
                found += [f"{path}: {problem}" for problem in problems]
                name = f"credits{path.replace('/', '-')}-{size[0]}-{scheme}.png"
                await page.screenshot(path=shots / name, animations="disabled", full_page=True)
        await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    assert not found, "\n".join(found)


async def test_a_tenant_buys_is_refused_and_reloads(stage: Stage, system: System, tmp_path: Path):
    async with cast_of(system, "Buyer", verified=False) as cast:
        owner = await logged_in(stage, "buyer@journey.example")
        owner.expect_refusal("GET", "/v1/billing-profile", 404)
        owner.expect_refusal("GET", "/v1/auto-reload", 404)
        page = owner.page
        await page.goto("/credits/buy")
        await says_who_buys(page)
        await buys_by_card(owner)
        await saves_a_card(owner)
        await turns_auto_reload_on(page)
        await credits_fall(cast, system)
        await is_reloaded_once(cast, page)
        await papers_match_the_ledger(cast, page)
        await leaves_without_paying(page)
        await looks_right(page, tmp_path)
