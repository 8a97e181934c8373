"""Named points at which a test may kill, stop, fail or slow the process.

`CLEARSEND_FAULT=action:point:n[,…]` acts the n-th time the point is passed in this process:
`kill` (SIGKILL to itself), `stop` (SIGSTOP), `raise` (FaultInjected), `sleep` (5 s).
Without the variable a point costs one dictionary look-up.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class FaultInjected(RuntimeError):
    """Raised by a `raise` fault; never caught by name anywhere in the product."""


def _parse(text: str) -> dict[str, list[tuple[str, int]]]:
    plan: dict[str, list[tuple[str, int]]] = {}
    for item in filter(None, text.split(",")):
        action, name, count = item.split(":")
        plan.setdefault(name, []).append((action, int(count)))
    return plan


_PLAN = _parse(os.environ.get("CLEARSEND_FAULT", ""))
_PASSED: Counter[str] = Counter()


@contextmanager
def armed(text: str) -> Iterator[None]:
    """The same plan for a while, counted from now: for tests inside one process."""
    planned = _parse(text)
    before = {name: _PLAN.get(name) for name in planned}
    _PLAN.update(planned)
    for name in planned:
        _PASSED[name] = 0
    try:
        yield
    finally:
        for name, plan in before.items():
            if plan is None:
                del _PLAN[name]
            else:
                _PLAN[name] = plan


def point(name: str) -> None:
    plan = _PLAN.get(name)
    if plan is None:
        return
    _PASSED[name] += 1
    for action, count in plan:
        if _PASSED[name] != count:
            continue
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif action == "sleep":
            time.sleep(5)
        else:
            raise FaultInjected(name)
