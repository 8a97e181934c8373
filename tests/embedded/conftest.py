import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded import places, postgres, valkey


@pytest.fixture(scope="session")
def made_root() -> Iterator[Path]:
    """A cluster fresh from `initdb`, to be copied: that takes a tenth of the time."""
    made = _directory()
    postgres.stop(postgres.start(made, volatile=True))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def root(made_root: Path) -> Iterator[Path]:
    """A data directory with a cluster of its own that does not run yet."""
    made = _directory()
    subprocess.run(["cp", "-a", f"{made_root}/.", made], check=True)
    yield from _ended(made)


@pytest.fixture
def empty_root() -> Iterator[Path]:
    yield from _ended(_directory())


def _directory() -> Path:
    """Not below pytest's own, which root keeps closed to everyone."""
    return places.open_data_dir(Path(tempfile.mkdtemp(prefix="clearsend-embedded-")))


def _ended(made: Path) -> Iterator[Path]:
    yield made
    redis, database = valkey.find(made), postgres.find(made)
    if redis:
        valkey.stop(redis)
    if database:
        postgres.stop(database)
    shutil.rmtree(made)
