"""A new tenant gets its trial credits."""

from backend.billing.service.grants import grant_trial_credits
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.consumers import consumes, tenant_of


@consumes(Topic.TENANT_CREATED)
async def credit_trial(announcement: Announcement) -> None:
    await grant_trial_credits(tenant_of(announcement))
