"""Finance reckons in days: its tests take place at noon, whatever the hour they run at."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from backend.kernel import clock


@pytest.fixture(autouse=True)
def at_day() -> Callable[[int], None]:
    """Moves the clock to noon (UTC) of a day, counted from the one the test began on; it is there
    from the beginning.
    """
    noon = datetime.combine(datetime.now(UTC).date(), time(12), UTC)

    def move(days: int) -> None:
        clock.set_offset(noon + timedelta(days=days) - datetime.now(UTC))

    move(0)
    return move
