"""The ledger as CSV says what the page says: every line of the filters, and no other."""

import csv
import io
from uuid import UUID

import pytest

from backend.db.scope import tenant_scope
from backend.kernel.principal import system
from backend.ledger.service.lots import top_up
from tests.browserless import World

pytestmark = pytest.mark.anyio
MANY = 205  # more than one page


async def test_every_line_in_order_and_only_the_own(world: World):
    owner = await world.tenant("Nordlys")
    other = await world.tenant("Fjord")
    async with tenant_scope(system("test", UUID(owner.tenant_id))) as scope:
        for turn in range(MANY):
            await top_up(scope, 2, f"top-up {turn}", reason="=1+1")
    answer = await owner.get("/v1/ledger.csv")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [int(row["number"]) for row in rows] == list(range(MANY, 0, -1))
    assert [int(row["balance_after"]) for row in rows][0] == 2 * MANY
    assert {row["reason"] for row in rows} == {"'=1+1"}
    assert "top-up" not in (await other.get("/v1/ledger.csv")).text
    spent = await owner.get("/v1/ledger.csv", params={"account": "spent"})
    assert "top-up" not in spent.text


async def test_filters_that_are_none_are_refused_before_anything_is_sent(world: World):
    owner = await world.tenant("Nordlys")
    for wrong in ({"account": "gold"}, {"kind": "gift"}, {"from": "yesterday"}):
        assert (await owner.get("/v1/ledger.csv", params=wrong)).status_code == 422
