"""Things that are due later, by the thousand: one timer per few milliseconds, not per thing."""

import asyncio
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
TICK_SECONDS: Final = 0.005


class Wheel(Generic[T]):
    def __init__(self, run: Callable[[list[T]], None]) -> None:
        self._run = run
        self._due: dict[int, list[T]] = {}
        self._loop = asyncio.get_running_loop()

    def add(self, delay_seconds: float, item: T) -> None:
        tick = int((self._loop.time() + delay_seconds) / TICK_SECONDS) + 1
        items = self._due.get(tick)
        if items is None:
            self._due[tick] = [item]
            self._loop.call_at(tick * TICK_SECONDS, self._turn, tick)
        else:
            items.append(item)

    def _turn(self, tick: int) -> None:
        self._run(self._due.pop(tick))

    def __len__(self) -> int:
        return sum(map(len, self._due.values()))
