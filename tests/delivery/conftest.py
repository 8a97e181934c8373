from collections.abc import Iterator
from uuid import UUID

import pytest

from backend.delivery.service import steps
from backend.gateways.config import GatewayConfig
from tests.delivery.factories import make_gateway


@pytest.fixture(autouse=True)
def _own_steps() -> Iterator[None]:
    """A test's evaluator ends with it."""
    yield
    steps.give(steps.Steps())


@pytest.fixture
async def gateway(database) -> tuple[UUID, GatewayConfig]:
    """One that says it works, and listens to nobody."""
    return await make_gateway(1)
