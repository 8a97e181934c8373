import pytest

from backend.identity.passwords import NOBODYS, hash_password, needs_new_hash

pytestmark = pytest.mark.anyio


async def test_nobodys_hash_costs_what_a_new_one_costs():
    """Or the time of an answer would tell whether the account exists."""
    assert not needs_new_hash(NOBODYS)
    assert NOBODYS.rsplit("$", 2)[0] == (await hash_password("words")).rsplit("$", 2)[0]
