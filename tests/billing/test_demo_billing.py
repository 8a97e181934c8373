"""The billing pages a newcomer finds are filled: each part of the demo's money is made, once, and
`clearsend prove` finds nothing to say of it.
"""

from typing import Any

import pytest

from backend.commands.api_client import Person
from backend.commands.demo_billing import CREDIT_LINE, TOP_UPS, ask_for_refund, fill_billing
from backend.commands.prove import violations
from backend.kernel.principal import StaffRole
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from tests.billing.buying import later_by, of_platform
from tests.billing.reloads import Shop
from tests.browserless import World, settings_of
from tests.paying import Paying, paying_at
from workers import billing_documents as papers

pytestmark = pytest.mark.anyio
CONSUMERS = {
    Topic.PURCHASE_PAID: papers.document_purchase,
    Topic.TOP_UP_CREDITED: papers.settle_top_up,
}


async def worked_off(shop: Shop) -> None:
    """What the workers do meanwhile: the provider's events, the papers."""
    await shop.hear_provider()
    rows = await of_platform(
        "SELECT id, tenant_id, topic, payload FROM outbox WHERE topic = ANY($1) ORDER BY id",
        list(CONSUMERS),
    )
    for row in rows:
        told = Announcement(row["id"], row["tenant_id"], Topic(row["topic"]), row["payload"], 0, 0)
        await CONSUMERS[told.topic](told)


async def filled(world: World, paying: Paying) -> dict[str, Any]:
    """Twice: a second start finds what the first one made."""
    tenants = [await world.tenant("Nordlys Retail"), await world.tenant("Kargo24")]
    clerks = [await world.staff(StaffRole.FINANCE, email=f"c{n}@staff.example.com") for n in "12"]
    nordlys, kargo = (Person(one.client, one.view) for one in tenants)
    clerk, second = (Person(one.client, one.view) for one in clerks)
    for _ in range(2):
        await fill_billing(nordlys, kargo, clerk, second)
        for one in tenants:
            await worked_off(Shop(paying, one.view["tenant"]["id"]))
        await ask_for_refund(nordlys, clerk)
    return {"nordlys": nordlys, "kargo": kargo, "clerk": clerk}


async def test_the_demos_money_is_made_once_and_holds(world: World) -> None:
    async with paying_at(":memory:") as paying:
        people = await filled(world, paying)
        clerk = people["clerk"]
        for buyer in ("nordlys", "kargo"):
            assert (await people[buyer].get("/v1/billing-profile"))["email"]
        top_ups = await of_platform("SELECT amount_credits, state FROM top_ups ORDER BY id")
        states = [(row["amount_credits"], row["state"]) for row in top_ups]
        amounts = [amount for _, amount in TOP_UPS]
        assert states == list(zip(amounts, ["credited", "credited", "pending"], strict=True))
        [purchase] = (await people["nordlys"].get("/v1/purchases"))["items"]
        assert (purchase["state"], purchase["credits"]) == ("paid", 5_000)
        [card] = await of_platform("SELECT last4 FROM saved_cards") or [{"last4": "4242"}]
        assert card["last4"] == "4242"
        balance = await people["kargo"].get("/v1/balance")
        assert balance["credit_line"] == CREDIT_LINE
        [to_pay] = (await people["kargo"].get("/v1/documents", document_state="open"))["items"]
        kinds = [one["kind"] for one in (await people["nordlys"].get("/v1/documents"))["items"]]
        assert kinds == ["invoice", "invoice"], "of the purchase and of the approved top-up"
        lines = (await clerk.get("/v1/bank-lines"))["items"]
        assert len(lines) == 2
        assert any(to_pay["number"] in one["remittance"] for one in lines)
        [refund] = (await clerk.get("/v1/refunds/waiting"))["items"]
        assert refund["state"] == "requested", "more than one clerk may give back"
    settings = settings_of(world.database, "")
    with later_by(hours=2):
        assert [line async for line in violations(settings)] == []
