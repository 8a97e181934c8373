"""Pictures of what a tenant sees of its money: how long credits last, buying, papers, reloading."""

import random
from datetime import timedelta
from uuid import UUID

from backend.commands.api_client import until
from backend.commands.connection import opened
from backend.db.scope import tenant_scope
from backend.kernel import clock
from backend.kernel.principal import system
from backend.ledger.service.holds import capture, place_hold, release_rest
from backend.ledger.service.lots import top_up
from tests.browser.camera import picture
from tests.browser.stage import Stage, Window
from tests.browser.test_buying import ASKS_ITS_BANK, PAYS, button, pays_with
from tests.browser.test_shortfall import logged_in
from tests.journeys.system import Cast, cast_of

NAME = "Fjord and Fell"
CAMPAIGNS = ("Weekend weather", "New boots are here", "Sale ends tonight", "Booking reminders")
DAYS = 26
FIRST_CREDITS = 25_000
PROFILE = {
    "version": 0,
    "company_name": "Fjord & Fell Outdoor Ltd",
    "address_lines": ["14 Merrion Row"],
    "postal_code": "D02 KP83",
    "city": "Dublin",
    "country": "IE",
    "vat_id": None,
    "email": "accounts@fjord-and-fell.example",
    "currency": "EUR",
    "purchase_reference": "PO 4711",
}


async def spend_for_weeks(cast: Cast, sessions: list[UUID]) -> None:
    """As campaigns would have: some days two, on Sundays none, and one that still runs."""
    chance = random.Random(11)
    tenant_id = UUID(cast.tenant_id)
    for ago in range(DAYS, 0, -1):
        clock.set_offset(timedelta(days=-ago))
        async with tenant_scope(system("pictures", tenant_id)) as scope:
            if ago == DAYS:
                reason = "Bank transfer 2026-1182"
                await top_up(scope, FIRST_CREDITS, "first", reason=reason)
            if scope.now.isoweekday() == 7:
                continue
            for session_id in chance.sample(sessions, chance.choice((1, 1, 2))):
                asked = chance.randint(300, 1_100)
                held = await place_hold(scope, f"{ago} {session_id}", session_id, asked)
                await capture(scope, held.id, asked - 9, f"{ago} {session_id} sent")
                await release_rest(scope, held.id, f"{ago} {session_id} rest")
    clock.set_offset(timedelta())
    async with tenant_scope(system("pictures", tenant_id)) as scope:
        held = await place_hold(scope, "now", sessions[1], 2_400)
        await capture(scope, held.id, 860, "now sent")


async def buy(window: Window, cast: Cast, amount: int, card: str) -> str:
    """Where the page says so."""
    page = window.page
    made = await cast.tenant.post("/v1/purchases", {"credits": amount})
    await page.goto(made["checkout_url"])
    await pays_with(window, card)
    if card == ASKS_ITS_BANK:
        await button(page, "Approve").click()
    await page.get_by_text(f"{amount:,} credits are here").wait_for()
    return f"/credits?purchase={made['id']}"


async def reload_when_low(cast: Cast, window: Window) -> None:
    page = window.page
    made = await cast.tenant.post("/v1/cards/setup")
    await page.goto(made["url"])
    await pays_with(window, PAYS)
    await page.get_by_text("Visa •••• 4242").first.wait_for()
    cards = await cast.tenant.get("/v1/cards")
    given = {
        "is_on": True,
        "threshold_credits": 8_000,
        "amount_credits": 20_000,
        "monthly_cap_minor": 400_000,
        "card_id": cards["items"][0]["id"],
    }
    await cast.tenant.call("PUT", "/v1/auto-reload", given)

    async def reloaded() -> bool | None:
        return len(await cast.tenant.every("/v1/documents")) == 2 or None

    await until("auto-reload to buy", reloaded, deadline=cast.deadline)


async def take_buying(stage: Stage) -> None:
    async with cast_of(stage.system, NAME, verified=False) as cast:
        await cast.import_people(20)
        sessions = [UUID((await cast.draft(name))["id"]) for name in CAMPAIGNS]
        async with opened(stage.system.complete):
            await spend_for_weeks(cast, sessions)
        await cast.tenant.call("PUT", "/v1/billing-profile", PROFILE)
        owner = await logged_in(stage, "fjord-and-fell@journey.example")
        owner.expect_refusal("GET", "/v1/auto-reload", 404)
        address = await buy(owner, cast, 5_000, ASKS_ITS_BANK)
        await reload_when_low(cast, owner)
        await cast.tenant.post("/v1/purchases", {"credits": 1_000})
        await picture(owner, "buy", "/credits/buy", "text=Packages")
        await picture(owner, "auto-reload", "/credits/auto-reload", "text=Saved cards")
        await picture(owner, "documents", "/credits/documents", "text=INV-")
        await picture(owner, "credits", "/credits", "text=Where they went")
        await picture(owner, "bought", address, "text=credits are here")
