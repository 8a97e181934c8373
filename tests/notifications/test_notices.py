"""Each event reaches each person it concerns once: in the bell, by mail, or as they chose."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import SessionEvent
from backend.db.scope import doorway_scope, tenant_scope
from backend.identity.queries import directory
from backend.identity.service.tenants import add_account
from backend.kernel import clock
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, system
from backend.ledger.service.holds import place_hold
from backend.ledger.service.lots import expire_lots, grant, top_up
from backend.notifications.service import noticing
from backend.notifications.states import (
    MAILED_TO,
    SEEN_BY,
    NoticeKind,
    crossed_level,
    pause_seconds,
)
from backend.outbox.service import announce
from backend.outbox.topics import Topic
from tests.browserless import Person, World
from tests.delivery.factories import make_session
from tests.notifications.post import Post, deliver, mail_rows, send_all, tell_all, text_of
from tests.notifications.test_invitations import owner_of

pytestmark = pytest.mark.anyio
PASSWORD = "clearsend-demo"


async def staffed(world: World) -> tuple[UUID, dict[MemberRole, Person]]:
    """A tenant with a person of each role, logged in."""
    people = {MemberRole.OWNER: await owner_of(world)}
    tenant_id = UUID(people[MemberRole.OWNER].tenant_id)
    for role in set(MemberRole) - {MemberRole.OWNER}:
        account_id, _ = await add_account(f"{role}@nordlys.example", role.title(), PASSWORD)
        async with doorway_scope("login", system("test")) as scope:
            await directory.insert_member(scope, tenant_id, account_id, role.value)
        people[role] = await world.log_in(f"{role}@nordlys.example")
    await tell_all()
    return tenant_id, people


async def moved(tenant_id: UUID, state: str, event: SessionEvent, **facts: Any) -> UUID:
    session_id = await make_session(tenant_id, state=state)
    async with tenant_scope(system("test", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        await move_session(scope, session, event, facts=facts)
    return session_id


async def bell(person: Person) -> list[dict[str, Any]]:
    answer = await person.get("/v1/notices")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def unread(person: Person) -> int:
    count: int = (await person.get("/v1/notices/unread")).json()["unread"]
    return count


EVENTS = [
    ("preparing", SessionEvent.FALL_SHORT, NoticeKind.AWAITING_CREDITS),
    ("preparing", SessionEvent.EXCEED_CEILING, NoticeKind.NEEDS_CONFIRMATION),
    ("awaiting_validation", SessionEvent.REFUSE, NoticeKind.REFUSED),
    ("awaiting_validation", SessionEvent.REQUEST_CHANGES, NoticeKind.CHANGES_REQUESTED),
    ("preparing", SessionEvent.LAPSE, NoticeKind.MISSED),
    ("preparing", SessionEvent.FAIL, NoticeKind.FAILED),
    ("preparing", SessionEvent.FIND_NOBODY, NoticeKind.COMPLETED),
]
FACTS = {"required": 12_000, "available": 500, "missing": 11_500, "ceiling": 11_000}


async def test_every_event_reaches_those_who_may_see_it_once(world: World, post: Post):
    tenant_id, people = await staffed(world)
    for state, event, kind in EVENTS:
        session_id = await moved(tenant_id, state, event, **FACTS)
        await tell_all(times=2)
        await send_all(post)
        for role, person in people.items():
            found = [
                one for one in await bell(person) if one["facts"]["session_id"] == str(session_id)
            ]
            expected = [kind.value] if role in SEEN_BY[kind] else []
            # A session without a campaign completes for its program, not for people.
            expected = [] if kind is NoticeKind.COMPLETED else expected
            assert [one["kind"] for one in found] == expected, (kind, role)
        wanted = set() if kind is NoticeKind.COMPLETED else MAILED_TO[kind]
        addresses = {m["To"].split("@")[0].replace("nordlys", "owner") for m in post.mails}
        assert addresses == {role.value for role in wanted}, kind
        assert len(post.mails) == len(wanted), "each once"
        post.mails.clear()


async def test_a_campaigns_completion_is_told_with_its_figures(world: World, post: Post):
    owner = await owner_of(world)
    campaign = (await owner.post("/v1/campaigns", {"name": "Spring sale"})).json()
    tenant_id, session_id = UUID(owner.tenant_id), UUID(campaign["newest_session"]["id"])
    await tell_all()
    event = UUID(int=1)
    for _ in range(2):
        await noticing.tell_of_session(tenant_id, session_id, NoticeKind.COMPLETED, event, {})
    (one,) = await bell(owner)
    assert one["facts"]["campaign"] == "Spring sale"
    assert (one["facts"]["planned"], one["facts"]["delivered"]) == (0, 0)
    await send_all(post)
    assert post.mails == []  # nobody is mailed a success unless they ask for it


async def test_the_number_missing_stands_in_bell_and_mail(world: World, post: Post):
    owner = await owner_of(world)
    await moved(UUID(owner.tenant_id), "preparing", SessionEvent.FALL_SHORT, **FACTS)
    await deliver(post)
    (one,) = await bell(owner)
    assert one["facts"]["missing"] == 11_500
    (mail,) = post.mails
    assert "11,500 credits missing" in text_of(mail)
    assert "https://desk.example/credits" in text_of(mail)


async def test_two_events_of_one_session_are_two_notices(world: World, post: Post):
    """The event is the reference, not the session: it may fall short a second time."""
    owner = await owner_of(world)
    tenant_id = UUID(owner.tenant_id)
    session_id = await moved(tenant_id, "preparing", SessionEvent.FALL_SHORT, **FACTS)
    for event in (SessionEvent.COVER, SessionEvent.FALL_SHORT):
        async with tenant_scope(system("test", tenant_id)) as scope:
            await move_session(scope, await read_session(scope, session_id), event, facts=FACTS)
    await tell_all(times=2)
    assert len(await bell(owner)) == 2


async def test_told_at_once_by_two_workers_it_is_noticed_once(world: World, post: Post):
    owner = await owner_of(world)
    tenant_id = UUID(owner.tenant_id)
    session_id = await moved(tenant_id, "preparing", SessionEvent.LAPSE)
    event = UUID(int=7)
    await asyncio.gather(
        *(
            noticing.tell_of_session(tenant_id, session_id, NoticeKind.MISSED, event, {})
            for _ in range(4)
        )
    )
    assert len(await bell(owner)) == 1
    assert len(await mail_rows()) == 1


async def test_reading_is_ones_own(world: World, post: Post):
    tenant_id, people = await staffed(world)
    owner, viewer = people[MemberRole.OWNER], people[MemberRole.VIEWER]
    await moved(tenant_id, "preparing", SessionEvent.LAPSE)
    await moved(tenant_id, "preparing", SessionEvent.LAPSE)
    await tell_all()
    assert (await unread(owner), await unread(viewer)) == (2, 2)
    first, _ = await bell(owner)
    path = f"/v1/notices/{first['id']}/read"
    read = await owner.post(path)
    assert read.json()["read_at"]
    assert (await owner.post(path)).json() == read.json()
    assert (await viewer.post(path)).status_code == 404
    assert (await unread(owner), await unread(viewer)) == (1, 2)
    assert len((await owner.get("/v1/notices?unread=true")).json()["items"]) == 1
    assert (await owner.post("/v1/notices/read")).json() == {"unread": 0}
    assert (await unread(owner), await unread(viewer)) == (0, 2)
    page = (await viewer.get("/v1/notices?limit=1")).json()
    rest = (await viewer.get(f"/v1/notices?limit=1&cursor={page['next_cursor']}")).json()
    assert page["items"][0]["id"] > rest["items"][0]["id"]


async def test_a_role_that_was_lost_takes_its_notices_with_it(world: World, post: Post):
    tenant_id, people = await staffed(world)
    sender = people[MemberRole.SENDER]
    await moved(tenant_id, "preparing", SessionEvent.FALL_SHORT, **FACTS)
    await tell_all()
    assert (len(await bell(sender)), await unread(sender)) == (1, 1)
    async with tenant_scope(system("test", tenant_id)) as scope:
        await scope.execute(
            "UPDATE members SET role = 'viewer' WHERE account_id = $1",
            UUID(sender.view["account"]["id"]),
        )
    assert (await bell(sender), await unread(sender)) == ([], 0)


async def test_everybody_chooses_for_themselves(world: World, post: Post):
    tenant_id, people = await staffed(world)
    owner, viewer = people[MemberRole.OWNER], people[MemberRole.VIEWER]
    kinds = [one["kind"] for one in (await viewer.get("/v1/notice-preferences")).json()]
    assert "low_balance" not in kinds
    assert "missed" in kinds
    refused = await viewer.put(
        "/v1/notice-preferences",
        {"preferences": [{"kind": "low_balance", "in_app": True, "by_mail": True}]},
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "kind_not_yours")
    for person, in_app, by_mail in ((owner, False, True), (viewer, True, True)):
        chosen = {"kind": "missed", "in_app": in_app, "by_mail": by_mail}
        for _ in range(2):
            saved = await person.put("/v1/notice-preferences", {"preferences": [chosen]})
            assert chosen in saved.json()
    sender = people[MemberRole.SENDER]
    nothing = {"kind": "missed", "in_app": False, "by_mail": False}
    await sender.put("/v1/notice-preferences", {"preferences": [nothing]})
    await moved(tenant_id, "preparing", SessionEvent.LAPSE)
    await tell_all(times=2)
    await send_all(post)
    assert [len(await bell(one)) for one in (owner, viewer, sender)] == [0, 1, 0]
    addresses = {mail["To"] for mail in post.mails}
    assert {"nordlys@example.com", "viewer@nordlys.example"} <= addresses
    assert "sender@nordlys.example" not in addresses


async def test_a_low_balance_is_told_when_a_level_is_crossed(world: World, post: Post):
    owner = await owner_of(world)
    tenant_id = UUID(owner.tenant_id)

    async def hold(reference: str, amount: int) -> None:
        async with tenant_scope(system("test", tenant_id)) as scope:
            await place_hold(scope, reference, None, amount)
        await tell_all(times=2)

    async with tenant_scope(system("test", tenant_id)) as scope:
        await top_up(scope, 1_000, "first")
    await hold("a", 400)
    assert await bell(owner) == []
    await hold("a", 400)  # the same hold again moves nothing and says nothing
    await hold("b", 150)
    assert [one["facts"]["level"] for one in await bell(owner)] == [500]
    await hold("c", 100)
    assert len(await bell(owner)) == 1
    await hold("d", 300)
    newest, _ = await bell(owner)
    assert (newest["facts"]["level"], newest["facts"]["available"]) == (100, 50)
    await send_all(post)
    assert [mail["Subject"] for mail in post.mails] == [
        "Low balance: 450 credits left",
        "Low balance: 50 credits left",
    ]


async def test_an_expiry_is_a_fall_too(world: World, post: Post):
    owner = await owner_of(world)
    async with tenant_scope(system("test", UUID(owner.tenant_id))) as scope:
        until = scope.now + timedelta(days=1)
        await grant(scope, 600, "short", expires_at=until)
    clock.set_offset(timedelta(days=2))
    assert await expire_lots() == 600
    assert await expire_lots() == 0
    await tell_all()
    assert [one["facts"]["level"] for one in await bell(owner)] == [100]


async def test_the_levels_are_the_tenants_own(world: World, post: Post):
    tenant_id, people = await staffed(world)
    owner, viewer = people[MemberRole.OWNER], people[MemberRole.VIEWER]
    assert (await owner.get("/v1/balance-warnings")).json() == {"levels": [500, 100]}
    for _ in range(2):
        saved = await owner.put("/v1/balance-warnings", {"levels": [50, 900, 50]})
        assert saved.json() == {"levels": [900, 50]}
    assert (await viewer.get("/v1/balance-warnings")).status_code == 403
    sender = people[MemberRole.SENDER]
    assert (await sender.put("/v1/balance-warnings", {"levels": []})).status_code == 403
    wrong = await owner.put("/v1/balance-warnings", {"levels": [0]})
    assert wrong.status_code == 422
    fall = uuid7()
    assert await noticing.tell_of_balance(tenant_id, fall, 950, 800) > 0
    assert await noticing.tell_of_balance(tenant_id, fall, 950, 800) == 0  # told twice
    assert await noticing.tell_of_balance(tenant_id, uuid7(), 800, 700) == 0
    assert await noticing.tell_of_balance(tenant_id, uuid7(), 900, 800) > 0  # was there again
    await owner.put("/v1/balance-warnings", {"levels": []})
    assert await noticing.tell_of_balance(tenant_id, uuid7(), 60, 1) == 0


def test_a_level_is_crossed_from_above_only():
    levels = (500, 100)
    assert crossed_level(levels, 600, 500) is None
    assert crossed_level(levels, 500, 499) == 500
    assert crossed_level(levels, 499, 450) is None
    assert crossed_level(levels, 700, 20) == 100
    assert crossed_level((), 700, 0) is None
    assert [pause_seconds(tries) for tries in (1, 2, 3, 12)] == [15, 30, 60, 21_600]


async def test_an_unconfirmed_address_gets_no_notice_by_mail(world: World, post: Post):
    client = world.client()
    body = {"name": "A", "email": "a@b.example", "password": PASSWORD, "tenant_name": "New"}
    view = (await client.post("/v1/signup", json=body)).json()
    await tell_all()
    await moved(UUID(view["tenant"]["id"]), "preparing", SessionEvent.LAPSE)
    await deliver(post)
    assert {mail["Subject"] for mail in post.mails} == {"Confirm your e-mail address"}


async def test_keys_and_staff_have_no_bell(world: World, post: Post):
    owner = await owner_of(world)
    body = {"name": "all", "scopes": ["reports:read", "balance:read"]}
    key = (await owner.post("/v1/api-keys", body)).json()["secret"]
    headers = {"authorization": f"Bearer {key}"}
    answer = await world.client().get("/v1/notices", headers=headers)
    assert answer.status_code == 403


SHORT: dict[str, Any] = {
    "session_id": None,
    "series_id": "00000000-0000-7000-8000-000000000007",
    "campaign_name": "Spring sale",
    "due_at": "2026-12-01T09:00:00Z",
    "required_credits": 90,
    "available_credits": 20,
    "missing_credits": 70,
}


async def test_a_shortfall_ahead_is_told_and_again_when_another_is_the_first(world, post):
    owner = await owner_of(world)
    tenant_id = UUID(owner.tenant_id)
    await tell_all()

    async def told(**changes: Any) -> int:
        async with tenant_scope(system("test", tenant_id)) as scope:
            await announce(scope, Topic.FORECAST_SHORT, SHORT | changes)
        await tell_all(times=2)
        return len(await bell(owner))

    assert await told() == 1
    assert await told(missing_credits=65) == 1, "it lacks a little less: nothing new today"
    assert await told(due_at="2026-12-02T09:00:00Z") == 2
    clock.set_offset(timedelta(days=1))
    assert await told() == 3
    (newest, *_) = await bell(owner)
    assert (newest["kind"], newest["facts"]["missing"]) == ("forecast_short", 70)
    await send_all(post)
    assert len(post.mails) == 3
    assert "2026-12-01 09:00 UTC" in text_of(post.mails[0])
    assert "70 credits missing" in text_of(post.mails[0])


async def test_a_pause_near_its_end_is_told_while_it_stands(world, post):
    owner = await owner_of(world)
    tenant_id = UUID(owner.tenant_id)
    async with tenant_scope(system("test", tenant_id)) as scope:
        await top_up(scope, 10, "test")
        hold = await place_hold(scope, "hold", None, 5)
        today = scope.now.date()
    session_id = await make_session(tenant_id, state="sending", hold_id=hold.id, session_day=today)
    ends_at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    async with tenant_scope(system("test", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        session = await move_session(
            scope, session, SessionEvent.PAUSE, pause_owner="tenant", deadline_at=ends_at
        )
    await tell_all()

    async def told(at: datetime) -> int:
        return await noticing.tell_of_pause(tenant_id, session_id, at.isoformat())

    assert await told(ends_at + timedelta(hours=1)) == 0, "an earlier pause"
    assert [await told(ends_at), await told(ends_at)] == [1, 0]
    (one,) = await bell(owner)
    assert (one["kind"], one["facts"]["session_id"]) == ("pause_ending", str(session_id))
    await send_all(post)
    (mail,) = post.mails
    assert "2026-12-01 09:00 UTC" in text_of(mail)
    async with tenant_scope(system("test", tenant_id)) as scope:
        await move_session(scope, session, SessionEvent.RESUME, pause_owner=None)
    assert await told(ends_at) == 0
