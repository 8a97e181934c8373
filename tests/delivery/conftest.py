from uuid import UUID

import pytest

from backend.gateways.config import GatewayConfig
from tests.delivery.factories import make_gateway


@pytest.fixture
async def gateway(database) -> tuple[UUID, GatewayConfig]:
    """One that says it works, and listens to nobody."""
    return await make_gateway(1)
