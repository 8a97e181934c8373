from collections.abc import AsyncIterator, Iterator

import pytest

from backend.kernel import clock
from tests.notifications.post import Post, listening


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with listening() as made:
        yield made


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    """A test may move the clock; the next one finds it where it was."""
    before = clock.offset()
    yield
    clock.set_offset(before)
