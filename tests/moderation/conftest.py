import pytest

from tests.campaigns.factories import Shop, make_shop
from tests.moderation.factories import a_gateway_stands


@pytest.fixture
async def shop(database) -> Shop:
    await a_gateway_stands()
    made = await make_shop()
    await made.people(3)
    return made
