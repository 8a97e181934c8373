"""One application per module: every row asks it something it refuses, so nothing piles up."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from backend.app import create_app
from tests.bad_input.asking import Rows, make_rows
from tests.browserless import World, settings_of
from tests.database import CleanDatabase


@pytest.fixture(scope="module")
async def rows(
    migrated: CleanDatabase, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Rows]:
    """A verified tenant's owner, another tenant's, and a look behind the doors."""
    await migrated.clean()
    async with Redis.from_url(redis_url) as redis:
        await redis.flushdb()
    settings = settings_of(migrated, redis_url, data_dir=tmp_path_factory.mktemp("data"))
    app = create_app(settings, limits_rate=False)  # a module asks more in a second than a person
    async with app.lifespan():
        world = World(app, migrated)
        made = await make_rows(world)
        yield made
        await made.connection.close()
        await world.close()
