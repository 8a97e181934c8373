from collections.abc import Iterator

import pytest

from backend.kernel import clock
from tests.campaigns.factories import Shop, make_shop
from tests.moderation.factories import a_gateway_stands


@pytest.fixture
async def shop(database) -> Shop:
    await a_gateway_stands()
    made = await make_shop()
    await made.people(3)
    return made


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    """A test may move the clock; the next one finds it where it was."""
    before = clock.offset()
    yield
    clock.set_offset(before)
