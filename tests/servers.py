"""Servers of a test run, on which nothing is faked: one Postgres for all processes of the run, one
Valkey for each of them, so that a test may flush it or kill it. Each starts with the first test
that asks, is found by the others through the run's directory, and ends with the run.

`CLEARSEND_TEST_OWNER_URL` puts another Postgres in the place of ours (see `conftest.py`).
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded import places, postgres, valkey
from tests.database import CleanDatabase

pytest_plugins = ["tests.peers"]

RUN = pytest.StashKey[Path]()
START_SECONDS_MAX = 60.0
MEMORY = Path("/dev/shm")  # each run makes a directory of its own in it
MEMORY_FREE_BYTES_MIN = 4 * 2**30
_PREFIX = f"clearsend-tests-{os.geteuid()}-"


def pytest_configure(config: pytest.Config) -> None:
    _work_in_memory()
    worker = getattr(config, "workerinput", None)
    config.stash[RUN] = Path(worker["clearsend_run"]) if worker else _new_run()


def _work_in_memory() -> None:
    """Clusters and data directories by the dozen are made for a test and thrown away: on a disk
    their files cost more than what is tested. `TMPDIR` decides where it is set.
    """
    with contextlib.suppress(OSError):
        roomy = shutil.disk_usage(MEMORY).free >= MEMORY_FREE_BYTES_MIN
        if roomy and os.access(MEMORY, os.W_OK | os.X_OK) and "TMPDIR" not in os.environ:
            os.environ["TMPDIR"] = str(MEMORY)
            tempfile.tempdir = None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["clearsend_run"] = str(node.config.stash[RUN])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN in config.stash:
        _end(config.stash[RUN])


def _new_run() -> Path:
    """Below the system's directory for temporary files and not pytest's, which root keeps closed to
    the account that Postgres runs as. Runs that were killed are swept on the way.
    """
    home = Path(tempfile.gettempdir())
    for left in home.glob(f"{_PREFIX}*"):
        if not places.is_alive(int(left.name.removeprefix(_PREFIX))):
            _end(left)
    run = home / f"{_PREFIX}{os.getpid()}"
    run.mkdir(mode=0o711)
    return run


def _end(run: Path) -> None:
    for root in filter(Path.is_dir, [run, *run.glob("valkey-*")]):
        redis, database = valkey.find(root), postgres.find(root)
        if redis:
            valkey.stop(redis)
        if database:
            postgres.stop(database)
    shutil.rmtree(run, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """The superuser's URL of the run's cluster, which no power cut will ever meet (fsync=off)."""
    root = places.open_data_dir(request.config.stash[RUN])
    with places.claimed(root, wait_seconds=START_SECONDS_MAX) as is_ours:
        assert is_ours, "another test process did not finish starting Postgres"
        return postgres.start(root, volatile=True).url("postgres")


@pytest.fixture(scope="session")
def valkey_server(request: pytest.FixtureRequest) -> Iterator[valkey.ValkeyServer]:
    """This test process's own."""
    root = request.config.stash[RUN] / f"valkey-{os.environ.get('PYTEST_XDIST_WORKER', 'solo')}"
    root.mkdir(mode=0o700)
    server = valkey.start(root, volatile=True)
    yield server
    valkey.stop(server)


@pytest.fixture(scope="session")
def redis_url(valkey_server: valkey.ValkeyServer) -> str:
    return valkey_server.url()


@pytest.fixture(scope="session")
def broker_url(valkey_server: valkey.ValkeyServer) -> str:
    return valkey_server.url(valkey.BROKER_DATABASE)


@pytest.fixture(scope="session")
def owner_url(migrated: CleanDatabase) -> str:
    """The superuser's URL of this process's migrated clone."""
    return migrated.owner_url


@pytest.fixture(scope="session")
def login_url(migrated: CleanDatabase) -> str:
    """The login role's URL of this process's migrated clone: what a server process is given."""
    return migrated.login_url
