"""Subscribers, groups, opt-outs and contacts through the use-case door."""

import asyncio
import contextvars
from datetime import timedelta

import asyncpg
import pytest

from backend.audience.schemas.people import (
    AttributeCreate,
    GroupCreate,
    GroupUpdate,
    MembershipChange,
    OptOutCreate,
    SubscriberCreate,
    SubscriberUpdate,
)
from backend.audience.service import contacts, groups, people
from backend.audience.states import AttributeKind, ContactKind
from backend.db.scope import tenant_scope
from backend.kernel.errors import Conflict, InvalidInput, NotFound, StateConflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import KeyScope, MemberRole, Principal, PrincipalKind
from tests.audience.factories import csv_of, imported, make_subscriber, parsed
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio
PHONE = "+4791234567"
OTHER = "+4791234568"


async def test_a_subscriber_is_made_once_a_number(me):
    made = await make_subscriber(me, "912 34 567", default_country="NO", name="Ada")
    assert (made.phone, made.country, made.version) == (PHONE, "NO", 1)
    with pytest.raises(Conflict) as refused:
        await make_subscriber(me, PHONE)
    assert refused.value.code == "subscriber_exists"
    assert refused.value.facts["subscriber_id"] == made.id
    other = member_of(await make_tenant())
    assert (await make_subscriber(other, PHONE)).id != made.id
    with pytest.raises(NotFound):
        await people.read_subscriber(other, made.id)


async def test_beginnings_of_numbers_tell_nothing_to_who_sees_them_masked(me):
    made = await make_subscriber(me, PHONE, name="Ada")
    viewer = member_of(me.tenant_id, MemberRole.VIEWER)
    key = Principal(
        kind=PrincipalKind.API_KEY,
        tenant_id=me.tenant_id,
        key_id=uuid7(),
        key_scopes=frozenset({KeyScope.SUBSCRIBERS_READ}),
    )
    for who in (viewer, key):
        for beginning in ("+47", "4791", "+4791234", "0047912345", "+479123456"):
            assert not (await people.list_subscribers(who, search=beginning)).items, beginning
        for search in (PHONE, "0047 912 34 567", "ada"):
            (found,) = (await people.list_subscribers(who, search=search)).items
            assert (found.id, found.phone) == (made.id, "+47 91• ••• 67")
    (found,) = (await people.list_subscribers(me, search="+4791")).items
    assert found.phone == PHONE


async def test_a_wrong_number_says_which_field(me):
    with pytest.raises(InvalidInput) as refused:
        await make_subscriber(me, "+1800FLOWERS")
    assert refused.value.code == "phone_letters_not_allowed"
    assert refused.value.errors[0].pointer == "/phone"


async def test_attributes_must_be_defined_and_have_their_kind(me):
    kind = AttributeKind.NUMBER
    made = await groups.create_attribute(me, AttributeCreate(label="Loyalty  Points", kind=kind))
    assert made.name == "loyalty points"
    with pytest.raises(Conflict):
        await groups.create_attribute(me, AttributeCreate(label="LOYALTY POINTS"))
    for label in ("email", "a[b", "x" * 41):
        with pytest.raises(InvalidInput):
            await groups.create_attribute(me, AttributeCreate(label=label))
    with pytest.raises(InvalidInput) as refused:
        await make_subscriber(me, attributes={"Loyalty Points": "many", "a/b": 1})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/attributes/Loyalty Points", "value_invalid"),
        ("/attributes/a~1b", "unknown_attribute"),
    ]
    person = await make_subscriber(me, attributes={"LOYALTY points": 12.50})
    assert person.attributes == {"loyalty points": "12.5"}
    with pytest.raises(Conflict) as used:
        await groups.delete_attribute(me, "Loyalty points")
    assert used.value.code == "attribute_in_use"
    change = SubscriberUpdate(version=1, attributes={"loyalty points": None})
    assert (await people.update_subscriber(me, person.id, change)).attributes == {}
    await groups.delete_attribute(me, "Loyalty points")
    assert await groups.list_attributes(me) == []


