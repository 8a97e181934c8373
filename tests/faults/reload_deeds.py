"""What saved cards and auto-reload do, item by item, at the simulator of the test's process."""

from contextlib import suppress
from uuid import UUID

from backend.billing.payment_client import Payments
from backend.billing.payment_setup import PaymentSetup
from backend.billing.payments import use_payments
from backend.billing.service import cards, reload_charges, reloading
from backend.billing.service.reloading import Fall
from backend.db.scope import platform_scope
from backend.kernel.errors import NotFound
from backend.kernel.principal import system
from tests.factories import member_of
from tests.paying import API_KEY, WEBHOOK_SECRET

URL = "https://desk.example"


def _provider(item: dict[str, str]) -> None:
    use_payments(Payments(PaymentSetup(API_KEY, WEBHOOK_SECRET, item["provider"])))


async def reload_credits(_plan: object, item: dict[str, str]) -> None:
    """The fall is told, the doorbell rung, the sweep made, the end told: all of it again."""
    tenant_id = UUID(item["tenant_id"])
    _provider(item)
    fall = Fall(UUID(item["announcement_id"]), int(item["before"]), int(item["after"]))
    opened = await reloading.check_reload(tenant_id, fall)
    due = [opened] if opened else []
    due += [
        purchase for tenant, purchase in await reloading.uncharged_reloads() if tenant == tenant_id
    ]
    for purchase_id in due:
        await reload_charges.charge_reload(tenant_id, purchase_id, URL)
    for purchase_id, code in await _ended(tenant_id):
        await reloading.end_reload(tenant_id, purchase_id, code)


async def _ended(tenant_id: UUID) -> list[tuple[UUID, str | None]]:
    async with platform_scope(system("deed"), "deed") as scope:
        rows = await scope.rows(
            "SELECT topic, payload FROM outbox WHERE tenant_id = $1"
            " AND topic IN ('purchase.paid', 'purchase.failed') ORDER BY id",
            tenant_id,
        )
    return [
        (UUID(row["payload"]["purchase_id"]), row["payload"].get("failure_code")) for row in rows
    ]


async def read_cards(_plan: object, item: dict[str, str]) -> None:
    _provider(item)
    await cards.sync_cards(UUID(item["tenant_id"]))


async def forget_the_card(_plan: object, item: dict[str, str]) -> None:
    _provider(item)
    with suppress(NotFound):
        await cards.forget_card(member_of(UUID(item["tenant_id"])), item["card_id"])


RELOAD_DEEDS = (reload_credits, read_cards, forget_the_card)
