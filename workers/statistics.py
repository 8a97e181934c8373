"""The desk's hours are folded."""

from backend.statistics.service import fold_desk_hours
from workers.jobs import every


@every(30)
async def fold_hours() -> bool:
    return await fold_desk_hours()
