from collections.abc import Iterator

import pytest

from tests.journeys.system import System, running


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """One for the journeys of a file; those that break things bring their own tenant."""
    with running() as started:
        yield started
