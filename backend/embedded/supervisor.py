"""`clearsend run`: everything on one machine, from nothing to answering, and back to nothing.

The order down is the order up reversed: api, workers and clock; the carrier and the payment
provider they talk to; Valkey; Postgres. Killed by -9 the supervisor takes its children with it
(`leash.py`); Postgres and Valkey live on and are adopted by the next start, which so finds even
what was not yet on disk.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from backend.embedded import children, places, servers
from backend.embedded.children import ProcessSpec
from backend.settings import Settings, environment

ON_STAGE_SIMULATORS = 1
OPEN_STREAM_SECONDS_MAX = 3  # server-sent events never end by themselves
# A build tool must not take us for a part of the `make` that started us.
_OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKE_TERMOUT", "MAKE_TERMERR")


def product_processes(settings: Settings, *, reloads: bool = False) -> list[ProcessSpec]:
    """What one machine runs besides its servers."""
    python = sys.executable
    server = ["--loop", "uvloop", "--http", "httptools", "--no-server-header", "--no-access-log"]
    address = ["--host", settings.host, "--port", str(settings.port)]
    drain = ["--timeout-graceful-shutdown", str(OPEN_STREAM_SECONDS_MAX)]
    copies = ["--workers", str(settings.api_processes)] if settings.api_processes > 1 else []
    several = ["--reload", "--reload-dir", "backend"] if reloads else copies
    api = [python, "-m", "uvicorn", "backend.app:create_app", "--factory", *server, *address]
    simulator = [python, "-m", "backend.gateways.simulator"]
    truth = str(settings.data_dir / "simulator" / "truth")
    ports = ("--port", settings.simulator_smpp_port), ("--http-port", settings.simulator_http_port)
    listening = [word for name, port in ports for word in (name, str(port))]
    fills = settings.demo and settings.demo_data
    workers = (python, "-m", "workers", "--queues", "maintenance", "webhooks")
    senders = (python, "-m", "workers", "--queues", "bulk", "transactional")
    filler = (python, "-m", "backend.cli", "demo-data")
    address_of_api = (_own_host(settings), settings.port)
    return [
        ProcessSpec("api", (*api, *drain, *several), listens=address_of_api),
        *([ProcessSpec("demo-data", filler, restarts=False, starts_late=True)] if fills else []),
        ProcessSpec("workers", workers, starts_late=True),
        ProcessSpec("senders", senders, starts_late=True),
        ProcessSpec("clock", (python, "-m", "workers.clock")),
        ProcessSpec(
            "carrier",
            (*simulator, *listening, "--truth", truth),
            stop_stage=ON_STAGE_SIMULATORS,
        ),
        *([_payments(settings)] if settings.simulator_payments_port else []),
    ]


def _own_host(settings: Settings) -> str:
    """Where this machine reaches its own api."""
    return "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - read


def _payments(settings: Settings) -> ProcessSpec:
    api = replace(settings, host=_own_host(settings), public_url="").url
    argv = (
        *(sys.executable, "-m", "backend.billing.simulator"),
        *("--port", str(settings.simulator_payments_port)),
        *("--book", str(settings.data_dir / "simulator" / "payments.sqlite")),
        *("--webhook-url", f"{api}/v1/stripe/events"),
    )
    return ProcessSpec("payments", argv, stop_stage=ON_STAGE_SIMULATORS)


def with_payment_simulator(settings: Settings, root: Path) -> Settings:
    """Where nobody gave a key, in demo mode alone: elsewhere its credits would be money's worth.

    The port and the secrets are kept between starts, as the simulator keeps its customers.
    """
    if settings.stripe_api_key or not settings.demo:
        return replace(settings, simulator_payments_port=0)
    port = settings.simulator_payments_port or places.settled_port(root, "simulator-payments")
    return replace(
        settings,
        simulator_payments_port=port,
        stripe_api_key=f"sk_test_{places.secret(root, 'payments_key')}",
        stripe_webhook_secret=f"whsec_{places.secret(root, 'payments_webhook')}",
        stripe_base_url=f"http://127.0.0.1:{port}",
    )


def with_simulator_ports(settings: Settings, root: Path) -> Settings:
    """Kept between starts: gateway rows in the database point at them."""
    (root / "simulator").mkdir(mode=0o700, exist_ok=True)
    smpp = settings.simulator_smpp_port or places.settled_port(root, "simulator-smpp")
    http = settings.simulator_http_port or places.settled_port(root, "simulator-http")
    return replace(settings, simulator_smpp_port=smpp, simulator_http_port=http)


def run(
    settings: Settings,
    *,
    specs: Callable[[Settings], Sequence[ProcessSpec]],
    prepare: Callable[[Settings], None],
    beside: Sequence[ProcessSpec] = (),
) -> int:
    """Blocks until SIGINT, SIGTERM or SIGHUP; `prepare` (migrations) runs before any child."""
    started = time.monotonic()
    with children.wishes() as received:
        try:
            with servers.owned(settings) as embedded:
                mark = str(embedded.root)
                survivors = children.end_survivors(mark)
                if survivors:
                    _say(f"ended {survivors} processes of a start that was killed")
                complete = with_simulator_ports(embedded.settings, embedded.root)
                complete = with_payment_simulator(complete, embedded.root)
                _check_port(complete)
                prepare(complete)
                _say_hello(complete, embedded, time.monotonic() - started)
                environ = {**os.environ, **environment(complete), children.MARK: mark}
                environ |= {"PYTHONUNBUFFERED": "1"}
                for name in _OF_MAKE:
                    environ.pop(name, None)
                children.supervise(
                    [*beside, *specs(complete)],
                    environ,
                    received,
                    stop_grace_seconds=complete.stop_grace_seconds,
                    each_second=lambda: _revive(embedded),
                )
        except KeyboardInterrupt:
            _say("interrupted while starting")
    _say("stopped")
    return 0


def _check_port(settings: Settings) -> None:
    if settings.host == "127.0.0.1" and not places.is_free(settings.port):
        raise places.EmbeddedError(
            f"port {settings.port} of {settings.host} is taken by another program: set PORT"
        )


def _revive(embedded: servers.EmbeddedServers) -> None:
    try:
        embedded.revive(_say)
    except (places.EmbeddedError, OSError) as error:
        _say(f"{error}; trying again")


def _say_hello(settings: Settings, embedded: servers.EmbeddedServers, seconds: float) -> None:
    database = servers.without_password(settings.database_url)
    kind = "embedded" if embedded.postgres else "given"
    _say(f"data in {embedded.root}")
    if embedded.root != settings.data_dir.absolute():
        _say("(the directory asked for lies below one that the Postgres account cannot enter)")
    _say(f"database {database} ({kind}), servers ready after {seconds:.1f} s")
    _say(f"the handsets of the carrier simulator: http://127.0.0.1:{settings.simulator_http_port}")
    _say(f"open {settings.url}")


def _say(text: str) -> None:
    print(f"clearsend: {text}", flush=True)
