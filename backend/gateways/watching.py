"""Health as rows: what processes saw is folded, and any clock judges by the same sums."""

from uuid import UUID

import structlog

from backend.db.scope import platform_scope
from backend.gateways import queries
from backend.gateways.health import Standing, Sums, judge
from backend.gateways.schemas import Tally
from backend.gateways.states import Health
from backend.kernel import faults
from backend.kernel.principal import system

_log = structlog.get_logger("clearsend.gateways")


async def fold_health(tallies: dict[UUID, Tally]) -> None:
    async with platform_scope(system("gateways"), "fold health") as scope:
        await queries.fold(scope, tallies)


async def judge_gateways() -> int:
    """Use case of the clock; any number of clocks. Returns how many changed."""
    changed = 0
    async with platform_scope(system("gateways"), "judge gateways") as scope:
        for row in await queries.health_sums(scope):
            standing = Standing(
                Health(row["health"]), row["health_changed_at"], row["out_until"], row["outs"]
            )
            verdict = judge(standing, Sums(*(row[name] for name in Sums._fields)), scope.now)
            if verdict is None:
                continue
            is_ours = await queries.set_health(
                scope, row["id"], row["health"], row["health_changed_at"], verdict
            )
            if is_ours:
                changed += 1
                _log.warning(
                    "gateway health",
                    gateway=row["name"],
                    was=row["health"],
                    health=verdict.health.value,
                    cause=verdict.cause,
                )
        faults.point("health.before_commit")
    return changed


async def forget_old_health() -> int:
    async with platform_scope(system("gateways"), "old health") as scope:
        return await queries.drop_old_health(scope)
