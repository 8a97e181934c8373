import os
import signal
import socket
import time
from pathlib import Path

import pytest
import redis

from backend.embedded import places, valkey


def test_second_start_finds_the_keys_on_the_same_port(empty_root):
    first = valkey.start(empty_root)
    with redis.Redis.from_url(first.url()) as client:
        client.set("kept", "yes")
    valkey.stop(first)
    assert not places.is_alive(first.pid)
    second = valkey.start(empty_root)
    with redis.Redis.from_url(second.url()) as client:
        assert client.get("kept") == b"yes"
    assert second.port == first.port


def test_kill_9_loses_at_most_the_last_second(empty_root):
    server = valkey.start(empty_root)
    with redis.Redis.from_url(server.url()) as client:
        client.set("kept", "yes")
        time.sleep(1.2)  # appendfsync everysec
    os.kill(server.pid, signal.SIGKILL)
    again = valkey.start(empty_root)
    assert not again.was_running
    with redis.Redis.from_url(again.url()) as client:
        assert client.get("kept") == b"yes"


def test_a_living_server_is_adopted(empty_root):
    started = valkey.start(empty_root)
    adopted = valkey.start(empty_root)
    assert (adopted.pid, adopted.was_running) == (started.pid, True)


def test_it_is_closed_to_who_does_not_know_the_password_and_hides_it(empty_root):
    server = valkey.start(empty_root)
    with (
        redis.Redis(host="127.0.0.1", port=server.port) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
    command = Path(f"/proc/{server.pid}/cmdline").read_bytes()
    assert server.password.encode() not in command
    assert valkey.answering_pid(server.port, "guess") is None


def test_a_port_taken_meanwhile_is_replaced(empty_root):
    server = valkey.start(empty_root)
    valkey.stop(server)
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", server.port))
        squatter.listen()
        again = valkey.start(empty_root)
    assert again.port != server.port
