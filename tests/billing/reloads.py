"""A tenant with a saved card and auto-reload, at the real simulator; a worker's turns by hand."""

import json
from typing import Any
from uuid import UUID

import stripe

from backend.billing.purchase_states import PurchaseState
from backend.billing.queries import auto_reload
from backend.billing.schemas.cards import AutoReloadInput, AutoReloadView
from backend.billing.service import auto_reload as settings, cards, inbox, reload_charges, reloading
from backend.billing.service.reloading import Fall
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, system
from backend.ledger.service import lots
from backend.ledger.service.balance import balance
from backend.ledger.service.holds import place_hold
from tests.billing.factories import make_profile
from tests.factories import make_tenant, member_of
from tests.paying import WEBHOOK_SECRET, Paying

URL = "https://desk.example"
TOPICS = ("credits.fell", "credits.added", "purchase.paid", "purchase.failed")


class Shop:
    """Whose `heard` are the announcements and events consumed so far."""

    def __init__(self, paying: Paying, tenant_id: UUID) -> None:
        self.paying = paying
        self.tenant_id = tenant_id
        self.owner = member_of(tenant_id, MemberRole.OWNER)
        self.heard: set[Any] = set()

    async def save_card(self, number: str = "4242424242424242") -> str:
        opened = await cards.open_card_setup(self.owner, URL)
        assert await self.paying.pay(opened.url, number)
        listed = await cards.refresh_cards(self.owner)
        return listed.items[0].id

    async def switch_on(self, card_id: str, /, **changed: Any) -> AutoReloadView:
        said = {
            "is_on": True,
            "threshold_credits": 1_000,
            "amount_credits": 1_000,
            "monthly_cap_minor": 1_000_000,
            "card_id": card_id,
        }
        return await settings.save_auto_reload(self.owner, AutoReloadInput(**{**said, **changed}))

    async def view(self) -> AutoReloadView:
        return await settings.read_auto_reload(self.owner)

    async def give(self, amount: int) -> None:
        async with tenant_scope(system("test", self.tenant_id)) as scope:
            await lots.top_up(scope, amount, f"given:{uuid7()}", reason="test")

    async def spend(self, amount: int) -> None:
        async with tenant_scope(system("test", self.tenant_id)) as scope:
            await place_hold(scope, f"spent:{uuid7()}", None, amount)

    async def available(self) -> int:
        async with tenant_scope(system("test", self.tenant_id)) as scope:
            return (await balance(scope)).available

    async def hear(self, *, times: int = 1, charges: bool = True) -> None:
        """What the workers do with the news, until there is no more."""
        while news := await self._news():
            for row in news:
                self.heard.add(row["id"])
                for _ in range(times):
                    opened = await self._consume(row)
                    if opened is not None and charges:
                        for _ in range(times):
                            await reload_charges.charge_reload(self.tenant_id, opened, URL)

    async def _news(self) -> list[Any]:
        async with platform_scope(system("test"), "test") as scope:
            rows = await scope.rows(
                "SELECT id, topic, payload FROM outbox WHERE tenant_id = $1 AND topic = ANY($2)"
                " ORDER BY id",
                self.tenant_id,
                list(TOPICS),
            )
        return [row for row in rows if row["id"] not in self.heard]

    async def _consume(self, row: Any) -> UUID | None:
        told = row["payload"]
        if row["topic"] == "credits.fell":
            fall = Fall(row["id"], told["before"], told["after"])
            return await reloading.check_reload(self.tenant_id, fall)
        if row["topic"] == "credits.added":
            return await reloading.check_reload(self.tenant_id)
        code = None if row["topic"] == "purchase.paid" else told["failure_code"]
        return await reloading.end_reload(self.tenant_id, UUID(told["purchase_id"]), code)

    async def sweep(self) -> None:
        for tenant_id, purchase_id in await reloading.uncharged_reloads():
            await reload_charges.charge_reload(tenant_id, purchase_id, URL)
        for tenant_id in await reloading.due_reloads():
            opened = await reloading.check_reload(tenant_id)
            if opened is not None:
                await reload_charges.charge_reload(tenant_id, opened, URL)
        await self.hear()

    async def hear_provider(self) -> None:
        """The provider's events, posted and worked off."""
        for event in self.paying.events():
            body = json.dumps(event)
            signature = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
            await inbox.receive_event(body.encode(), signature)
        while await inbox.work_off_next():
            pass
        await self.hear()

    async def states(self) -> list[PurchaseState]:
        """Of everything auto-reload ever opened, the oldest first."""
        async with tenant_scope(system("test", self.tenant_id)) as scope:
            rows = await scope.rows(
                "SELECT p.state FROM auto_reloads r JOIN purchases p ON p.tenant_id = r.tenant_id"
                " AND p.id = r.purchase_id WHERE r.tenant_id = $1"
                " ORDER BY r.crossing_no, r.attempt",
                self.tenant_id,
            )
        return [PurchaseState(row["state"]) for row in rows]

    async def last_purchase(self) -> UUID:
        async with tenant_scope(system("test", self.tenant_id)) as scope:
            last = await auto_reload.last(scope)
        assert last is not None
        return last.purchase_id

    async def troubles(self) -> list[str]:
        async with platform_scope(system("test"), "test") as scope:
            rows = await scope.rows(
                "SELECT payload->>'reason' AS reason FROM outbox WHERE tenant_id = $1"
                " AND topic = 'auto_reload.trouble' ORDER BY id",
                self.tenant_id,
            )
        return [row["reason"] for row in rows]

    def charges(self) -> list[dict[str, Any]]:
        """That went through, at the provider."""
        return [one for one in self.paying.provider.book.each("charge") if one["paid"]]


async def make_shop(paying: Paying, credits_given: int = 1_500) -> Shop:
    tenant_id = await make_tenant()
    await make_profile(tenant_id)
    shop = Shop(paying, tenant_id)
    await shop.give(credits_given)
    await shop.hear()
    return shop
