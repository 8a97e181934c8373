"""Codes to tenants' numbers."""

from backend.delivery.service.verifying import send_code
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.broker import settings
from workers.consumers import consumes, id_of, tenant_of


@consumes(Topic.VERIFICATION_REQUESTED)
async def send_verification_code(announcement: Announcement) -> None:
    verification_id = id_of(announcement, "verification_id")
    await send_code(tenant_of(announcement), verification_id, settings.platform_sender)
