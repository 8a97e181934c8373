"""Keys of requests are their caller's own: two tenants may say the same word."""

import pytest
from msgspec.structs import replace

from backend.billing.service import cards
from backend.kernel.principal import Idempotency
from tests.billing.buying import URL, make_buyer
from tests.database import CleanDatabase
from tests.factories import member_of
from tests.paying import Paying

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("key", ["1", "k" * 255])
async def test_the_same_key_of_two_tenants_opens_two_pages(
    database: CleanDatabase, paying: Paying, key: str
) -> None:
    del database
    asked = Idempotency(key, "open_card_setup", "a" * 64)
    one, other = [replace(member_of(await make_buyer()), idempotency=asked) for _ in range(2)]
    first = await cards.open_card_setup(one, URL)
    second = await cards.open_card_setup(other, URL)
    assert first.url != second.url
    assert len(list(paying.provider.book.each("customer"))) == 2
