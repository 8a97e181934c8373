"""Balance and statement: over HTTP for the people who may see them, and page by page."""

import pytest

from backend.db.scope import tenant_scope
from backend.kernel.errors import InvalidInput
from backend.kernel.ids import uuid7
from backend.kernel.principal import (
    KeyScope,
    MemberRole,
    Principal,
    PrincipalKind,
    StaffRole,
    system,
)
from backend.ledger.schemas import StatementFilter
from backend.ledger.service.balance import sees_balance
from backend.ledger.service.holds import capture, release_rest
from backend.ledger.service.lots import top_up
from backend.ledger.service.trace import statement
from backend.ledger.states import LedgerAccount, TransferKind
from tests.browserless import World
from tests.factories import member_of
from tests.ledger.factories import make_funded_tenant, make_hold

pytestmark = pytest.mark.anyio


async def test_the_statement_runs_through_every_balance(database):
    tenant = await make_funded_tenant(100)
    held = await make_hold(tenant, 60)
    async with tenant_scope(system("test", tenant)) as scope:
        await capture(scope, held.id, 50, "window")
        await release_rest(scope, held.id, "rest")
        page = await statement(scope)
        spent = await statement(scope, StatementFilter(LedgerAccount.SPENT))
    lines = [(x.kind, x.credits_in, x.credits_out, x.balance_after) for x in page.items]
    assert lines == [
        (TransferKind.RELEASED, 10, 0, 50),
        (TransferKind.HELD, 0, 60, 40),
        (TransferKind.TOPPED_UP, 100, 0, 100),
    ]
    assert [(x.kind, x.credits_in) for x in spent.items] == [(TransferKind.CAPTURED, 50)]


async def test_pages_of_the_statement_follow_the_cursor_while_credits_move(database):
    tenant = await make_funded_tenant(100)
    numbers, cursor = [], None
    async with tenant_scope(system("test", tenant)) as scope:
        for turn in range(4):
            await top_up(scope, 1, f"top-up {turn}")
        while True:
            page = await statement(scope, cursor=cursor, limit=2)
            numbers += [line.number for line in page.items]
            cursor = page.next_cursor
            await top_up(scope, 1, f"meanwhile {len(numbers)}")
            if cursor is None:
                break
        with pytest.raises(InvalidInput):
            await statement(scope, cursor="bad")
        with pytest.raises(InvalidInput):
            await statement(scope, limit=0)
    assert numbers == [5, 4, 3, 2, 1]


async def test_members_see_their_own_and_finance_sees_each(world: World):
    owner = await world.tenant("Nordlys")
    other = await world.tenant("Fjord")
    finance = await world.staff(StaffRole.FINANCE)
    moderator = await world.staff(StaffRole.MODERATOR)
    body = {
        "amount_credits": 500,
        "method": "bank_transfer",
        "reference": "bank-1",
        "reason": "invoice 77",
    }
    made = await finance.post(f"/v1/tenants/{owner.tenant_id}/top-ups", json=body)
    assert made.status_code == 201, made.text

    balance = (await owner.get("/v1/balance")).json()
    assert (balance["available"], balance["held"], balance["receivable"]) == (500, 0, 0)
    assert (await other.get("/v1/balance")).json()["available"] == 0
    lines = (await owner.get("/v1/ledger")).json()["items"]
    assert [(line["kind"], line["credits_in"]) for line in lines] == [("topped_up", 500)]
    assert (await owner.get("/v1/ledger", params={"account": "spent"})).json()["items"] == []
    assert (await owner.get("/v1/ledger", params={"account": "gold"})).status_code == 422

    seen = (await finance.get(f"/v1/tenants/{owner.tenant_id}/balance")).json()
    assert seen == balance
    theirs = (await finance.get(f"/v1/tenants/{owner.tenant_id}/ledger")).json()
    assert theirs["items"] == lines
    nowhere = "/v1/tenants/01890a5d-ac96-774b-bcce-b302099a8057/balance"
    assert (await finance.get(nowhere)).status_code == 404
    for path in ("balance", "ledger"):
        refused = await moderator.get(f"/v1/tenants/{owner.tenant_id}/{path}")
        assert refused.status_code == 403
    assert (await owner.get(f"/v1/tenants/{other.tenant_id}/balance")).status_code in (403, 404)


async def test_whom_a_balance_is_shown():
    for role in MemberRole:
        asks = member_of(uuid7(), role)
        assert sees_balance(asks) is (role not in (MemberRole.VIEWER, MemberRole.EDITOR)), role
    for scope, sees in ((KeyScope.BALANCE_READ, True), (KeyScope.SESSIONS_WRITE, False)):
        key = Principal(
            kind=PrincipalKind.API_KEY,
            key_id=uuid7(),
            tenant_id=uuid7(),
            key_scopes=frozenset({scope}),
        )
        assert sees_balance(key) is sees
    assert sees_balance(system("clock"))
