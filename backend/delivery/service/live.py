"""Progress as live updates: absolute snapshots, about once a second, of what changed."""

from typing import Any
from uuid import UUID

import msgspec
from redis.asyncio import Redis

from backend.api.live import publish
from backend.campaigns.service.moves import read_session
from backend.campaigns.service.progress import session_progress
from backend.campaigns.service.watching import ActiveProgress, active_progress
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.principal import system

Key = tuple[UUID, UUID]


class ProgressNews:
    """What was published last, per session; kept by one clock, so two of them publish twice."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._told: dict[Key, ActiveProgress] = {}

    async def publish(self) -> int:
        async with platform_scope(system("progress"), "progress of sessions") as scope:
            active = {(one.tenant_id, one.id): one for one in await active_progress(scope)}
            version = int(scope.now.timestamp() * 1_000)
        for key in self._told.keys() - active.keys():
            active[key] = await _ended(key)
        changed = [one for key, one in active.items() if self._told.get(key) != one]
        for one in changed:
            await publish(self._redis, one.tenant_id, f"session:{one.id}", snapshot(one, version))
        alive = {"sending", "paused", "settling"}
        self._told = {key: one for key, one in active.items() if one.state in alive}
        return len(changed)


async def _ended(key: Key) -> ActiveProgress:
    tenant_id, session_id = key
    async with tenant_scope(system("progress", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        return ActiveProgress(
            tenant_id=tenant_id,
            id=session_id,
            state=session.state,
            state_version=session.state_version,
            pause_owner=session.pause_owner,
            progress=await session_progress(scope, session_id),
        )


def snapshot(one: ActiveProgress, version: int) -> dict[str, Any]:
    progress = one.progress
    return {
        "id": str(one.id),
        "version": version,
        "state": one.state.value,
        "pause_owner": one.pause_owner,
        "progress": {
            **msgspec.to_builtins(progress),
            "final": progress.final,
            "queued": progress.queued,
            "percent": progress.percent,
        },
    }
