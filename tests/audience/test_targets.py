"""Target groups: what a rule means, what it may not say, and what a campaign freezes of it."""

from datetime import timedelta
from typing import Any

import pytest

from backend.audience.queries import candidates
from backend.audience.schemas.people import (
    AttributeCreate,
    Consent,
    GroupCreate,
    MembershipChange,
)
from backend.audience.schemas.rules import AudienceInput
from backend.audience.schemas.targets import RuleCount, TargetGroupCreate, TargetGroupUpdate
from backend.audience.service import contacts, groups, targets
from backend.audience.service.evaluation import audience_count, audience_page
from backend.audience.service.freezing import freeze
from backend.audience.states import AttributeKind, ContactKind
from backend.audience.targeting.terms import read_frozen
from backend.db.pages import read_in_order
from backend.db.scope import tenant_scope
from backend.kernel.errors import Conflict, InvalidInput, NotFound, StateConflict
from backend.kernel.ids import uuid7
from tests.audience.factories import csv_of, imported, make_subscriber, norwegian_rows
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(me):
    """Five people who differ in everything a rule can ask for."""
    for label, kind in (
        ("City", "text"),
        ("Points", "number"),
        ("Born", "date"),
        ("Vip", "boolean"),
    ):
        await groups.create_attribute(me, AttributeCreate(label=label, kind=AttributeKind(kind)))
    people = {
        "ada": {"city": "Oslo", "points": 10, "born": "1990-05-01", "vip": True},
        "bo": {"city": "oslo", "points": "9.5", "born": "2001-01-31", "vip": False},
        "cy": {"city": "Bergen", "points": -3},
        "di": {"city": "100% Oslo_"},
        "eli": {},
    }
    made = {}
    for at, (name, attributes) in enumerate(people.items()):
        consent = Consent(source="form") if name in {"ada", "cy"} else None
        made[name] = await make_subscriber(
            me, f"+479123456{at}", name=name, attributes=attributes, consent=consent, language="nb"
        )
    group = await groups.create_group(me, GroupCreate(name="Club"))
    ids = [made["ada"].id, made["eli"].id]
    await groups.add_to_group(me, group.id, MembershipChange(subscriber_ids=ids))
    async with tenant_scope(me) as scope:
        week_ago = scope.now - timedelta(days=7)
        await contacts.record_contacts(
            scope, ContactKind.DELIVERED, [made["ada"].phone], at=week_ago
        )
        await contacts.record_contacts(scope, ContactKind.ACCEPTED, [made["bo"].phone])
    await contacts.fold_contacts(timedelta(0))
    return {"group": str(group.id), **{name: view.id for name, view in made.items()}}


def attribute(name, comparison, *values):
    return {"kind": "attribute", "name": name, "comparison": comparison, "values": list(values)}


async def meant(me, rule):
    made = await targets.create_target_group(me, TargetGroupCreate(name=str(uuid7()), rule=rule))
    counted = await targets.count_target_group(me, RuleCount(rule=rule))
    async with tenant_scope(me) as scope:
        frozen = await freeze(scope, AudienceInput(target_group_ids=[made.id]))
        rows = await audience_page(scope, frozen)
        assert await audience_count(scope, frozen) == len(rows) == counted.subscribers
        # Everybody but whom the rule leaves out: the other ones, exactly.
        rest = await freeze(scope, AudienceInput(all=True, deselected_target_group_ids=[made.id]))
        left = [row for row in await audience_page(scope, rest) if row.is_deselected]
    assert [row.subscriber_id for row in left] == [row.subscriber_id for row in rows]
    assert {row.deselected_by for row in left} <= {f"target_group:{made.id}"}
    assert counted.with_consent == sum(row.has_consent for row in rows)
    return {row.attributes["name"] for row in rows}


