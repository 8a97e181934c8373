"""What the clock does again and again. Every job may run in several clocks at once."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple


class Job(NamedTuple):
    """`run` answers whether there is more at once; it is then run again without the pause."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[bool]]


JOBS: list[Job] = []


def every(
    seconds: float,
) -> Callable[[Callable[[], Awaitable[bool]]], Callable[[], Awaitable[bool]]]:
    def register(run: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
        JOBS.append(Job(run.__name__, seconds, run))
        return run

    return register
