from datetime import UTC, date, datetime

from backend.kernel import clock


def today() -> date:
    return (datetime.now(UTC) + clock.offset()).date()
