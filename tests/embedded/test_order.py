import socket
import subprocess
import sys

from backend.embedded import places
from backend.embedded.order import StartOrder


def test_who_starts_late_waits_for_every_first_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as first:
        second = ("127.0.0.1", places.free_port())
        order = StartOrder([first.getsockname(), second], seconds_max=60)
        assert not order.is_turn_of_late()
        with socket.create_server(second):
            assert order.is_turn_of_late()
    assert order.is_turn_of_late(), "a later silence holds nobody back"


def test_nobody_waits_for_ever_or_for_nobody() -> None:
    silent = ("127.0.0.1", places.free_port())
    assert StartOrder([silent], seconds_max=0).is_turn_of_late()
    assert StartOrder([]).is_turn_of_late()


def test_a_group_of_zombies_does_not_live() -> None:
    """As a container leaves them whose first process collects none."""
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    assert places.has_living(process.pid)
    assert process.stdin is not None
    process.stdin.close()
    assert places.wait_gone(process.pid, seconds=20)
    assert not places.has_living(process.pid), "nobody has collected it yet"
    process.wait()
    assert not places.has_living(process.pid)
