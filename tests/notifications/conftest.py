from collections.abc import AsyncIterator

import pytest

from tests.notifications.post import Post, listening


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with listening() as made:
        yield made
