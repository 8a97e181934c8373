import pytest

from backend.files.service import DirectoryStorage, use_storage
from tests.factories import make_tenant, member_of


@pytest.fixture
def files(tmp_path):
    use_storage(DirectoryStorage(tmp_path / "files"))
    return tmp_path / "files"


@pytest.fixture
async def me(database, files):
    return member_of(await make_tenant())
