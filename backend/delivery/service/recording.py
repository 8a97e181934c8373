"""Windows answered while an earlier one of their session commits share the next transaction.

They meet at the session's figures and the tenant's ledger anyway, and would wait there for each
other's commit, each with a transaction of its own.
"""

import asyncio
from typing import Final, NamedTuple
from uuid import UUID

from backend.delivery.service.outcomes import Answered, Recorded, record_outcomes

WINDOWS_MAX: Final = 8
"""Of one transaction: a window more would make the first ones wait longer than it saves."""


class _Waiting(NamedTuple):
    answered: Answered
    recorded: asyncio.Future[Recorded]


class Recorder:
    """Of one process and its event loop. A task of its own commits, so a lane that is cancelled
    takes no other lane's outcomes with it.
    """

    def __init__(self) -> None:
        self._waiting: dict[tuple[UUID, UUID], list[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def record(self, answered: Answered) -> Recorded:
        """Returns after the commit; raises what the transaction of this window raised."""
        key = (answered.lease.tenant_id, answered.lease.session_id)
        waiting = _Waiting(answered, asyncio.get_running_loop().create_future())
        if key in self._waiting:
            self._waiting[key].append(waiting)
        else:
            self._waiting[key] = [waiting]
            task = asyncio.create_task(self._record_all(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await waiting.recorded

    async def _record_all(self, key: tuple[UUID, UUID]) -> None:
        try:
            while group := self._waiting[key][:WINDOWS_MAX]:
                del self._waiting[key][: len(group)]
                await _record_group(group)
        finally:
            del self._waiting[key]


async def _record_group(group: list[_Waiting]) -> None:
    try:
        recorded = await record_outcomes([one.answered for one in group])
    except Exception as error:  # noqa: BLE001 # handed to the lanes that wait for it
        if len(group) == 1:
            _fail(group[0], error)
            return
        for one in group:  # what one of them cannot do is no reason against the others
            await _record_group([one])
        return
    for one, result in zip(group, recorded, strict=True):
        if not one.recorded.done():
            one.recorded.set_result(result)


def _fail(one: _Waiting, error: Exception) -> None:
    if not one.recorded.done():
        one.recorded.set_exception(error)
