"""What a campaign reads: each candidate once, every reason beside them, by an index."""

import random

import pytest

from backend.audience.queries import candidates
from backend.audience.schemas.people import (
    Consent,
    GroupCreate,
    MembershipChange,
    OptOutCreate,
)
from backend.audience.schemas.rules import AudienceInput, AudienceRule, FrozenGroup
from backend.audience.service import contacts, groups, people
from backend.audience.service.evaluation import (
    audience_count,
    audience_page,
    sample_rows,
)
from backend.audience.service.freezing import freeze, missing_groups
from backend.audience.states import NumberState
from backend.db.pages import read_in_order
from backend.db.scope import tenant_scope
from backend.kernel.errors import InvalidInput, NotFound
from backend.kernel.ids import uuid7
from tests.audience.factories import (
    csv_of,
    imported,
    make_subscriber,
    norwegian_rows,
)
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio


async def everyone(me, rule, limit=1000, sender=""):
    """All pages, as preparing reads them."""
    found, after = [], None
    async with tenant_scope(me) as scope:
        while page := await audience_page(scope, rule, after, limit, sender=sender):
            assert len(page) <= limit
            found += page
            after = page[-1].subscriber_id
    return found


async def group_of(me, name, ids, **settings):
    made = await groups.create_group(me, GroupCreate(name=name, **settings))
    await groups.add_to_group(me, made.id, MembershipChange(subscriber_ids=ids))
    return made.id


async def test_a_rule_is_frozen_with_names_and_sorted_ids(me):
    people_ids = [(await make_subscriber(me, f"+479123456{n}")).id for n in range(3)]
    group = await group_of(me, "Friends", people_ids)
    given = AudienceInput(
        group_ids=[group],
        subscriber_ids=[people_ids[2], people_ids[0], people_ids[2]],
        deselected_ids=[people_ids[1]],
    )
    async with tenant_scope(me) as scope:
        rule = await freeze(scope, given)
        assert rule.groups == (FrozenGroup(group, "Friends"),)
        assert rule.subscriber_ids == tuple(sorted({people_ids[0], people_ids[2]}))
        assert await audience_count(scope, rule) == 3
        assert await missing_groups(scope, rule) == []
    await groups.delete_group(me, group)
    async with tenant_scope(me) as scope:
        assert [g.name for g in await missing_groups(scope, rule)] == ["Friends"]


async def test_unknown_ids_and_empty_choices_are_refused(me):
    stranger = member_of(await make_tenant())
    foreign = await make_subscriber(stranger)
    async with tenant_scope(me) as scope:
        with pytest.raises(NotFound) as unknown:
            given = AudienceInput(group_ids=[uuid7()], subscriber_ids=[foreign.id])
            await freeze(scope, given)
        pointers = [error.pointer for error in unknown.value.errors]
        assert pointers == ["/group_ids/0", "/subscriber_ids/0"]
        for wrong in (AudienceInput(), AudienceInput(all=True, group_ids=[uuid7()])):
            with pytest.raises(InvalidInput):
                await freeze(scope, wrong)


async def test_every_reason_stands_beside_the_candidate(me):
    names = ["fine", "opted_out", "no_consent", "deselected", "unreachable", "other_sender"]
    made = {}
    for at, name in enumerate(names):
        consent = None if name == "no_consent" else Consent(source="form")
        person = await make_subscriber(me, f"+479123456{at}", name=name, consent=consent)
        made[name] = person
    group = await group_of(
        me, "Strict", [p.id for p in made.values()], require_consent=True, footer="STOP ends"
    )
    await contacts.create_opt_out(
        me, OptOutCreate(phone=made["opted_out"].phone, evidence="letter")
    )
    await contacts.create_opt_out(
        me, OptOutCreate(phone=made["other_sender"].phone, sender="Other", evidence="letter")
    )
    async with tenant_scope(me) as scope:
        phones = [made["unreachable"].phone]
        assert await contacts.mark_numbers(scope, phones, NumberState.UNREACHABLE) == 1
        given = AudienceInput(group_ids=[group], deselected_ids=[made["deselected"].id])
        rule = await freeze(scope, given)
        sample = await sample_rows(scope, rule, 10, sender="Nordlys")
    rows = {row.attributes["name"]: row for row in await everyone(me, rule, sender="Nordlys")}
    assert set(rows) == set(names)
    assert [n for n, r in rows.items() if r.opted_out] == ["opted_out"]
    assert [n for n, r in rows.items() if r.lacks_consent] == ["no_consent"]
    assert [n for n, r in rows.items() if r.is_deselected] == ["deselected"]
    assert [n for n, r in rows.items() if r.is_unreachable] == ["unreachable"]
    assert {row.footer for row in rows.values()} == {"STOP ends"}
    assert rows["fine"].attributes == {
        "name": "fine",
        "phone": made["fine"].phone,
    }
    assert {row.attributes["name"] for row in sample} == {"fine", "other_sender"}
    of_other = await everyone(me, rule, sender="Other")
    assert sum(row.opted_out is not None for row in of_other) == 2