async def test_an_update_keeps_what_it_does_not_name(me):
    made = await make_subscriber(me, name="Ada", email="a@b.no", language="nb-NO")
    change = SubscriberUpdate(version=1, name=None, time_zone="Europe/Oslo")
    now = await people.update_subscriber(me, made.id, change)
    assert (now.name, now.email, now.time_zone) == (None, "a@b.no", "Europe/Oslo")
    with pytest.raises(StateConflict) as stale:
        await people.update_subscriber(me, made.id, change)
    assert (stale.value.code, stale.value.facts) == ("version_conflict", {"version": 2})
    with pytest.raises(InvalidInput):
        await people.update_subscriber(me, made.id, SubscriberUpdate(version=2, time_zone="X/Y"))


async def test_b63_search_is_literal_and_by_prefix(me):
    await make_subscriber(me, PHONE, name="Ada %Lovelace")
    await make_subscriber(me, OTHER, name="Adam")
    await make_subscriber(me, "+33612345678", name="100% Zoë")

    async def found(text: str) -> set[str | None]:
        return {p.name for p in (await people.list_subscribers(me, search=text)).items}

    assert await found("ada") == {"Ada %Lovelace", "Adam"}
    assert await found("ADA %") == {"Ada %Lovelace"}
    assert await found("%") == set()
    assert await found("100%") == {"100% Zoë"}
    assert await found("(a+)+$") == set()
    assert await found("+47 912 345") == {"Ada %Lovelace", "Adam"}
    assert await found("4791234567") == {"Ada %Lovelace"}
    with pytest.raises(InvalidInput):
        await found("%" * 10_000)


async def test_a_first_and_a_last_name_are_a_name(me, files):
    await imported(
        me,
        csv_of(
            "phone;First name;Last name;name",
            f"{PHONE};Zoë;Berg;",
            f"{OTHER};;Aas;",
            "+33612345678;Ada;King;Lovelace",
            f"+33612345679;{'Long ' * 190};;",
        ),
    )

    async def found(text: str) -> set[str | None]:
        return {p.full_name for p in (await people.list_subscribers(me, search=text)).items}

    assert await found("zoë b") == {"Zoë Berg"}
    assert await found("aas") == {"Aas"}
    assert await found("love") == {"Lovelace"}
    assert await found("ada") == set(), "shown by another name"
    assert len(await found("long long")) == 1
    (zoe,) = (await people.list_subscribers(me, search="zoë")).items
    assert zoe.name is None
    await people.update_subscriber(me, zoe.id, SubscriberUpdate(version=1, name="Zoë Lie"))
    assert (await found("zoë b"), await found("zoë l")) == (set(), {"Zoë Lie"})


async def test_pages_go_by_key(me):
    made = {(await make_subscriber(me, f"+479123456{n}")).id for n in range(7)}
    seen, cursor = [], None
    while True:
        page = await people.list_subscribers(me, cursor=cursor, limit=3)
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == made


async def test_numbers_are_masked_for_viewers_and_plain_keys(me):
    made = await make_subscriber(me, PHONE)
    viewer = member_of(me.tenant_id, MemberRole.VIEWER)
    assert PHONE[-5:] not in (await people.read_subscriber(viewer, made.id)).phone
    key = Principal(
        kind=PrincipalKind.API_KEY,
        key_id=uuid7(),
        tenant_id=me.tenant_id,
        key_scopes=frozenset({KeyScope.SUBSCRIBERS_READ}),
    )
    assert "•" in (await people.list_subscribers(key)).items[0].phone
    await contacts.create_opt_out(me, OptOutCreate(phone=PHONE, evidence="asked"))
    assert "•" in (await contacts.list_opt_outs(viewer)).items[0].phone
    assert (await people.read_subscriber(me, made.id)).phone == PHONE


