import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend import cli
from backend.embedded import places, postgres, servers
from backend.embedded.supervisor import (
    product_processes,
    with_payment_simulator,
    with_simulator_ports,
)
from backend.settings import Settings, load

REPOSITORY = Path(__file__).parents[2]


END_SECONDS_MAX = 60
AGAIN_SECONDS = 0.005
LONG_COMMAND = """
import signal, sys, time
from backend import cli
from backend.embedded import servers

def command(settings, arguments):
    with servers.reached(settings):
        print("up", flush=True)
        time.sleep(600)

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where the tests run under `nohup`
cli.COMMANDS["long"] = cli.Command("what takes its time", command)
sys.exit(cli.main(["long"]))
"""


def clearsend(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_migrate_by_hand_starts_and_stops_what_is_not_running(root):
    said = clearsend("migrate", CLEARSEND_DATA_DIR=str(root))
    assert said.returncode == 0, said.stderr
    assert postgres.find(root) is None
    with servers.reached(load({"CLEARSEND_DATA_DIR": str(root)})) as settings:
        assert settings.database_url.startswith("postgresql://clearsend_login:")
        assert settings.broker_url != settings.redis_url
        with servers.reached(load({"CLEARSEND_DATA_DIR": str(root)})) as beside:
            assert beside.database_url == settings.database_url
        assert postgres.find(root), "a command beside a running one leaves its servers alone"
    assert postgres.find(root) is None


@pytest.mark.parametrize(
    "wishes",
    [
        (signal.SIGTERM, signal.SIGTERM),  # as `timeout` does: to the process and to its group
        (signal.SIGHUP, signal.SIGHUP),
        (signal.SIGTERM, signal.SIGHUP),
    ],
)
def test_who_ends_a_command_ends_the_servers_it_started(root, wishes):
    first, again = wishes
    with subprocess.Popen(
        [sys.executable, "-c", LONG_COMMAND],
        cwd=REPOSITORY,
        env={**os.environ, "CLEARSEND_DATA_DIR": str(root)},
        stdout=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            assert postgres.find(root)
            process.send_signal(first)
            # While it ends, however long that takes: the second is to come in the midst of it.
            until = time.monotonic() + END_SECONDS_MAX
            while process.poll() is None and time.monotonic() < until:
                time.sleep(AGAIN_SECONDS)
                process.send_signal(again)
            # Of two that came before the process was given the time for one, either may be first.
            assert process.poll() in {128 + first, 128 + again}
            assert postgres.find(root) is None
        finally:
            process.kill()


def test_doctor_says_what_stands_in_the_way(empty_root):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        said = clearsend("doctor", CLEARSEND_DATA_DIR=str(empty_root), PORT=str(port))
    assert said.returncode == 1
    assert f"{port} taken: set PORT" in said.stdout
    assert "embedded Postgres" in said.stdout


def test_doctor_names_a_login_role_that_policies_do_not_bind(root):
    server = postgres.start(root, volatile=True)
    said = clearsend(
        "doctor",
        CLEARSEND_DATA_DIR=str(root),
        DATABASE_URL=server.url("postgres"),
        REDIS_URL=f"redis://:hidden@127.0.0.1:{places.free_port()}/0",
    )
    assert said.returncode == 1
    assert "row policies do not bind it" in said.stdout
    assert "NO  REDIS_URL" in said.stdout
    assert server.password not in said.stdout
    assert "hidden" not in said.stdout


@pytest.mark.parametrize(
    ("arguments", "environ", "complaint"),
    [
        (["run"], {"PORT": "eighty"}, "PORT: "),
        (["run", "--beside", "nothing"], {}, "--beside: takes NAME=COMMAND"),
        (["doctor", "--nonsense"], {}, "unrecognized arguments: --nonsense"),
        (["nonsense"], {}, "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_named_without_a_traceback(arguments, environ, complaint):
    said = clearsend(*arguments, **environ)
    assert said.returncode == 2
    assert complaint in said.stderr
    assert "Traceback" not in said.stderr


def test_every_process_of_the_design_is_started(empty_root):
    settings = with_simulator_ports(Settings(data_dir=empty_root, port=8123), empty_root)
    specs = {spec.name: spec for spec in product_processes(settings)}
    assert specs.keys() == {"api", "workers", "senders", "clock", "carrier"}  # nobody pays there
    assert "8123" in specs["api"].argv
    assert str(settings.simulator_smpp_port) in specs["carrier"].argv
    assert specs["carrier"].stop_stage > specs["workers"].stop_stage
    again = with_simulator_ports(Settings(data_dir=empty_root), empty_root)
    assert again.simulator_smpp_port == settings.simulator_smpp_port


def test_demo_mode_pays_at_a_simulator_that_keeps_its_port_and_its_secrets(empty_root):
    asked = Settings(data_dir=empty_root, port=8123, demo=True, host="0.0.0.0")
    settings = with_payment_simulator(asked, empty_root)
    payments = next(one for one in product_processes(settings) if one.name == "payments")
    assert "http://127.0.0.1:8123/v1/stripe/events" in payments.argv
    assert settings.stripe_base_url.endswith(f":{settings.simulator_payments_port}")
    assert not any(settings.stripe_api_key in word for word in payments.argv)
    assert with_payment_simulator(asked, empty_root) == settings
    own = Settings(data_dir=empty_root, demo=True, stripe_api_key="sk_test_own")
    assert with_payment_simulator(own, empty_root) == own


def test_a_given_database_keeps_its_own_login_role():
    given = Settings(database_url="postgresql://login:its-own@db/clearsend")
    assert servers.login_password(given, given) is None
    assert servers.without_password(given.database_url) == "postgresql://login:…@db/clearsend"


def test_commands_are_listed():
    assert {"run", "migrate", "doctor"} <= cli.COMMANDS.keys()


def test_what_the_api_would_refuse_ends_a_command_with_a_sentence():
    for arguments, said in (
        (("tenant", "add", "", "--owner", "owner@example.com"), "argument NAME: "),
        (("tenant", "add", "New", "--owner", "o@example.com", "--country", "xx"), "--country: "),
        (("tenant", "weight", "00000000-0000-0000-0000-000000000001", "1001"), "1..1000: "),
        (("staff", "add", "o@example.com", "--name", "", "--role", "lead"), "argument --name: "),
    ):
        refused = clearsend(*arguments)
        assert refused.returncode == 2
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
