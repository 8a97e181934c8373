"""What this process saw of its gateways becomes rows, every few seconds."""

from datetime import timedelta

from backend.db.scope import platform_scope
from backend.delivery.queries import receipts as queries
from backend.delivery.service.carriers import Carriers
from backend.gateways.meter import Meter
from backend.gateways.port import clock_seconds
from backend.gateways.watching import fold_health
from backend.kernel.principal import system


async def tell_health(carriers: Carriers) -> None:
    """Twice or not at all: a share of some seconds is counted twice or late, no more."""
    meter = carriers.meter
    await _judge_overdue(meter)
    tallies = meter.take()
    if not tallies:
        return
    try:
        await fold_health(tallies)
    except BaseException:
        meter.put_back(tallies)
        raise


async def _judge_overdue(meter: Meter) -> None:
    overdue = meter.overdue(clock_seconds())
    if not overdue:
        return
    async with platform_scope(system("gateways"), "overdue receipts") as scope:
        keys = [(one.gateway_id, one.carrier_id) for one in overdue]
        since = scope.now.date() - timedelta(days=1)
        came = await queries.first_received(scope, keys, since)
        now = scope.now
    for one in overdue:
        at = came.get((one.gateway_id, one.carrier_id))
        since_then = 0.0 if at is None else (now - at).total_seconds()
        meter.judged(one.gateway_id, one.age_seconds - since_then)
