"""Gateways are judged and what waits at a lost one is given to others."""

from backend.delivery.service.failover import Rescuer
from backend.gateways import watching
from workers.jobs import every

_rescuer = Rescuer()


@every(5)
async def judge_gateways() -> bool:
    await watching.judge_gateways()
    return False


@every(2)
async def rescue_stranded_batches() -> bool:
    await _rescuer.rescue()
    return False


@every(3600)
async def forget_old_health() -> bool:
    await watching.forget_old_health()
    return False
