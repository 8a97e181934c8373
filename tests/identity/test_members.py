"""Members: who may change whose role, and that somebody always owns the workspace."""

import asyncio

import pytest

from backend.kernel.ids import uuid7
from tests.browserless import World
from tests.notifications.test_invitations import member_of, owner_of

pytestmark = pytest.mark.anyio


def told(answer):
    return answer.status_code, answer.json().get("code") if answer.content else None


def path_of(person) -> str:
    return f"/v1/members/{person.view['account']['id']}"


async def roles(owner) -> dict[str, str]:
    return {one["name"]: one["role"] for one in (await owner.get("/v1/members")).json()}


async def test_a_role_changes_with_the_next_click(world: World):
    owner = await owner_of(world)
    ola = await member_of(world, owner, "ola@nordlys.example", "viewer")
    assert told(await ola.post("/v1/campaigns", {"name": "Mine"}))[0] == 403
    changed = await owner.patch(path_of(ola), json={"role": "editor"})
    assert (changed.status_code, changed.json()["role"]) == (200, "editor")
    assert (await ola.post("/v1/campaigns", {"name": "Mine"})).status_code == 201
    assert (await owner.patch(path_of(ola), json={"role": "editor"})).status_code == 200
    assert told(await owner.patch(path_of(ola), json={"role": "king"}))[0] == 422


async def test_somebody_removed_is_out_with_the_next_click(world: World):
    owner = await owner_of(world)
    ola = await member_of(world, owner, "ola@nordlys.example", "manager")
    assert (await ola.get("/v1/members")).status_code == 200
    assert (await owner.delete(path_of(ola))).status_code == 204
    assert (await ola.get("/v1/members")).status_code == 401
    assert await roles(owner) == {"Ingrid": "owner"}
    assert told(await owner.delete(path_of(ola))) == (404, "not_found")
    assert told(await owner.patch(path_of(ola), json={"role": "editor"})) == (404, "not_found")


async def test_only_owners_touch_owners(world: World):
    owner = await owner_of(world)
    ola = await member_of(world, owner, "ola@nordlys.example", "manager")
    for answer in (
        await ola.patch(path_of(ola), json={"role": "owner"}),
        await ola.patch(path_of(owner), json={"role": "viewer"}),
        await ola.delete(path_of(owner)),
    ):
        assert told(answer) == (403, "role_too_high")
    assert (await ola.patch(path_of(ola), json={"role": "viewer"})).status_code == 200
    assert told(await ola.delete(path_of(ola)))[0] == 403
    assert await roles(owner) == {"Ingrid": "owner", "Manager": "viewer"}


async def test_a_manager_makes_nobody_who_pays(world: World):
    owner = await owner_of(world)
    ola = await member_of(world, owner, "ola@nordlys.example", "manager")
    kari = await member_of(world, owner, "kari@nordlys.example", "billing")
    eva = await member_of(world, owner, "eva@nordlys.example", "sender")
    for answer in (
        await ola.patch(path_of(ola), json={"role": "billing"}),
        await ola.patch(path_of(eva), json={"role": "billing"}),
        await ola.patch(path_of(kari), json={"role": "viewer"}),
        await ola.delete(path_of(kari)),
    ):
        assert told(answer) == (403, "role_too_high")
    assert (await owner.patch(path_of(eva), json={"role": "billing"})).status_code == 200


async def test_the_last_owner_cannot_leave(world: World):
    owner = await owner_of(world)
    ola = await member_of(world, owner, "ola@nordlys.example", "manager")
    assert told(await owner.delete(path_of(owner))) == (409, "last_owner")
    lower = await owner.patch(path_of(owner), json={"role": "manager"})
    assert told(lower) == (409, "last_owner")
    assert (await owner.patch(path_of(owner), json={"role": "owner"})).status_code == 200
    assert (await owner.patch(path_of(ola), json={"role": "owner"})).status_code == 200
    both = await asyncio.gather(owner.delete(path_of(owner)), ola.delete(path_of(ola)))
    assert sorted(answer.status_code for answer in both) == [204, 409]


async def test_another_workspaces_member_is_none(world: World):
    owner, other = await owner_of(world), await owner_of(world, "Other")
    assert told(await owner.delete(path_of(other))) == (404, "not_found")
    unknown = f"/v1/members/{uuid7()}"
    assert told(await owner.patch(unknown, json={"role": "viewer"})) == (404, "not_found")
