from collections.abc import Iterator

import pytest

from backend.delivery.service import steps


@pytest.fixture(autouse=True)
def _own_steps() -> Iterator[None]:
    """A test's evaluator ends with it."""
    yield
    steps.give(steps.Steps())
