import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded import places, postgres, valkey


@pytest.fixture
def root() -> Iterator[Path]:
    """A data directory of its own, not below pytest's, which root keeps closed to everyone."""
    made = Path(tempfile.mkdtemp(prefix="clearsend-embedded-"))
    yield places.open_data_dir(made)
    redis, database = valkey.find(made), postgres.find(made)
    if redis:
        valkey.stop(redis)
    if database:
        postgres.stop(database)
    shutil.rmtree(made)
