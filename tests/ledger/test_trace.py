"""Every balance is explained: by the statement, at any instant, from charges to lots and back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from backend.db.scope import tenant_scope
from backend.kernel import clock
from backend.kernel.errors import InvalidInput, NotFound
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole, system
from backend.ledger.schemas import StatementFilter
from backend.ledger.service.disputes import freeze_top_up
from backend.ledger.service.holds import capture, place_hold, release, return_spent
from backend.ledger.service.lots import grant, top_up
from backend.ledger.service.refunds import refund
from backend.ledger.service.trace import (
    balances_at,
    lot,
    lots_of_tenant,
    lots_of_transfer,
    statement,
    transfers_of_lot,
    uses_of_lot,
)
from backend.ledger.states import DecisionKind, LedgerAccount, TransferKind
from tests.browserless import World
from tests.factories import make_tenant
from tests.ledger.factories import ask, lots_of

pytestmark = pytest.mark.anyio
SESSION = uuid7()


@pytest.fixture
def days():
    def pass_days(number: int) -> datetime:
        clock.set_offset(timedelta(days=number))
        return datetime.now(UTC) + timedelta(days=number)

    return pass_days


async def story(days):
    """Bought and given on day 0, held and charged on day 10, refunded on day 20."""
    tenant = await make_tenant()
    await ask(tenant, top_up, 10, "first", expires_at=days(0) + timedelta(days=365))
    await ask(tenant, top_up, 100, "second")
    days(10)
    held = await ask(tenant, place_hold, "hold", SESSION, 30)
    charge = await ask(tenant, capture, held.id, 12, "window")
    days(20)
    await ask(tenant, refund, "second", 25, "refund", "asked for")
    return tenant, held, charge


async def test_a_charge_names_its_lots(database, days):
    tenant, held, charge = await story(days)
    view = await ask(tenant, lots_of_transfer, charge.transfer_id)
    assert (view.transfer.kind, view.transfer.amount) == (TransferKind.CAPTURED, 12)
    assert (view.transfer.hold_id, view.transfer.session_id) == (held.id, SESSION)
    assert [part.credits for part in view.parts] == [10, 2]
    with pytest.raises(NotFound):
        await ask(tenant, lots_of_transfer, uuid7())
    with pytest.raises(NotFound):
        await ask(await make_tenant(), lots_of_transfer, charge.transfer_id)


async def test_a_lot_names_what_used_it_and_what_was_decided(database, days):
    tenant, held, _ = await story(days)
    second = (await lots_of(tenant))[100]["id"]
    await ask(tenant, freeze_top_up, "second", "opened", reason="unrecognised")
    traced = await ask(tenant, lot, second)
    assert (traced.lot.spent, traced.lot.reserved, traced.lot.frozen) == (2, 18, 55)
    assert [(one.kind, one.subject) for one in traced.decisions] == [
        (DecisionKind.DISPUTE_OPENED, "second"),
        (DecisionKind.REFUND, "second"),
    ]
    uses = (await ask(tenant, uses_of_lot, second)).items
    assert [(one.hold_id, one.session_id, one.reserved, one.captured) for one in uses] == [
        (held.id, SESSION, 20, 2)
    ]
    kinds = [line.kind.value for line in (await ask(tenant, transfers_of_lot, second)).items]
    assert kinds == ["frozen", "refunded", "captured", "held", "topped_up"]
    for asked in (lot, uses_of_lot, transfers_of_lot):
        with pytest.raises(NotFound):
            await ask(tenant, asked, uuid7())


async def test_pages_of_lots_uses_and_transfers(database):
    tenant = await make_tenant()
    for number in range(3):
        await ask(tenant, grant, number + 1, f"gift {number}")
    page = await ask(tenant, lots_of_tenant, limit=2)
    assert [one.amount for one in page.items] == [3, 2]
    rest = await ask(tenant, lots_of_tenant, limit=2, cursor=page.next_cursor)
    assert ([one.amount for one in rest.items], rest.next_cursor) == ([1], None)
    held = [await ask(tenant, place_hold, f"hold {n}", None, 1) for n in range(3)]
    third = (await lots_of(tenant))[3]["id"]
    first = (await lots_of(tenant))[1]["id"]
    assert [x.hold_id for x in (await ask(tenant, uses_of_lot, first)).items] == [held[0].id]
    assert (await ask(tenant, uses_of_lot, third)).items == []
    await ask(tenant, capture, held[0].id, 1, "all of the first")
    assert [x.amount for x in (await ask(tenant, lots_of_tenant, is_open=True)).items] == [3, 2]
    moved = await ask(tenant, transfers_of_lot, first, limit=2)
    assert [x.kind.value for x in moved.items] == ["captured", "held"]
    moved = await ask(tenant, transfers_of_lot, first, limit=2, cursor=moved.next_cursor)
    assert [x.kind.value for x in moved.items] == ["granted"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["refunded", "held", "topped_up", "topped_up"]),
        ({"kind": TransferKind.HELD}, ["held"]),
        ({"kind": TransferKind.REFUNDED}, ["refunded"]),
        ({"kind": TransferKind.EXPIRED}, []),
        ({"session_id": SESSION}, ["held"]),
        ({"session_id": uuid7()}, []),
        ({"actor": system("factory").actor}, ["refunded", "held", "topped_up", "topped_up"]),
        ({"actor": "somebody else"}, []),
        ({"since": 5}, ["refunded", "held"]),
        ({"until": 5}, ["topped_up", "topped_up"]),
        ({"since": 5, "until": 15}, ["held"]),
        ({"since": 15, "until": 5}, []),
        ({"until": -5}, []),
    ],
)
async def test_a_statement_shows_what_is_asked_for(database, days, asked, found):
    tenant, _, _ = await story(days)
    moments = {
        name: datetime.now(UTC) + timedelta(days=value)
        for name, value in asked.items()
        if name in ("since", "until")
    }
    page = await ask(tenant, statement, StatementFilter(LedgerAccount.AVAILABLE, **asked | moments))
    assert [line.kind.value for line in page.items] == found


async def test_any_account_at_any_instant(database, days):
    tenant, held, _ = await story(days)
    await ask(tenant, release, held.id, 8, "rejected")
    await ask(tenant, return_spent, held.id, 1, "undelivered")
    now = datetime.now(UTC)

    async def at(day: float) -> dict[str, int]:
        view = await ask(tenant, balances_at, now + timedelta(days=day))
        return {name: getattr(view, name) for name in LedgerAccount if getattr(view, name)}

    assert await at(-1) == {}
    assert await at(5) == {"issued": -110, "available": 110}
    assert await at(15) == {"issued": -110, "available": 80, "held": 18, "spent": 12}
    assert (await ask(tenant, balances_at)).refunded == 25
    assert await at(25) == {
        "issued": -110,
        "available": 64,
        "held": 10,
        "spent": 11,
        "refunded": 25,
    }
    for wrong in (datetime(1999, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)):
        with pytest.raises(InvalidInput):
            await ask(tenant, balances_at, wrong)


async def test_members_trace_their_own_and_finance_each(world: World):
    owner = await world.tenant("Nordlys")
    other = await world.tenant("Fjord")
    finance = await world.staff(StaffRole.FINANCE)
    moderator = await world.staff(StaffRole.MODERATOR)
    async with tenant_scope(system("test", UUID(str(owner.tenant_id)))) as scope:
        await top_up(scope, 100, "bought")
        held = await place_hold(scope, "hold", SESSION, 30)
        charge = await capture(scope, held.id, 12, "window")
        lot_id = await scope.value("SELECT id FROM ledger_lots")
    instant = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    theirs = f"/v1/tenants/{owner.tenant_id}/ledger"
    for path, query in (
        ("", {"kind": "held", "session_id": str(SESSION), "from": "2026-01-01T00:00:00Z"}),
        ("/balances", {"at": instant}),
        (f"/transfers/{charge.transfer_id}", {}),
        ("/lots", {"open": "true"}),
        (f"/lots/{lot_id}", {}),
        (f"/lots/{lot_id}/uses", {}),
        (f"/lots/{lot_id}/transfers", {}),
    ):
        mine = await owner.get(f"/v1/ledger{path}", params=query)
        seen = await finance.get(f"{theirs}{path}", params=query)
        assert (mine.status_code, mine.json()) == (seen.status_code, seen.json())
        assert mine.status_code == 200, mine.text
        assert (await moderator.get(f"{theirs}{path}", params=query)).status_code == 403
        alien = await other.get(f"/v1/ledger{path}", params=query)
        if path.count("/") > 1:
            assert alien.status_code == 404
        else:
            assert alien.json() != mine.json() or not alien.json()["items"]
    bad = await owner.get("/v1/ledger/balances", params={"at": "0001-01-01T00:00:00+23:59"})
    assert bad.status_code == 422
    naive = await owner.get("/v1/ledger", params={"from": "2026-01-01T00:00:00"})
    assert naive.status_code == 422
