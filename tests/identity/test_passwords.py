import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from backend.identity import passwords
from backend.identity.passwords import NOBODYS, hash_password, needs_new_hash, use_hasher
from tests.conftest import CHEAP_HASHER

pytestmark = pytest.mark.anyio


@pytest.fixture
def the_products_own():
    use_hasher(passwords.RECOMMENDED)
    yield
    use_hasher(CHEAP_HASHER)


async def test_nobodys_hash_costs_what_a_new_one_costs(the_products_own):
    """Or the time of an answer would tell whether the account exists."""
    assert not needs_new_hash(NOBODYS)
    assert NOBODYS.rsplit("$", 2)[0] == (await hash_password("words")).rsplit("$", 2)[0]


async def test_the_recommended_cost_is_the_one_hashed_with(the_products_own):
    recommended = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
    assert not recommended.check_needs_rehash(await hash_password("words"))
