"""A fall of the balance below a threshold buys credits; the sweep heals what was not heard of."""

from uuid import UUID

import dramatiq

from backend.billing.service import reload_charges, reloading
from backend.billing.service.reloading import Fall
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.broker import broker, settings
from workers.consumers import consumes, id_of, tenant_of
from workers.jobs import every
from workers.queues import Queue


# Beside the other calls out: a provider that hangs holds up nothing of ours.
@dramatiq.actor(broker=broker, queue_name=Queue.WEBHOOKS)
async def charge_reload(tenant_id: str, purchase_id: str) -> None:
    await reload_charges.charge_reload(UUID(tenant_id), UUID(purchase_id), settings.url)


def _ring(tenant_id: UUID, opened: UUID | None) -> None:
    if opened is not None:
        charge_reload.send(str(tenant_id), str(opened))


@consumes(Topic.CREDITS_FELL)
async def reload_credits(announcement: Announcement) -> None:
    tenant_id, told = tenant_of(announcement), announcement.payload
    fall = Fall(announcement.id, told["before"], told["after"])
    _ring(tenant_id, await reloading.check_reload(tenant_id, fall))


@consumes(Topic.CREDITS_ADDED)
async def rearm_reload(announcement: Announcement) -> None:
    tenant_id = tenant_of(announcement)
    _ring(tenant_id, await reloading.check_reload(tenant_id))


@consumes(Topic.PURCHASE_PAID)
async def end_paid_reload(announcement: Announcement) -> None:
    tenant_id, purchase_id = tenant_of(announcement), id_of(announcement, "purchase_id")
    _ring(tenant_id, await reloading.end_reload(tenant_id, purchase_id, None))


@consumes(Topic.PURCHASE_FAILED)
async def end_failed_reload(announcement: Announcement) -> None:
    tenant_id, purchase_id = tenant_of(announcement), id_of(announcement, "purchase_id")
    code = announcement.payload["failure_code"] or "declined"
    await reloading.end_reload(tenant_id, purchase_id, code)


@every(15)
async def ring_for_reloads() -> bool:
    for tenant_id, purchase_id in await reloading.uncharged_reloads():
        _ring(tenant_id, purchase_id)
    opened, has_more = await reloading.check_due()
    for tenant_id, purchase_id in opened:
        _ring(tenant_id, purchase_id)
    return has_more
