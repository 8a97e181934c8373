"""Starts the product's own processes, keeps them running, ends them in order.

One thread and one `poll` loop: forking beside threads is how supervisors hang.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

import msgspec

from backend.embedded import leash, places
from backend.embedded.order import Address, StartOrder

FIRST_DELAY_SECONDS = 0.5
DELAY_SECONDS_MAX = 30.0
STEADY_SECONDS = 60.0  # who lived this long starts again without a back-off
LINE_BYTES_MAX = 64_000
TICK_SECONDS = 0.1
KILLED_SECONDS_MAX = 5.0
SURVIVOR_SECONDS_MAX = 5.0
ORPHAN_SECONDS_MAX = 2.0
MARK = "CLEARSEND_SUPERVISED"  # in the environment of every child: the data directory


class ProcessSpec(msgspec.Struct, frozen=True):
    """Stage 0 stops first; a higher stage waits until the lower ones are gone. Who `starts_late`
    waits for the first answer at every address that somebody `listens` at.
    """

    name: str
    argv: tuple[str, ...]
    environ: dict[str, str] = {}
    restarts: bool = True
    stop_stage: int = 0
    starts_late: bool = False
    listens: Address | None = None


class Wishes:
    """Signals received. The first asks for an orderly end, the second forces it.

    While things start, the first one interrupts whatever is being waited for. Later nothing is
    interrupted: a child between its fork and its entry in a list would be lost.
    """

    def __init__(self) -> None:
        self.count = 0
        self.interrupts = True

    def receive(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.interrupts:
            self.interrupts = False
            raise KeyboardInterrupt


@contextlib.contextmanager
def wishes() -> Iterator[Wishes]:
    received = Wishes()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, received.receive) for number in numbers}
    try:
        yield received
    finally:
        for number, action in before.items():
            signal.signal(number, action)


class Child:
    def __init__(self, spec: ProcessSpec, environ: Mapping[str, str], width: int) -> None:
        self.spec = spec
        self.process: subprocess.Popen[bytes] | None = None
        self.starts_at: float | None = 0.0  # None: runs, or is not to be started again
        self._environ = {**environ, **spec.environ}
        self._prefix = f"{spec.name:<{width}} | "
        self._delay = FIRST_DELAY_SECONDS
        self._started_at = 0.0
        self._partial = b""

    def say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone, the work goes on
            print(self._prefix + text, flush=True)

    def start(self) -> IO[bytes]:
        command = [sys.executable, "-IS", str(Path(leash.__file__)), str(os.getpid())]
        self.process = subprocess.Popen(
            [*command, *self.spec.argv],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.starts_at, self._started_at = None, time.monotonic()
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        return self.process.stdout

    def read(self) -> bool:
        """Prints whole lines; False at the end of the output."""
        assert self.process is not None
        assert self.process.stdout is not None
        try:
            part = os.read(self.process.stdout.fileno(), LINE_BYTES_MAX)
        except BlockingIOError:
            return True
        *lines, self._partial = (self._partial + part).split(b"\n")
        if len(self._partial) > LINE_BYTES_MAX or not part:
            lines, self._partial = [*lines, self._partial], b""
        for line in filter(None, lines):
            self.say(line.decode(errors="replace").rstrip("\r"))
        return bool(part)

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def ask_to_end(self) -> None:
        """The leader alone, who tells its own: a Dramatiq worker or uvicorn process that hears
        SIGTERM from both of us takes the second for an order to drop everything.
        """
        if self.process:
            self.process.terminate()

    def signal_group(self, number: signal.Signals) -> None:
        """The whole session: a killed Dramatiq master leaves its workers behind."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def _end_rest_of_group(self) -> None:
        """Workers in the middle of a window get the time to put it down."""
        assert self.process is not None
        self.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + ORPHAN_SECONDS_MAX
        while places.has_living(self.process.pid):
            if time.monotonic() > deadline:
                self.signal_group(signal.SIGKILL)
                return
            time.sleep(0.02)

    def bury(self, *, again: bool) -> None:
        """After its end: ends what it left, takes its last words, plans the next start."""
        assert self.process is not None
        assert self.process.stdout is not None
        self._end_rest_of_group()
        while self.read() and _is_readable(self.process.stdout):
            pass
        self.process.stdout.close()
        code = self.process.returncode
        self.process = None
        if not again or not self.spec.restarts:
            if code and again:
                self.say(f"ended with {_why(code)}")
            return
        if time.monotonic() - self._started_at > STEADY_SECONDS:
            self._delay = FIRST_DELAY_SECONDS
        self.say(f"ended with {_why(code)}, starts again in {self._delay:g} s")
        self.starts_at = time.monotonic() + self._delay
        self._delay = min(self._delay * 2, DELAY_SECONDS_MAX)


