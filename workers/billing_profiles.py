"""The register is asked about VAT ids: at once when given, and again by the clock."""

from backend.billing.service.profiles import check_due_vat_ids, check_vat_id
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.consumers import consumes, tenant_of
from workers.jobs import every


@consumes(Topic.VAT_ID_GIVEN)
async def ask_register(announcement: Announcement) -> None:
    await check_vat_id(tenant_of(announcement))


@every(300)
async def check_vat_ids() -> bool:
    return await check_due_vat_ids()
