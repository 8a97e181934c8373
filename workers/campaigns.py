"""Series go on, and whoever plans more than the balance covers hears of it."""

import time
from datetime import datetime

from backend.api.live import publish
from backend.campaigns.service.forecast import tell_forecasts
from backend.campaigns.service.forgetting import forget_samples
from backend.campaigns.service.occurrences import advance_series
from backend.campaigns.service.watching import report_overdue
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.consumers import consumes, tenant_of
from workers.doorbell import redis
from workers.jobs import every


@every(2)
async def continue_series() -> bool:
    await advance_series()
    return False


@every(60)
async def look_ahead() -> bool:
    await tell_forecasts()
    return False


@every(300)
async def report_overdue_sessions() -> bool:
    await report_overdue()
    return False


@consumes(Topic.SUBSCRIBER_ERASED)
async def forget_in_campaigns(announcement: Announcement) -> None:
    erased_at = datetime.fromisoformat(announcement.payload["erased_at"])
    await forget_samples(tenant_of(announcement), erased_at)


@consumes(Topic.FORECAST_SHORT)
async def show_forecast(announcement: Announcement) -> None:
    """Open pages ask again; the mail is the notices'."""
    told = {"id": "forecast", "version": time.time_ns() // 1_000_000, **announcement.payload}
    await publish(redis(), tenant_of(announcement), "balance", told)