def _why(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _is_readable(stream: IO[bytes]) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(0))


def supervise(
    specs: Sequence[ProcessSpec],
    environ: Mapping[str, str],
    received: Wishes,
    *,
    stop_grace_seconds: float,
    each_second: Callable[[], None],
) -> None:
    """Returns when a signal asked for the end and every child is gone."""
    width = max((len(spec.name) for spec in specs), default=0)
    children = [Child(spec, environ, width) for spec in specs]
    with selectors.DefaultSelector() as selector:
        received.interrupts = False
        try:
            _keep(children, selector, received, each_second)
        finally:
            _end(children, selector, received, stop_grace_seconds)


def _keep(
    children: list[Child],
    selector: selectors.BaseSelector,
    received: Wishes,
    each_second: Callable[[], None],
) -> None:
    next_second = time.monotonic() + 1
    order = StartOrder(child.spec.listens for child in children if child.spec.listens)
    while not received.count:
        now = time.monotonic()
        late_too = order.is_turn_of_late()
        for child in children:
            is_turn = late_too or not child.spec.starts_late
            if is_turn and child.starts_at is not None and child.starts_at <= now:
                selector.register(child.start(), selectors.EVENT_READ, child)
        _tick(children, selector, again=True)
        if now >= next_second:
            next_second = now + 1
            each_second()


def _tick(children: list[Child], selector: selectors.BaseSelector, *, again: bool) -> None:
    if not selector.get_map():
        time.sleep(TICK_SECONDS)
    for key, _ in selector.select(TICK_SECONDS):
        if not key.data.read():
            selector.unregister(key.fileobj)
    for child in children:
        if child.has_ended():
            assert child.process is not None
            with contextlib.suppress(KeyError):
                selector.unregister(child.process.stdout)  # type: ignore[arg-type]  # a PIPE
            child.bury(again=again)


def _end(
    children: list[Child],
    selector: selectors.BaseSelector,
    received: Wishes,
    stop_grace_seconds: float,
) -> None:
    for stage in sorted({child.spec.stop_stage for child in children}):
        leaving = [child for child in children if child.spec.stop_stage == stage]
        for child in leaving:
            child.starts_at = None
            child.ask_to_end()
        deadline = time.monotonic() + stop_grace_seconds
        while any(child.process for child in leaving):
            if time.monotonic() > deadline or received.count > 1:
                for child in leaving:
                    child.signal_group(signal.SIGKILL)
            _tick(children, selector, again=False)


def end_survivors(mark: str) -> int:
    """Ends what a supervisor killed by -9 left of its children, and says how many there were.

    Found by the mark in their environment, so a recycled process id is never hit. The leash has
    asked them to go already: they get a moment first. Without procfs there is nothing to read.
    """
    needle = f"{MARK}={mark}".encode()
    survivors = _marked(needle)
    found = len(survivors)
    deadline = time.monotonic() + SURVIVOR_SECONDS_MAX
    while survivors and time.monotonic() < deadline:
        time.sleep(0.05)
        survivors = _marked(needle)
    for pid in survivors:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    # A kill is answered when the process next runs: what starts now must not meet it.
    for pid in survivors:
        places.wait_gone(pid, KILLED_SECONDS_MAX)
    return found


def _marked(needle: bytes) -> list[int]:
    marked = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if needle in entry.read_bytes().split(b"\0"):
                marked.append(int(entry.parent.name))
    return [pid for pid in marked if pid != os.getpid()]
