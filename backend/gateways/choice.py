"""Which gateway: by country and weight, the same wherever and whenever it is asked.

A hash gives every gateway a number between 0 and 1 for a seed; its negative logarithm is how long
one would wait for a gateway whose turns come at random at the rate of its weight. The gateway with
the shortest wait is chosen, so each has exactly its share of the seeds, and one that goes away
moves its own share only. Where one seed chooses many times, each choice puts the chosen gateway
back by what it got over its weight.
"""

import math
from collections.abc import Hashable, Sequence
from hashlib import blake2b
from uuid import UUID

from backend.gateways.schemas import StandingGateway
from backend.gateways.states import Health

PROBATION_SHARE = 0.1
"""Of its weight, for a gateway that has to prove itself."""
_HASHES = float(2**64)

Serving = tuple[StandingGateway, ...]


def serving(gateways: Sequence[StandingGateway], country: str) -> Serving:
    """Those that may be chosen for the country, empty where none; slow ones where no other is."""
    able = tuple(g for g in gateways if g.is_choosable and g.serves(country))
    return tuple(g for g in able if g.health is not Health.SLOW) or able


def unserved(gateways: Sequence[StandingGateway], countries: Sequence[str]) -> list[str]:
    return [country for country in countries if not serving(gateways, country)]


def share_of(gateway: StandingGateway) -> float:
    return gateway.weight * (PROBATION_SHARE if gateway.health is Health.PROBATION else 1.0)


def pick(among: Serving, seed: Hashable, avoid: UUID | None = None) -> StandingGateway:
    """One of at least one. `avoid`: not this one where there is another."""
    others = tuple(g for g in among if g.id != avoid) or among
    return min(others, key=lambda gateway: (_wait(gateway, seed), gateway.id))


def _wait(gateway: StandingGateway, seed: Hashable) -> float:
    hashed = blake2b(f"{seed}|{gateway.id}".encode(), digest_size=8).digest()
    return -math.log((int.from_bytes(hashed) + 1) / _HASHES) / share_of(gateway)


class Shares:
    """Many choices of one seed: shares are met in segments, whatever a batch of a gateway holds."""

    def __init__(self, seed: Hashable, segments_per_choice: int) -> None:
        self._seed = seed
        self._scale = segments_per_choice
        self._turns: dict[tuple[UUID, ...], dict[UUID, float]] = {}

    def choose(self, among: Serving) -> StandingGateway:
        turns = self._turns_of(among)
        return min(among, key=lambda gateway: (turns[gateway.id], gateway.id))

    def count(self, among: Serving, chosen: StandingGateway, segments: int) -> None:
        self._turns_of(among)[chosen.id] += segments / share_of(chosen)

    def _turns_of(self, among: Serving) -> dict[UUID, float]:
        key = tuple(gateway.id for gateway in among)
        if key not in self._turns:
            waits = {gateway.id: _wait(gateway, self._seed) * self._scale for gateway in among}
            self._turns[key] = waits
        return self._turns[key]