async def test_every_kind_of_condition(me, shop):
    expected = {
        "ada bo": attribute("City", "equals", "OSLO"),
        "cy di eli": attribute("city", "not_equals", "Oslo"),
        "ada bo di": attribute("city", "contains", "oslo"),
        "di": attribute("city", "contains", "% oslo_"),
        "cy": attribute("city", "starts_with", "ber"),
        "ada bo cy": attribute("city", "one_of", "oslo", "bergen"),
        "eli": attribute("city", "is_empty"),
        "ada bo ": attribute("points", "at_least", "9.5"),
        "bo cy": attribute("points", "at_most", 9.50),
        "ada": attribute("points", "equals", "10.0"),
        " bo": attribute("points", "between", 0, 9.75),
        "bo": attribute("born", "at_least", "31.01.2001"),
        " ada": attribute("born", "between", "1990-05-01", "1990-05-01"),
        "": attribute("born", "in_last_days", 30),
        "ada  ": attribute("vip", "equals", True),
        "  bo": attribute("vip", "equals", "no"),
        "ada eli": {"kind": "group", "id": shop["group"]},
        "ada cy": {"kind": "consent"},
        "  ada": {"kind": "activity", "event": "delivered"},
        "    ": {"kind": "activity", "event": "delivered", "days": 3},
        "   bo": {"kind": "activity", "event": "accepted", "days": 1},
        "ada bo cy di eli": {
            "kind": "field", "name": "language", "comparison": "one_of", "values": ["nb", "sv"],
        },
    }  # fmt: skip
    for names, rule in expected.items():
        assert await meant(me, rule) == set(names.split()), rule
        others = {"ada", "bo", "cy", "di", "eli"} - set(names.split())
        assert await meant(me, {"kind": "not", "of": rule}) == others, rule
    both = {"kind": "all", "of": [{"kind": "consent"}, attribute("city", "equals", "oslo")]}
    assert await meant(me, both) == {"ada"}
    either = {"kind": "any", "of": [both, attribute("city", "is_empty")]}
    assert await meant(me, either) == {"ada", "eli"}


async def test_values_are_parameters_and_never_sql(me, shop):
    for text in ("' OR true --", "$1", "%", "{left_out}", "{rule}", "\\"):
        rule = attribute("city", "equals", text)
        assert await meant(me, rule) == set()
        assert await meant(me, attribute("city", "contains", text)) <= {"di"}


def deep(levels: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"kind": "consent"}
    for _ in range(levels - 1):
        rule = {"kind": "not", "of": rule}
    return rule


@pytest.mark.parametrize(
    ("rule", "pointer", "code"),
    [
        ({}, "/rule/kind", "rule_invalid"),
        ({"kind": "sql"}, "/rule/kind", "rule_invalid"),
        ({"kind": "all", "of": []}, "/rule/of", "rule_empty"),
        ({"kind": "any", "of": [{"kind": "consent"}, 7]}, "/rule/of/1", "rule_invalid"),
        ({"kind": "consent", "of": []}, "/rule", "rule_invalid"),
        (deep(7), "/rule" + "/of" * 6, "rule_too_deep"),
        ({"kind": "any", "of": [{"kind": "consent"}] * 51}, "/rule/of", "rule_too_long"),
        (attribute("Shoe", "equals", "x"), "/rule/name", "unknown_attribute"),
        (attribute("city", "at_least", "x"), "/rule/comparison", "comparison_invalid"),
        (attribute("points", "contains", "1"), "/rule/comparison", "comparison_invalid"),
        (attribute("points", "equals", "many"), "/rule/values/0", "value_invalid"),
        (attribute("points", "between", 1), "/rule/values", "value_count_invalid"),
        (attribute("born", "equals", "2001-02-30"), "/rule/values/0", "value_invalid"),
        (attribute("born", "in_last_days", "3"), "/rule/values/0", "value_invalid"),
        (attribute("vip", "equals", "perhaps"), "/rule/values/0", "value_invalid"),
        (attribute("city", "equals", None), "/rule/values/0", "value_invalid"),
        (attribute("city", "equals", ["x"]), "/rule/values/0", "value_invalid"),
        (attribute("city", "equals", "a\x00b"), "/rule/values/0", "value_invalid"),
        (attribute("points", "equals", "1e9999"), "/rule/values/0", "value_invalid"),
        ({"kind": "activity", "event": "opened"}, "/rule/event", "rule_invalid"),
        ({"kind": "activity", "event": "replied", "days": 0}, "/rule/days", "value_invalid"),
        ({"kind": "activity", "event": "replied", "days": True}, "/rule/days", "value_invalid"),
        ({"kind": "group", "id": "x"}, "/rule/id", "invalid_id"),
        (
            {"kind": "field", "name": "phone", "comparison": "equals", "values": ["1"]},
            "/rule/name",
            "unknown_field",
        ),
    ],
)
async def test_what_a_rule_may_not_say_is_told_at_its_place(me, shop, rule, pointer, code):
    for ask in (
        lambda: targets.create_target_group(me, TargetGroupCreate(name="Bad", rule=rule)),
        lambda: targets.count_target_group(me, RuleCount(rule=rule)),
    ):
        with pytest.raises(InvalidInput) as refused:
            await ask()
        assert (pointer, code) in [(e.pointer, e.code) for e in refused.value.errors]


