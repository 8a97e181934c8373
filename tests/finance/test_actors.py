"""Rows of money keep who it was as `kind:id`; finance reads names."""

import pytest

from backend.finance.service.desk import ACTORS_MAX
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole
from tests.browserless import Person, World

pytestmark = pytest.mark.anyio
PATH = "/v1/finance/actors"


async def id_of(person: Person) -> str:
    return str((await person.get("/v1/session")).json()["account"]["id"])


async def test_people_and_keys_have_names_and_strangers_have_none(world: World):
    owner, finance = await world.tenant(), await world.staff(StaffRole.FINANCE)
    clerk, buyer = f"staff:{await id_of(finance)}", f"member:{await id_of(owner)}"
    asked = {"name": "Shop", "scopes": ["reports:read"]}
    made = await owner.post("/v1/api-keys", json=asked)
    assert made.status_code == 201, made.text
    key = f"api_key:{made.json()['id']}"
    strangers = [f"staff:{uuid7()}", f"api_key:{uuid7()}", "system:system", "nobody", "member:1"]
    answer = await finance.get(PATH, params={"actor": [clerk, clerk, buyer, key, *strangers]})
    assert {one["actor"]: one["name"] for one in answer.json()} == {
        clerk: "Staff",
        buyer: "Owner",
        key: "Shop",
    }
    assert (await owner.get(PATH, params={"actor": clerk})).status_code in (403, 404)


async def test_as_many_as_a_page_has_rows(world: World):
    finance = await world.staff(StaffRole.FINANCE)
    for count, status in ((0, 422), (1, 200), (ACTORS_MAX, 200), (ACTORS_MAX + 1, 422)):
        actors = [f"staff:{uuid7()}" for _ in range(count)]
        answer = await finance.get(PATH, params={"actor": actors})
        assert answer.status_code == status, answer.text
