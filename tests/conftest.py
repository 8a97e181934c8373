import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from backend.db.engine import DATABASE
from tests.database import CleanDatabase, clone

# `make coverage`: what must be covered is covered by examples written down, not by luck.
settings.register_profile("few", max_examples=5)
pytest_plugins = ["tests.servers", "tests.browserless", "tests.paying"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


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