async def test_several_problems_come_at_once(me, shop):
    rule = {"kind": "all", "of": [attribute("Shoe", "equals", "x"), {"kind": "sql"}]}
    with pytest.raises(InvalidInput) as refused:
        await targets.create_target_group(me, TargetGroupCreate(name="Bad", rule=rule))
    assert [e.pointer for e in refused.value.errors] == ["/rule/of/0/name", "/rule/of/1/kind"]


async def test_rules_refer_to_each_other_but_never_in_a_circle(me, shop):
    oslo = await targets.create_target_group(
        me, TargetGroupCreate(name="Oslo", rule=attribute("city", "equals", "oslo"))
    )
    refers = {"kind": "target_group", "id": str(oslo.id)}
    agreed = {"kind": "all", "of": [refers, {"kind": "consent"}]}
    above = await targets.create_target_group(me, TargetGroupCreate(name="Agreed", rule=agreed))
    assert await meant(me, {"kind": "target_group", "id": str(above.id)}) == {"ada"}
    back = {"kind": "not", "of": {"kind": "target_group", "id": str(above.id)}}
    with pytest.raises(InvalidInput) as refused:
        await targets.update_target_group(
            me, oslo.id, TargetGroupUpdate(version=oslo.version, rule=back)
        )
    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/rule/of", "circular_reference")
    ]
    itself = {"kind": "any", "of": [refers]}
    with pytest.raises(InvalidInput, match="circular_reference"):
        await targets.update_target_group(
            me, oslo.id, TargetGroupUpdate(version=oslo.version, rule=itself)
        )
    with pytest.raises(Conflict, match="target_group_in_use"):
        await targets.delete_target_group(me, oslo.id)
    with pytest.raises(Conflict, match="attribute_in_use"):
        await groups.delete_attribute(me, "city")


async def test_references_count_as_what_they_name(me, shop):
    many = {"kind": "any", "of": [{"kind": "consent"}] * 20}
    wide = await targets.create_target_group(me, TargetGroupCreate(name="Wide", rule=many))
    twice = {"kind": "any", "of": [{"kind": "target_group", "id": str(wide.id)}] * 3}
    with pytest.raises(InvalidInput) as refused:
        await targets.create_target_group(me, TargetGroupCreate(name="Wider", rule=twice))
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/rule/of/2", "rule_too_long")]
    tall = await targets.create_target_group(me, TargetGroupCreate(name="Tall", rule=deep(5)))
    taller = {
        "kind": "not",
        "of": {"kind": "not", "of": {"kind": "target_group", "id": str(tall.id)}},
    }
    with pytest.raises(InvalidInput, match="rule_too_deep"):
        await targets.count_target_group(me, RuleCount(rule=taller))


async def test_what_is_named_must_be_there_and_ours(me, shop):
    stranger = member_of(await make_tenant())
    theirs = await groups.create_group(stranger, GroupCreate(name="Theirs"))
    rule = {"kind": "any", "of": [
        {"kind": "group", "id": str(theirs.id)}, {"kind": "target_group", "id": str(uuid7())},
    ]}  # fmt: skip
    with pytest.raises(NotFound) as refused:
        await targets.create_target_group(me, TargetGroupCreate(name="Spy", rule=rule))
    assert [e.pointer for e in refused.value.errors] == ["/rule/of/0/id", "/rule/of/1/id"]
    async with tenant_scope(me) as scope:
        with pytest.raises(NotFound) as unknown:
            given = AudienceInput(target_group_ids=[uuid7()], deselected_group_ids=[theirs.id])
            await freeze(scope, given)
    assert [e.pointer for e in unknown.value.errors] == ["/deselected_group_ids/0"]
    with pytest.raises(Conflict, match="group_in_use"):
        named = {"kind": "not", "of": {"kind": "group", "id": shop["group"]}}
        await targets.create_target_group(me, TargetGroupCreate(name="Not club", rule=named))
        await groups.delete_group(me, uuid_of(shop["group"]))


def uuid_of(text):
    return type(uuid7())(text)


