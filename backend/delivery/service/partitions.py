"""Partitions a week ahead, and the end of what is only needed while receipts come."""

from datetime import timedelta

from backend.db.scope import platform_scope
from backend.delivery.queries import preparing as queries
from backend.kernel.principal import system

DAYS_AHEAD = 7
KEPT_DAYS = 15
DROPPED_DAYS = 30
"""So far back the clock looks for days it has not dropped."""


async def keep_partitions() -> int:
    """Use case of the clock; any number of clocks. Returns the days made or dropped."""
    changed = await make_ahead()
    async with platform_scope(system("partitions"), "the time") as scope:
        today = scope.now.date()
    for back in range(KEPT_DAYS, KEPT_DAYS + DROPPED_DAYS):
        async with platform_scope(system("partitions"), "partitions") as scope:
            changed += await queries.drop_partitions(scope, today - timedelta(days=back))
    return changed


async def make_ahead() -> int:
    """Days to write to. Returns those made."""
    made = 0
    async with platform_scope(system("partitions"), "partitions") as scope:
        for ahead in range(DAYS_AHEAD + 1):
            day = scope.now.date() + timedelta(days=ahead)
            made += await queries.make_partitions(scope, day)
    return made
