"""A price list is a version: complete, sealed, and kept for the quotes made with it."""

import asyncio

import asyncpg
import phonenumbers
import pytest

from backend.billing.schemas.prices import PriceList
from backend.billing.service.prices import (
    price,
    price_list,
    price_version_current,
    publish_price_list,
)
from backend.billing.states import Channel
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.principal import StaffRole, system
from tests.factories import make_tenant, staff

pytestmark = pytest.mark.anyio
NEVER_PRICED = {"CU", "IR", "KP", "SY", "AC", "TA"}


async def test_the_first_list_prices_every_country_but_a_few(database):
    tenant = await make_tenant()
    async with tenant_scope(system("test", tenant)) as scope:
        assert await price_version_current(scope) == 1
        first = await price_list(scope, 1)
        assert await price(scope, 1, "NO", Channel.SMS) == 1
        assert await price(scope, 1, "NO", Channel.MMS) == 3
        assert await price(scope, 1, "KP", Channel.SMS) is None
    assert {country for country, _ in first.prices} == (
        set(phonenumbers.SUPPORTED_REGIONS) - NEVER_PRICED
    )
    assert first.price("DE", Channel.MMS) == 3
    assert first.price("IR", Channel.SMS) is None
    assert first.refund_undelivered is False


@pytest.mark.parametrize(
    ("quote", "ceiling"), [(0, 1), (1, 2), (20, 21), (21, 23), (100, 105), (10**6, 1_050_000)]
)
def test_the_ceiling_is_the_quote_and_a_margin_rounded_up(quote, ceiling):
    assert PriceList(1, False, 5, 1, {}).ceiling(quote) == ceiling


async def test_a_new_version_leaves_the_old_one_as_it_was(database):
    finance = staff(StaffRole.FINANCE)
    prices = {("NO", Channel.SMS): 2}
    assert await publish_price_list(finance, prices, "dearer", refund_undelivered=True) == 2
    async with platform_scope(system("test"), "test") as scope:
        assert await price_version_current(scope) == 2
        second = await price_list(scope, 2)
        assert await price(scope, 1, "NO", Channel.SMS) == 1
        with pytest.raises(NotFound):
            await price_list(scope, 3)
    assert second.prices == {("NO", "sms"): 2}
    assert second.refund_undelivered is True


async def test_the_row_of_the_list_seals_its_prices(database):
    finance = staff(StaffRole.FINANCE)
    original = {("NO", Channel.SMS): 2, ("SE", Channel.SMS): 2}
    assert await publish_price_list(finance, original, "second") == 2
    with pytest.raises(asyncpg.RestrictViolationError):
        async with platform_scope(system("test"), "test") as scope:
            await scope.execute("INSERT INTO price_rows VALUES (2, 'DK', 'sms', 1)")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with platform_scope(system("test"), "test") as scope:
            await scope.execute("INSERT INTO price_rows VALUES (9, 'DK', 'sms', 1)")


async def test_a_list_never_changes_not_even_by_its_owner(database):
    connection = await database.connect()
    try:
        for statement in (
            "UPDATE price_rows SET credits = 9",
            "DELETE FROM price_rows",
            "UPDATE price_lists SET margin_percent = 50",
            "DELETE FROM price_lists",
        ):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_version_taken_meanwhile_is_a_conflict(database):
    """Somebody else's next version stands uncommitted when ours is made."""
    connection = await database.connect()
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "INSERT INTO price_rows VALUES (2, 'NO', 'sms', 1);"
            "INSERT INTO price_lists (version, reason, created_by) VALUES (2, 'x', 'x')"
        )
        ours = asyncio.create_task(
            publish_price_list(staff(StaffRole.FINANCE), {("NO", Channel.SMS): 2}, "ours")
        )
        await asyncio.sleep(0.2)
        await transaction.commit()
        with pytest.raises(Conflict, match="price_list_published"):
            await ours
    finally:
        await connection.close()
