"""Rings for what the outbox holds: at once for new rows, again for what nobody finished."""

from backend.db.old_requests import forget_old_requests
from backend.outbox.service import ANNOUNCE_ROWS_MAX, forget_done, take_unannounced
from workers.announcements import deliver_announcement
from workers.jobs import every

RELAY_SECONDS = 0.1


@every(RELAY_SECONDS)
async def relay_announcements() -> bool:
    ids = await take_unannounced()
    for announcement_id in ids:
        deliver_announcement.send(str(announcement_id))
    return len(ids) == ANNOUNCE_ROWS_MAX


@every(3600)
async def forget_announcements() -> bool:
    await forget_done()
    return False


@every(600)
async def forget_requests() -> bool:
    return bool(await forget_old_requests())
