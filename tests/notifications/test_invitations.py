"""Members come by invitation: one address, one role, a week, and never above the inviter's own."""

import asyncio
from datetime import timedelta

import pytest

from backend.db.scope import doorway_scope, tenant_scope
from backend.identity.queries import directory
from backend.identity.service.login import DEMO_PASSWORD
from backend.identity.service.tenants import add_account, add_tenant
from backend.kernel import clock
from backend.kernel.principal import system
from tests.browserless import Person, World
from tests.notifications.post import Post, deliver, secret_of, text_of

pytestmark = pytest.mark.anyio
OLA = "ola@nordlys.example"


async def owner_of(world: World, name: str = "Nordlys") -> Person:
    """No demo account: its mails leave."""
    address = f"{name.lower()}@example.com"
    account_id, _ = await add_account(address, "Ingrid", DEMO_PASSWORD)
    await add_tenant(name, account_id, status="active", country="NO")
    return await world.log_in(address)


async def member_of(world: World, owner: Person, email: str, role: str) -> Person:
    account_id, _ = await add_account(email, role.title(), DEMO_PASSWORD)
    async with doorway_scope("login", system("test")) as scope:
        await directory.insert_member(scope, owner.view["tenant"]["id"], account_id, role)
    return await world.log_in(email)


async def invited(owner: Person, post: Post, email: str = OLA, role: str = "sender") -> str:
    answer = await owner.post("/v1/invitations", {"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    await deliver(post)
    return secret_of(post.to(email.lower())[-1])


def new(token: str, **changes: str) -> dict[str, str]:
    return {"token": token, "name": "Ola", "password": "long enough words", **changes}


async def test_a_new_person_joins_with_the_role_they_were_invited_to(world: World, post: Post):
    owner = await owner_of(world)
    token = await invited(owner, post, "Ola@Nordlys.example", "editor")
    mail = post.mails[-1]
    assert mail["Subject"] == "Ingrid invites you to Nordlys"
    assert "as an editor" in text_of(mail)
    client = world.client()
    offer = (await client.post("/v1/invitation/offer", json={"token": token})).json()
    assert offer["tenant_name"] == "Nordlys"
    assert (offer["role"], offer["email"], offer["has_account"]) == ("editor", OLA, False)
    answer = await client.post("/v1/invitation/accept-new", json=new(token))
    assert answer.status_code == 201, answer.text
    view = answer.json()
    assert (view["member_role"], view["tenant"]["name"]) == ("editor", "Nordlys")
    assert view["account"]["is_email_confirmed"] is True
    assert (await client.get("/v1/session")).status_code == 200
    names = {m["name"]: m["role"] for m in (await owner.get("/v1/members")).json()}
    assert names == {"Ingrid": "owner", "Ola": "editor"}
    assert (await owner.get("/v1/invitations")).json() == []
    again = await world.client().post("/v1/invitation/offer", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (409, "invitation_accepted")


async def test_somebody_with_an_account_logs_in_to_accept(world: World, post: Post):
    owner, other = await owner_of(world), await owner_of(world, "Other")
    token = await invited(owner, post, "other@example.com", "viewer")
    refused = await world.client().post("/v1/invitation/accept-new", json=new(token))
    assert (refused.status_code, refused.json()["code"]) == (409, "account_exists")
    stranger = await owner_of(world, "Stranger")
    wrong = await stranger.post("/v1/invitation/accept", {"token": token})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "other_account")
    cookie = other.client.cookies["clearsend_session"]
    answer = await other.post("/v1/invitation/accept", {"token": token})
    assert answer.status_code == 200, answer.text
    assert answer.json()["tenant"]["name"] == "Nordlys"
    assert answer.json()["member_role"] == "viewer"
    assert other.client.cookies["clearsend_session"] != cookie
    nobody = await world.client().post("/v1/invitation/accept", json={"token": token})
    assert nobody.status_code == 401


async def test_two_acceptances_at_once_make_one_member(world: World, post: Post):
    owner = await owner_of(world)
    token = await invited(owner, post)
    answers = await asyncio.gather(
        *(world.client().post("/v1/invitation/accept-new", json=new(token)) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert len((await owner.get("/v1/members")).json()) == 2


async def test_an_invitation_taken_back_or_too_old_opens_nothing(world: World, post: Post):
    owner = await owner_of(world)
    token = await invited(owner, post)
    (listed,) = (await owner.get("/v1/invitations")).json()
    clock.set_offset(timedelta(days=8))
    late = await world.client().post("/v1/invitation/accept-new", json=new(token))
    assert (late.status_code, late.json()["code"]) == (409, "invitation_expired")
    clock.set_offset(timedelta(0))
    path = f"/v1/invitations/{listed['id']}"
    for _ in range(2):
        revoked = await owner.delete(path)
        assert revoked.status_code == 200
        assert revoked.json()["revoked_at"]
    gone = await world.client().post("/v1/invitation/accept-new", json=new(token))
    assert (gone.status_code, gone.json()["code"]) == (409, "invitation_revoked")
    resent = await owner.post(f"{path}/resend")
    assert (resent.status_code, resent.json()["code"]) == (409, "invitation_revoked")
    unknown = await world.client().post("/v1/invitation/offer", json={"token": "x" * 43})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "invitation_unknown")


async def test_sent_again_it_stands_a_week_from_then(world: World, post: Post):
    owner = await owner_of(world)
    first = await invited(owner, post)
    (listed,) = (await owner.get("/v1/invitations")).json()
    clock.set_offset(timedelta(days=5))
    resent = await owner.post(f"/v1/invitations/{listed['id']}/resend")
    assert resent.json()["expires_at"] > listed["expires_at"]
    await deliver(post)
    second = secret_of(post.to(OLA)[-1])
    clock.set_offset(timedelta(days=11))
    old = await world.client().post("/v1/invitation/offer", json={"token": first})
    assert (old.status_code, old.json()["code"]) == (409, "invitation_expired")
    answer = await world.client().post("/v1/invitation/accept-new", json=new(second))
    assert answer.status_code == 201


async def test_who_is_here_or_invited_is_not_invited_again(world: World, post: Post):
    owner = await owner_of(world)
    itself = await owner.post("/v1/invitations", {"email": "nordlys@example.com", "role": "viewer"})
    assert (itself.status_code, itself.json()["code"]) == (409, "already_member")
    await invited(owner, post)
    twice = await owner.post("/v1/invitations", {"email": OLA, "role": "viewer"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_invited")
    # One that ended by itself is no obstacle.
    clock.set_offset(timedelta(days=8))
    assert (
        await owner.post("/v1/invitations", {"email": OLA, "role": "viewer"})
    ).status_code == 201


async def test_the_same_request_again_is_no_mail(world: World, post: Post):
    """However often a program repeats it, the answer is the first one's, and no limit is used."""
    owner = await owner_of(world)
    body = {"email": OLA, "role": "viewer"}
    for act in ("", "/{id}/resend"):
        invitations = (await owner.get("/v1/invitations")).json()
        path = f"/v1/invitations{act}".replace("{id}", invitations[0]["id"] if act else "")
        told = [
            await owner.post(path, {} if act else body, headers={"idempotency-key": path})
            for _ in range(5)
        ]
        assert {answer.content for answer in told} == {told[0].content}
        assert told[0].status_code < 300, told[0].text


async def test_b58_nobody_invites_above_themselves(world: World, post: Post):
    owner = await owner_of(world)
    manager = await member_of(world, owner, "manager@nordlys.example", "manager")
    sender = await member_of(world, owner, "sender@nordlys.example", "sender")
    for role in ("owner", "billing"):
        refused = await manager.post("/v1/invitations", {"email": OLA, "role": role})
        assert (refused.status_code, refused.json()["code"]) == (403, "role_too_high")
    allowed = await manager.post("/v1/invitations", {"email": OLA, "role": "manager"})
    assert allowed.status_code == 201
    for call in (sender.get("/v1/invitations"), sender.delete(f"/v1/invitations/{OLA}")):
        assert (await call).status_code in {403, 404}
    asked = await sender.post("/v1/invitations", {"email": "x@y.example", "role": "viewer"})
    assert (asked.status_code, asked.json()["code"]) == (403, "role_missing")


async def test_another_tenants_invitation_is_not_there(world: World, post: Post):
    owner, other = await owner_of(world), await owner_of(world, "Other")
    await invited(owner, post)
    (listed,) = (await owner.get("/v1/invitations")).json()
    assert (await other.get("/v1/invitations")).json() == []
    for answer in (
        await other.delete(f"/v1/invitations/{listed['id']}"),
        await other.post(f"/v1/invitations/{listed['id']}/resend"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_one_address_is_not_flooded(world: World, post: Post):
    owner = await owner_of(world)
    await invited(owner, post)
    (listed,) = (await owner.get("/v1/invitations")).json()
    path = f"/v1/invitations/{listed['id']}/resend"
    statuses = [(await owner.post(path)).status_code for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 429, 429]


async def test_the_same_request_again_is_the_same_invitation(world: World, post: Post):
    owner = await owner_of(world)
    body = {"email": OLA, "role": "viewer"}
    headers = {"idempotency-key": "invite-1"}
    first = await owner.post("/v1/invitations", body, headers=headers)
    await deliver(post)
    second = await owner.post("/v1/invitations", body, headers=headers)
    assert first.status_code == 201
    assert (second.status_code, second.json()) in [
        (201, first.json()),
        (409, second.json()),
    ]
    assert len(post.mails) == 1


async def test_joining_is_written_down(world: World, post: Post):
    owner = await owner_of(world)
    token = await invited(owner, post)
    await world.client().post("/v1/invitation/accept-new", json=new(token))
    async with tenant_scope(system("test", owner.view["tenant"]["id"])) as scope:
        rows = await scope.rows("SELECT action FROM audit_log ORDER BY id")
    assert [row["action"] for row in rows][-2:] == ["invitation.made", "member.joined"]
