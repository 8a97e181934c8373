import pytest

from tests.campaigns.factories import make_shop


@pytest.fixture
async def shop(database):
    return await make_shop()