async def test_a_frozen_rule_stays_when_the_saved_one_changes(me, shop):
    made = await targets.create_target_group(
        me, TargetGroupCreate(name="Oslo", rule=attribute("city", "equals", "oslo"))
    )
    async with tenant_scope(me) as scope:
        frozen = await freeze(scope, AudienceInput(target_group_ids=[made.id]))
    changed = TargetGroupUpdate(version=made.version, rule=attribute("city", "equals", "Bergen"))
    await targets.update_target_group(me, made.id, changed)
    with pytest.raises(StateConflict, match="version_conflict"):
        await targets.update_target_group(me, made.id, changed)
    async with tenant_scope(me) as scope:
        assert {r.attributes["name"] for r in await audience_page(scope, frozen)} == {"ada", "bo"}
        again = await freeze(scope, AudienceInput(target_group_ids=[made.id]))
        assert {r.attributes["name"] for r in await audience_page(scope, again)} == {"cy"}
    assert again.target_group_rules[0].rule != frozen.target_group_rules[0].rule


async def test_pages_of_rules_groups_and_people_hold_everybody_once(me, shop):
    rows = norwegian_rows(range(300))
    await imported(me, csv_of("phone,name,City", *rows), new_group="All")
    rule = attribute("city", "one_of", "1", "3")
    made = await targets.create_target_group(me, TargetGroupCreate(name="Odd", rule=rule))
    chosen = AudienceInput(
        target_group_ids=[made.id],
        group_ids=[uuid_of(shop["group"])],
        subscriber_ids=[shop["bo"], shop["ada"]],
    )
    async with tenant_scope(me) as scope:
        frozen = await freeze(scope, chosen)
        whole = await audience_page(scope, frozen)
        found, after = [], None
        while page := await audience_page(scope, frozen, after, 7):
            found += page
            after = page[-1].subscriber_id
        assert await audience_count(scope, frozen) == len(whole)
    assert found == whole
    assert len({row.subscriber_id for row in whole}) == len(whole) == 86 + 3


async def test_a_page_by_rule_reads_by_key_on_a_hundred_thousand_rows(me, database):
    """Plans, not times: every look-up by key, whatever the rule asks."""
    club = await groups.create_group(me, GroupCreate(name="Club"))
    await groups.create_attribute(me, AttributeCreate(label="shop"))
    connection = await database.connect()
    await connection.execute(
        "INSERT INTO subscribers (tenant_id, id, phone, country, name, attributes, created_at,"
        " changed_at) SELECT $1, gen_random_uuid(), '+479' || lpad(n::text, 7, '0'), 'NO',"
        " 'P ' || n, jsonb_build_object('shop', (n % 7)::text), now(), now()"
        " FROM generate_series(1, 100000) n",
        me.tenant_id,
    )
    # The check of its foreign key is planned once, too, by what is known of the table then.
    await connection.execute("ANALYZE subscribers")
    await connection.execute(
        "INSERT INTO group_members SELECT tenant_id, $2, id, now() FROM subscribers"
        " WHERE tenant_id = $1",
        me.tenant_id,
        club.id,
    )
    await connection.execute(
        "INSERT INTO contact_totals (tenant_id, phone, day, accepted, last_accepted_at)"
        " SELECT tenant_id, phone, now()::date - d, 1, now() - d * interval '1 day'"
        " FROM subscribers, generate_series(0, 1) d WHERE tenant_id = $1",
        me.tenant_id,
    )
    await connection.execute("ANALYZE")
    await connection.close()
    rule = {"kind": "any", "of": [
        attribute("shop", "equals", "3"),
        {"kind": "not", "of": {"kind": "activity", "event": "accepted", "days": 30}},
        {"kind": "not", "of": {"kind": "group", "id": str(club.id)}},
    ]}  # fmt: skip
    made = await targets.create_target_group(me, TargetGroupCreate(name="Mixed", rule=rule))
    async with tenant_scope(me) as scope:
        frozen = await freeze(
            scope, AudienceInput(target_group_ids=[made.id], deselected_group_ids=[club.id])
        )
        term = read_frozen(frozen.target_group_rules[0].rule)
        filters = candidates.Filters(scope.now, [term], [term])
        middle = (await audience_page(scope, frozen))[-1].subscriber_id
        for sql, values, more in (
            (*candidates.everybody_sql(filters), ()),
            (*candidates.chosen_sql(filters), ([club.id], [])),
        ):
            await read_in_order(scope)
            lines = await scope.rows(
                f"EXPLAIN (ANALYZE, COSTS OFF) {sql}",
                me.tenant_id, middle, 1000, "", *more, *values,
            )  # fmt: skip
            plan = "\n".join(line["QUERY PLAN"] for line in lines)
            for table in ("subscribers", "group_members", "contact_totals"):
                assert f"Seq Scan on {table}" not in plan, plan
            assert "hashed SubPlan" not in plan, plan
            assert "rows=100000" not in plan, plan
