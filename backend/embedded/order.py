"""Who starts when. On two cores ten processes that import at once keep the pages waiting three
times as long as the api alone takes: whoever may start late starts when it answers.
"""

import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

Address = tuple[str, int]

FIRST_ANSWER_SECONDS_MAX: Final = 5.0  # an api that cannot start must not keep the senders from it
_CONNECT_SECONDS_MAX: Final = 0.2


class StartOrder:
    """Made when the first processes are started."""

    def __init__(
        self, awaited: Iterable[Address], seconds_max: float = FIRST_ANSWER_SECONDS_MAX
    ) -> None:
        self._awaited = set(awaited)
        self._until = time.monotonic() + seconds_max

    def is_turn_of_late(self) -> bool:
        if self._awaited and time.monotonic() < self._until:
            self._awaited = {address for address in self._awaited if not _answers(address)}
            return not self._awaited
        self._awaited.clear()
        return True


def _answers(address: Address) -> bool:
    with suppress(OSError), socket.create_connection(address, _CONNECT_SECONDS_MAX):
        return True
    return False
