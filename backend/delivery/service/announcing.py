"""Which batches are due, in turns of tenants: what the clock rings the workers for."""

import math
from typing import NamedTuple
from uuid import UUID

from backend.db.scope import platform_scope
from backend.delivery.queries import turns
from backend.gateways.schemas import StandingGateway
from backend.gateways.service import standing_gateways
from backend.kernel.principal import system

TRANSACTIONAL_MESSAGES_MAX = 100
"""A batch this small takes the fast queue: nobody's ten wait behind somebody's million."""


OUTSTANDING_MAX = 32
RING_AGAIN_SECONDS = 15.0
LANES_MIN = 2
LANE_SEGMENTS_PER_SECOND = 100
"""What one lane reaches with a carrier that takes a second or two to answer a window."""


class BatchKey(NamedTuple):
    tenant_id: UUID
    session_id: UUID
    batch_no: int


class DueBatch(NamedTuple):
    key: BatchKey
    is_small: bool


def lanes_of(gateway: StandingGateway) -> int:
    """How many batches of one tenant it takes at a time. Two are enough for a slow one, and a
    tenant's hundred lanes at it would leave a hundredth of its rate to another's one.
    """
    rate = gateway.throughput_segments_per_second_max
    if rate is None:
        return OUTSTANDING_MAX
    return max(LANES_MIN, min(OUTSTANDING_MAX, math.ceil(rate / LANE_SEGMENTS_PER_SECOND)))


async def due_batches(rows_max: int) -> list[DueBatch]:
    async with platform_scope(system("announcer"), "due batches") as scope:
        gateways = await standing_gateways(scope)
        lanes = [(gateway.id, lanes_of(gateway)) for gateway in gateways if gateway.may_send]
        rows = await turns.due(scope, lanes, rows_max) if lanes else []
    return [
        DueBatch(
            BatchKey(row["tenant_id"], row["session_id"], row["batch_no"]),
            row["size"] <= TRANSACTIONAL_MESSAGES_MAX,
        )
        for row in rows
    ]


class Bells:
    """What this clock rang for and saw nobody take yet: a ring is repeated, but not each tick."""

    def __init__(self) -> None:
        self._rung: dict[BatchKey, float] = {}

    async def to_ring(self, clock_seconds: float) -> list[DueBatch]:
        """At most OUTSTANDING_MAX wait in the queues at a time, so that who comes later with little
        is not behind everything of who came first with much.
        """
        due = await due_batches(OUTSTANDING_MAX)
        waiting = {batch.key for batch in due}
        self._rung = {key: at for key, at in self._rung.items() if key in waiting}
        ring = [
            batch
            for batch in due
            if clock_seconds - self._rung.get(batch.key, 0.0) >= RING_AGAIN_SECONDS
        ]
        for batch in ring:
            self._rung[batch.key] = clock_seconds
        return ring
