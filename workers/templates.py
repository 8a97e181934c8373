"""A new tenant may send from the shared sender until it has its own."""

from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from backend.templates.service.senders import grant_shared_sender
from workers.consumers import consumes, tenant_of


@consumes(Topic.TENANT_CREATED)
async def give_shared_sender(announcement: Announcement) -> None:
    await grant_shared_sender(tenant_of(announcement))
