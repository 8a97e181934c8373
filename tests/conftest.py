import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from backend.db.engine import DATABASE
from backend.delivery.service import steps
from backend.identity.passwords import use_hasher
from backend.kernel import clock
from tests.database import CleanDatabase, clone

# No example fails for being slow: that says something about the machine.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make coverage`: what must be covered is covered by examples written down, not by luck.
settings.register_profile("few", settings.get_profile("steady"), max_examples=5)
settings.load_profile("steady")
# A fifth of a second of one core for every login would be minutes of a run. What the product uses
# is tested in `tests/identity/test_passwords.py`, and the processes that journeys start use it.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
use_hasher(CHEAP_HASHER)
pytest_plugins = ["tests.servers", "tests.browserless", "tests.paying"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """A test may move the product's clock and give dispatch other steps; the next test, whichever a
    process runs next, finds neither.
    """
    yield
    clock.set_offset(timedelta(0))
    steps.give(steps.Steps())


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> str:
    """A Postgres superuser's URL: the embedded server's, or the one named by the environment."""
    given = os.environ.get("CLEARSEND_TEST_OWNER_URL")
    return given or str(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session")
def migrated(server_url: str) -> CleanDatabase:
    worker = os.environ.get("PYTEST_XDIST_WORKER", f"solo{os.getpid()}")
    database = CleanDatabase(asyncio.run(clone(server_url, worker)))
    asyncio.run(database.learn())
    return database


@pytest.fixture
async def database(migrated: CleanDatabase) -> AsyncIterator[CleanDatabase]:
    """A clean database with the engine's pool open on it."""
    await migrated.clean()
    await DATABASE.open(migrated.login_url, connections_max=8)
    try:
        yield migrated
    finally:
        await DATABASE.close()
