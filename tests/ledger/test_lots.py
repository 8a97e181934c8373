"""Which credits are used first, and what happens to those past their day."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.db.scope import tenant_scope
from backend.kernel import clock
from backend.kernel.errors import Conflict
from backend.kernel.principal import system
from backend.ledger.service.holds import capture, place_hold, release, return_spent
from backend.ledger.service.lines import set_credit_line
from backend.ledger.service.lots import (
    adjust,
    expire_due,
    expire_lots,
    grant,
    is_issued,
    open_lots,
    top_up,
)
from backend.ledger.states import LotKind
from tests.factories import make_tenant
from tests.ledger.factories import (
    balance_of,
    lots_of,
    make_funded_tenant,
    make_hold,
    violations_of,
)

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


def in_days(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


async def test_priority_then_expiry_then_promotional_then_oldest(database):
    tenant = await make_tenant()
    near, far = in_days(10), in_days(20)
    async with tenant_scope(system("test", tenant)) as scope:
        await top_up(scope, 1, "paid, never expires, first")
        await top_up(scope, 2, "paid, never expires, second")
        await grant(scope, 3, "promotional, never expires")
        await top_up(scope, 4, "paid, far", expires_at=far)
        await grant(scope, 5, "promotional, far", expires_at=far)
        await top_up(scope, 6, "paid, near", expires_at=near)
        await grant(scope, 7, "made good, urgent", kind=LotKind.GRANTED, priority=1)
        before = [(lot.available, lot.expires_at) for lot in await open_lots(scope)]
        held = await place_hold(scope, "all", None, 28)
        rows = await scope.rows(
            "SELECT l.amount FROM ledger_hold_lots h JOIN ledger_lots l ON l.id = h.lot_id"
            " WHERE h.hold_id = $1 ORDER BY h.position",
            held.id,
        )
        after = await open_lots(scope)
    assert [row["amount"] for row in rows] == [7, 6, 5, 4, 3, 1, 2]
    # What a forecast reads says the same beforehand, and nothing once all is reserved.
    assert before == [(7, None), (6, near), (5, far), (4, far), (3, None), (1, None), (2, None)]
    assert after == []


async def test_what_was_issued_is_known_by_its_reference(database):
    mine, other = await make_tenant(), await make_tenant()
    async with tenant_scope(system("test", mine)) as scope:
        assert not await is_issued(scope, "a gift")
        await grant(scope, 3, "a gift")
        assert await is_issued(scope, "a gift")
    async with tenant_scope(system("test", other)) as scope:
        assert not await is_issued(scope, "a gift")


async def test_captures_take_the_first_lot_first_and_releases_the_last(database):
    tenant = await make_tenant()
    async with tenant_scope(system("test", tenant)) as scope:
        await top_up(scope, 10, "soon", expires_at=in_days(5))
        await top_up(scope, 20, "later", expires_at=in_days(50))
        held = await place_hold(scope, "hold", None, 30)
        await capture(scope, held.id, 12, "crosses lots")
        await release(scope, held.id, 3, "rejected")
        parts = await scope.value("SELECT lots FROM ledger_transfers WHERE kind = 'captured'")
    lots = await lots_of(tenant)
    assert (lots[10]["spent"], lots[20]["spent"]) == (10, 2)
    assert (lots[20]["reserved"], lots[20]["available"]) == (15, 3)
    assert parts == {str(lots[10]["id"]): 10, str(lots[20]["id"]): 2}


async def test_only_unreserved_parts_expire(database):
    tenant = await make_funded_tenant(100, in_days(5))
    await make_hold(tenant, 30)
    assert (await balance_of(tenant)).expiring_soon == 70
    clock.set_offset(6 * DAY)
    # Past its day it cannot be used, swept or not.
    view = await balance_of(tenant)
    assert (view.available, view.expiring_soon, view.held) == (0, 0, 30)
    with pytest.raises(Conflict, match="insufficient_credits"):
        await make_hold(tenant, 1)
    assert await expire_lots() == 70
    assert await expire_lots() == 0
    lot = (await lots_of(tenant))[100]
    assert (lot["expired"], lot["reserved"], lot["available"]) == (70, 30, 0)
    assert await violations_of(tenant) == []


async def test_what_comes_back_to_an_expired_lot_expires_at_once(database):
    tenant = await make_funded_tenant(100, in_days(5))
    held = await make_hold(tenant, 100)
    async with tenant_scope(system("test", tenant)) as scope:
        await capture(scope, held.id, 50, "capture")
    clock.set_offset(6 * DAY)
    async with tenant_scope(system("test", tenant)) as scope:
        await release(scope, held.id, 10, "release")
        await return_spent(scope, held.id, 20, "return")
    lot = (await lots_of(tenant))[100]
    assert (lot["expired"], lot["available"], lot["spent"], lot["reserved"]) == (30, 0, 30, 40)
    assert await violations_of(tenant) == []


async def test_what_failed_through_us_lives_thirty_more_days(database):
    tenant = await make_funded_tenant(100, in_days(5))
    held = await make_hold(tenant, 100)
    clock.set_offset(6 * DAY)
    async with tenant_scope(system("test", tenant)) as scope:
        await release(scope, held.id, 10, "ours", failed_through_us=True)
        until = scope.now + timedelta(days=30)
    lot = (await lots_of(tenant))[100]
    assert (lot["available"], lot["expires_at"]) == (10, until)
    clock.set_offset(37 * DAY)
    assert await expire_lots() == 10
    assert await violations_of(tenant) == []


async def test_a_lot_not_due_yet_keeps_its_day(database):
    expires_at = in_days(5)
    tenant = await make_funded_tenant(100, expires_at)
    held = await make_hold(tenant, 100)
    async with tenant_scope(system("test", tenant)) as scope:
        await release(scope, held.id, 10, "ours", failed_through_us=True)
    assert (await lots_of(tenant))[100]["expires_at"] == expires_at


async def test_a_correction_never_takes_what_is_past_its_day(database):
    tenant = await make_funded_tenant(100, in_days(5))
    clock.set_offset(6 * DAY)
    async with tenant_scope(system("test", tenant)) as scope:
        with pytest.raises(Conflict, match="insufficient_credits"):
            await adjust(scope, -1, "minus", "too late")
        assert await expire_due(scope) == 100


async def test_the_line_is_used_last_and_filled_first(database):
    tenant = await make_funded_tenant(10)
    async with tenant_scope(system("test", tenant)) as scope:
        await set_credit_line(scope, 50, "line", "a good customer")
    assert (await balance_of(tenant)).available == 60
    held = await make_hold(tenant, 40)
    lots = await lots_of(tenant)
    assert (lots[10]["reserved"], lots[50]["reserved"]) == (10, 30)
    assert (await balance_of(tenant)).available == 20
    async with tenant_scope(system("test", tenant)) as scope:
        await release(scope, held.id, 30, "stopped")
    assert (await lots_of(tenant))[50]["available"] == 50
    with pytest.raises(Conflict) as refused:
        await make_hold(tenant, 51)
    assert refused.value.facts == {"required": 51, "available": 50, "missing": 1}
    assert await violations_of(tenant) == []
