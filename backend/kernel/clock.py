"""The offset tests and the demo may add to the database clock; 0 in production.

Time that decides anything (due, lease, deadline) is `scope.now`: the database's clock plus this.
"""

from datetime import timedelta

_offset = timedelta(0)


def offset() -> timedelta:
    return _offset


def set_offset(value: timedelta) -> None:
    global _offset  # noqa: PLW0603 - one clock per process is the point
    _offset = value
