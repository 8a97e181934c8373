"""Hears that the server is to stop before the server waits for its open answers.

ASGI tells an application so only when the last answer has ended.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def told_to_stop(tell: Callable[[], None]) -> Iterator[None]:
    """Calls `tell` in the running loop, then lets the server's own handlers act. Outside the main
    thread, and for a signal that nobody handles, nothing is heard.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell)
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number, handler in handlers.items():
        if callable(handler):
            signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if signal.getsignal(number) is hear:
                signal.signal(number, handler)