async def test_erasing_forgets_the_person_and_keeps_the_opt_out(me, database):
    made = await make_subscriber(me, PHONE, name="Ada")
    group = await groups.create_group(me, GroupCreate(name="A"))
    await groups.add_to_group(me, group.id, MembershipChange(subscriber_ids=[made.id]))
    await contacts.create_opt_out(me, OptOutCreate(phone=PHONE, evidence="asked"))
    await parsed(me, f"phone,name\n{PHONE},Ada\n".encode())
    async with tenant_scope(me) as scope:
        await contacts.record_contacts(scope, ContactKind.DELIVERED, [PHONE, OTHER])
    await contacts.fold_contacts(timedelta(0))
    async with tenant_scope(me) as scope:
        for window in ([PHONE], [OTHER, PHONE]):
            await contacts.record_contacts(scope, ContactKind.ACCEPTED, window)
    await people.erase_subscriber(me, made.id)
    with pytest.raises(NotFound):
        await people.read_subscriber(me, made.id)
    with pytest.raises(NotFound):
        await people.erase_subscriber(me, made.id)
    async with tenant_scope(me) as scope:  # it was on its way
        await contacts.record_contacts(scope, ContactKind.DELIVERED, [PHONE])
    for _ in range(2):
        await people.forget_subscriber(me.tenant_id, made.id, PHONE)
    connection = await database.connect()
    try:
        row = await connection.fetchrow("SELECT * FROM subscribers")
        assert (row["state"], row["phone"], row["name"]) == ("erased", None, None)
        for table in ("group_members", "import_rows"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
        # Of those who shared a window with them nothing is forgotten, folded or not.
        assert await connection.fetchval("SELECT phones FROM contact_events") == [OTHER]
        assert await connection.fetchval("SELECT array_agg(phone) FROM contact_totals") == [OTHER]
        topics = await connection.fetch("SELECT topic FROM outbox")
        assert "subscriber.erased" in {topic["topic"] for topic in topics}
    finally:
        await connection.close()
    assert (await make_subscriber(me, PHONE)).is_opted_out
    async with tenant_scope(me) as scope:
        await contacts.record_contacts(scope, ContactKind.ACCEPTED, [PHONE])
    await people.forget_subscriber(me.tenant_id, made.id, PHONE)
    async with tenant_scope(me) as scope:
        assert await contacts.accepted_since(scope, [PHONE], scope.now - timedelta(1)) == {PHONE: 1}


async def test_groups_have_names_settings_and_people(me):
    first = await groups.create_group(me, GroupCreate(name="Friends", header="Nordlys:"))
    await groups.create_group(me, GroupCreate(name="Foes"))
    with pytest.raises(Conflict):
        await groups.create_group(me, GroupCreate(name="Friends"))
    with pytest.raises(Conflict) as taken:
        await groups.update_group(me, first.id, GroupUpdate(version=1, name="Foes"))
    assert taken.value.code == "group_name_taken"
    now = await groups.update_group(me, first.id, GroupUpdate(version=1, require_consent=True))
    assert (now.header, now.require_consent, now.version) == ("Nordlys:", True, 2)
    with pytest.raises(StateConflict):
        await groups.update_group(me, first.id, GroupUpdate(version=1, name="X"))
    made = await make_subscriber(me)
    change = MembershipChange(subscriber_ids=[made.id])
    for expected in (1, 0):
        answer = await groups.add_to_group(me, first.id, change)
        assert (answer.changed, answer.subscribers) == (expected, 1)
    with pytest.raises(NotFound) as unknown:
        await groups.add_to_group(me, first.id, MembershipChange(subscriber_ids=[uuid7()]))
    assert unknown.value.errors[0].pointer == "/subscriber_ids/0"
    listed = await people.list_subscribers(me, group_id=first.id)
    assert [item.id for item in listed.items] == [made.id]
    assert (await groups.remove_from_group(me, first.id, change)).changed == 1
    await groups.delete_group(me, first.id)
    assert [g.name for g in (await groups.list_groups(me)).items] == ["Foes"]


async def test_a_group_an_import_goes_into_stays(me):
    found = await parsed(me, f"phone\n{PHONE}\n".encode(), new_group="New")
    with pytest.raises(Conflict) as refused:
        await groups.delete_group(me, found.options.group_id)
    assert refused.value.code == "group_in_use"


async def test_an_opt_out_keeps_its_first_evidence_and_every_word_said(me, database):
    first = await contacts.create_opt_out(me, OptOutCreate(phone=PHONE, evidence="letter"))
    again = await contacts.create_opt_out(me, OptOutCreate(phone=PHONE, evidence="call"))
    assert (again.id, again.evidence) == (first.id, "letter")
    async with tenant_scope(me) as scope:
        assert await contacts.opt_in(scope, PHONE, evidence="START")
        assert not await contacts.opt_in(scope, PHONE, evidence="START")
    assert (await contacts.list_opt_outs(me)).items == []
    third = await contacts.create_opt_out(me, OptOutCreate(phone=PHONE, evidence="STOP"))
    assert third.id != first.id
    connection = await database.connect()
    try:
        assert await connection.fetchval("SELECT count(*) FROM opt_out_events") == 5
    finally:
        await connection.close()
    scoped = OptOutCreate(phone=OTHER, sender="Nordlys", evidence="only these")
    await contacts.create_opt_out(me, scoped)
    assert [o.sender for o in (await contacts.list_opt_outs(me)).items] == ["Nordlys", ""]
    found = await contacts.list_opt_outs(me, phone=OTHER)
    assert [o.phone for o in found.items] == [OTHER]


async def test_tenants_cannot_delete_an_opt_out(me):
    await contacts.create_opt_out(me, OptOutCreate(phone=PHONE, evidence="letter"))
    for table in ("opt_outs", "opt_out_events"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tenant_scope(me) as scope:
                await scope.execute(f"DELETE FROM {table}")


async def test_contacts_are_counted_before_and_after_folding(me):
    async with tenant_scope(me) as scope:
        now = scope.now
        for days in (0, 0, 3, 40):
            when = now - timedelta(days=days)
            await contacts.record_contacts(scope, ContactKind.ACCEPTED, [PHONE], at=when)
        await contacts.record_contacts(scope, ContactKind.REPLIED, [PHONE])
        await contacts.record_contacts(scope, ContactKind.DELIVERED, [OTHER])

    async def counted() -> dict[str, int]:
        async with tenant_scope(me) as scope:
            since = now - timedelta(days=7)
            return await contacts.accepted_since(scope, [PHONE, OTHER], since)

    assert await counted() == {PHONE: 3}
    folded = await asyncio.gather(contacts.fold_contacts(timedelta(0)), contacts.fold_contacts())
    assert sum(folded) == 6
    assert await counted() == {PHONE: 3}
    async with tenant_scope(me) as scope:
        await contacts.record_contacts(scope, ContactKind.ACCEPTED, [PHONE])
    assert await counted() == {PHONE: 4}
    assert await contacts.fold_contacts(timedelta(0)) == 1
    assert await contacts.fold_contacts(timedelta(0)) == 0
    assert await counted() == {PHONE: 4}


async def test_tenants_with_young_contacts_keep_no_others_from_being_folded(me):
    tenants = sorted([me.tenant_id, *[await make_tenant() for _ in range(3)]])
    for tenant_id in tenants:
        async with tenant_scope(member_of(tenant_id)) as scope:
            hour_ago = scope.now - timedelta(hours=1)
            at = hour_ago if tenant_id == tenants[-1] else scope.now
            await contacts.record_contacts(scope, ContactKind.ACCEPTED, [PHONE], at=at)
    assert await contacts.fold_contacts(tenants_per_page=2) == 1


async def test_unknown_groups_and_consent_in_the_future_are_refused(me):
    with pytest.raises(NotFound):
        await people.create_subscriber(me, SubscriberCreate(phone=PHONE, group_ids=[uuid7()]))
    assert (await people.list_subscribers(me)).items == []


async def test_an_attribute_is_not_deleted_under_a_value_being_written(me):
    """The writer read it as existing and has not committed its value yet."""
    await groups.create_attribute(me, AttributeCreate(label="City"))

    async def delete() -> str:
        with pytest.raises(Conflict) as refused:
            await groups.delete_attribute(me, "city")
        return refused.value.code

    async with tenant_scope(me) as scope:
        assert await people._checked_attributes(scope, {"city": "Oslo"}) == {"city": "Oslo"}
        code = await asyncio.create_task(delete(), context=contextvars.Context())
    assert code == "attribute_in_use"
    await groups.delete_attribute(me, "city")
