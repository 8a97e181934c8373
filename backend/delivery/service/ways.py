"""Ways out for messages: how much one batch takes of a gateway, and countries nobody serves."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from backend.db.scope import platform_scope
from backend.gateways.choice import unserved
from backend.gateways.schemas import StandingGateway
from backend.gateways.service import standing_gateways
from backend.kernel.principal import system

BATCH_SECONDS_MAX: Final = 60
"""Of its gateway's rate: what one holder keeps from the others."""
BATCH_MESSAGES_MAX: Final = 1_000
REMEMBERED_MAX: Final = 1_000


class Unserved(Exception):
    """No working gateway takes messages to these countries."""

    def __init__(self, countries: Sequence[str]) -> None:
        super().__init__(", ".join(countries))
        self.countries = tuple(countries)


async def open_ways(sender: str | None = None) -> list[StandingGateway]:
    async with platform_scope(system("delivery"), "gateways") as scope:
        return await standing_gateways(scope, sender=sender)


def end_of_batch(segments: Sequence[int], start: int, gateway: StandingGateway) -> int:
    """Where a batch of this gateway ends that begins at `start`; at least one message."""
    rate = gateway.segments_per_second_max
    left = float("inf") if rate is None else rate * BATCH_SECONDS_MAX
    end = start
    while end < len(segments) and end - start < BATCH_MESSAGES_MAX:
        left -= segments[end]
        if left < 0 and end > start:
            break
        end += 1
    return end


_unserved: dict[UUID, tuple[str, ...]] = {}


def remember_unserved(session_id: UUID, countries: tuple[str, ...]) -> None:
    """So that the next look costs no preparation. Forgetting costs one, and nothing else."""
    while len(_unserved) >= REMEMBERED_MAX:
        del _unserved[next(iter(_unserved))]
    _unserved[session_id] = countries


def is_served(session_id: UUID, gateways: Sequence[StandingGateway]) -> bool:
    """Whether preparing may find a way for everybody, as far as is known."""
    if not any(gateway.is_choosable for gateway in gateways):
        return False
    if unserved(gateways, _unserved.get(session_id, ())):
        return False
    _unserved.pop(session_id, None)
    return True