async def test_settings_of_all_groups_that_reach_somebody_join_to_the_strictest(me):
    one = await make_subscriber(me, "+4791234561")
    both = await make_subscriber(me, "+4791234562")
    alone = await make_subscriber(me, "+4791234563")
    first = await group_of(me, "A", [one.id, both.id], header="Hi", footer="Stop")
    second = await group_of(me, "B", [both.id], header="Hello all", require_consent=True)
    async with tenant_scope(me) as scope:
        given = AudienceInput(group_ids=[first, second], subscriber_ids=[alone.id, both.id])
        rule = await freeze(scope, given)
    rows = {row.subscriber_id: row for row in await everyone(me, rule)}
    assert len(rows) == 3
    assert (rows[one.id].header, rows[one.id].require_consent) == ("Hi", False)
    assert (rows[both.id].header, rows[both.id].footer) == ("Hello all", "Stop")
    assert rows[both.id].lacks_consent
    assert set(rows[both.id].group_ids) == {first, second}
    assert (rows[alone.id].header, rows[alone.id].group_ids) == (None, ())
    # Chosen one by one, or with everybody, a person's own groups still have their say.
    async with tenant_scope(me) as scope:
        single = await freeze(scope, AudienceInput(subscriber_ids=[both.id]))
    for rule in (single, AudienceRule(all=True)):
        found = {row.subscriber_id: row for row in await everyone(me, rule)}
        assert found[both.id].lacks_consent


async def test_pages_of_any_size_hold_everybody_once(me):
    rng = random.Random(7)
    ids = [(await make_subscriber(me, f"+4791234{n:03d}")).id for n in range(60)]
    chosen = [await group_of(me, f"G{n}", rng.sample(ids, 25)) for n in range(4)]
    single = rng.sample(ids, 20)
    async with tenant_scope(me) as scope:
        given = AudienceInput(group_ids=chosen, subscriber_ids=single)
        rule = await freeze(scope, given)
    for gone in single[:5]:
        await people.erase_subscriber(me, gone)
    expected = [row.subscriber_id for row in await everyone(me, rule)]
    assert expected == sorted(set(expected))
    assert set(single[5:]) <= set(expected)
    memberships = {row.subscriber_id: row.group_ids for row in await everyone(me, rule)}
    for limit in (1, 2, 3, 7, 25):
        rows = await everyone(me, rule, limit)
        assert [row.subscriber_id for row in rows] == expected
        assert {row.subscriber_id: row.group_ids for row in rows} == memberships
    async with tenant_scope(me) as scope:
        assert await audience_count(scope, rule) == len(expected)
        assert len(await everyone_of(scope, AudienceRule(all=True))) == 55


async def everyone_of(scope, rule):
    return await audience_page(scope, rule)


async def test_a_rule_of_erased_people_only_ends(me):
    ids = [(await make_subscriber(me, f"+4791234{n:03d}")).id for n in range(6)]
    async with tenant_scope(me) as scope:
        rule = await freeze(scope, AudienceInput(subscriber_ids=ids))
    for gone in sorted(ids)[:5]:
        await people.erase_subscriber(me, gone)
    assert [row.subscriber_id for row in await everyone(me, rule, 2)] == [max(ids)]
    await people.erase_subscriber(me, max(ids))
    assert await everyone(me, rule, 2) == []


async def plan_of(me, sql, *args):
    async with tenant_scope(me) as scope:
        await read_in_order(scope)
        rows = await scope.rows(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", *args)
        return "\n".join(row["QUERY PLAN"] for row in rows)


async def test_a_page_reads_by_key_whatever_the_size(me, database):
    """Plans, not times: no sequential scan, no sort of the whole, a thousand rows touched."""
    rows = norwegian_rows(range(20_000))
    made = await imported(me, csv_of("phone,name,shop", *rows), new_group="All")
    connection = await database.connect()
    await connection.execute("ANALYZE")
    await connection.close()
    group = made.options.group_id
    async with tenant_scope(me) as scope:
        middle = (await audience_page(scope, AudienceRule(all=True), None, 1000))[-1].subscriber_id
        nobody_else = candidates.Filters(scope.now)
    sql, _ = candidates.everybody_sql(nobody_else)
    everybody = await plan_of(me, sql, me.tenant_id, middle, 1000, "")
    sql, _ = candidates.chosen_sql(nobody_else)
    chosen = await plan_of(me, sql, me.tenant_id, middle, 1000, "", [group], [])
    for plan in (everybody, chosen):
        assert "Seq Scan on subscribers" not in plan, plan
        assert "Seq Scan on group_members" not in plan, plan
        assert "rows=20000" not in plan, plan
        assert "rows=19000" not in plan, plan
    assert "subscribers_pkey" in everybody
    assert "group_members_pkey" in chosen
    search = await plan_of(
        me,
        "SELECT id FROM subscribers WHERE tenant_id = $1 AND (name_key >= $2 AND name_key < $3"
        " OR full_name_key >= $2 AND full_name_key < $3)",
        me.tenant_id,
        "person 199",
        "person 199\U0010ffff",
    )
    assert "subscribers_name" in search, search
    assert "subscribers_full_name" in search, search
