"""Caps, hours, countries and consent: the strictest of everything that has a say."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.audience.schemas.people import GroupCreate, GroupUpdate, MembershipChange
from backend.audience.schemas.rules import AudienceInput
from backend.audience.schemas.sending import FrequencyCap, SendingHours, SendingRules, TimeSpan
from backend.audience.schemas.settings import LegalHoursUpdate, SendingSettingsUpdate
from backend.audience.service import contacts, groups, sending
from backend.audience.service.evaluation import audience_page
from backend.audience.service.freezing import freeze
from backend.audience.states import ContactKind
from backend.db.scope import tenant_scope
from backend.kernel.errors import InvalidInput, NotFound, StateConflict
from backend.kernel.principal import StaffRole
from backend.sms.phone import unreachable_kind
from tests.audience.factories import make_subscriber
from tests.factories import staff

pytestmark = pytest.mark.anyio

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def span(starts, ends, days=EVERY_DAY):
    return TimeSpan(days=days, starts=starts, ends=ends)


NIGHT = SendingRules(quiet_hours=[span("21:00", "08:00")])
OFFICE = SendingRules(send_windows=[span("09:00", "17:00", [1, 2, 3, 4, 5])])


async def group_of(me, name, ids, **settings):
    made = await groups.create_group(me, GroupCreate(name=name, **settings))
    await groups.add_to_group(me, made.id, MembershipChange(subscriber_ids=ids))
    return made


async def rows_at(me, at, **audience):
    async with tenant_scope(me) as scope:
        rule = await freeze(scope, AudienceInput(**audience or {"all": True}))
        return {r.attributes["name"]: r for r in await audience_page(scope, rule, at=at)}


async def settings_of(me, sending_rules=None, **more):
    current = await sending.read_sending_settings(me)
    given = SendingSettingsUpdate(
        version=current.version, sending=sending_rules or SendingRules(), **more
    )
    return await sending.update_sending_settings(me, given)


async def test_groups_join_to_the_strictest_and_the_tenant_speaks_where_none_does(me):
    both = await make_subscriber(me, "+4791234561", name="both")
    one = await make_subscriber(me, "+4791234562", name="one")
    await make_subscriber(me, "+4791234563", name="none")
    await group_of(me, "Night", [both.id, one.id], sending=NIGHT)
    await group_of(me, "Office", [both.id], sending=OFFICE)
    at = MONDAY_NOON.replace(hour=5)  # 06:00 in Oslo
    rows = await rows_at(me, at)
    assert rows["none"].opens_at is None
    assert rows["one"].opens_at == MONDAY_NOON.replace(hour=7)
    assert rows["one"].closes_at == MONDAY_NOON.replace(hour=20)
    assert rows["both"].opens_at == MONDAY_NOON.replace(hour=8)
    assert rows["both"].closes_at == MONDAY_NOON.replace(hour=16)
    await settings_of(me, OFFICE)
    rows = await rows_at(me, at)
    assert rows["none"].opens_at == MONDAY_NOON.replace(hour=8)
    assert rows["one"].opens_at == MONDAY_NOON.replace(hour=7), "the group has spoken"


async def test_a_campaigns_own_hours_win(me):
    person = await make_subscriber(me, "+4791234561", name="ada")
    await group_of(me, "Office", [person.id], sending=OFFICE)
    own = SendingHours(quiet_hours=[span("10:00", "14:00")])
    rows = await rows_at(me, MONDAY_NOON.replace(hour=5), all=True, hours=own)
    assert rows["ada"].opens_at is None
    rows = await rows_at(me, MONDAY_NOON, all=True, hours=own)
    assert rows["ada"].opens_at == MONDAY_NOON.replace(hour=13)


async def test_what_opens_within_no_day_is_closed_with_who_said_so(me):
    person = await make_subscriber(me, "+4791234561", name="ada")
    office = await group_of(me, "Office", [person.id], sending=OFFICE)
    friday = MONDAY_NOON - timedelta(days=3) + timedelta(hours=6)
    rows = await rows_at(me, friday)
    assert rows["ada"].closed_by == f"hours:group:{office.id}"
    assert (await rows_at(me, friday + timedelta(days=2)))["ada"].opens_at is not None


async def test_the_last_minute_of_a_window_is_not_begun(me):
    person = await make_subscriber(me, "+4791234561", name="ada")
    await group_of(me, "Office", [person.id], sending=OFFICE)
    late = MONDAY_NOON.replace(hour=15, minute=59, second=30)
    rows = await rows_at(me, late)
    assert rows["ada"].opens_at == MONDAY_NOON.replace(hour=8) + timedelta(days=1)


async def test_the_legal_table_is_added_where_the_tenant_keeps_to_it(me):
    await make_subscriber(me, "+33612345678", name="fr")
    await make_subscriber(me, "+4791234561", name="no")
    sunday = MONDAY_NOON - timedelta(days=1)
    assert (await rows_at(me, sunday))["fr"].opens_at is None
    await settings_of(me, keeps_legal_hours=True, blocked_countries=["SE", "NO"])
    rows = await rows_at(me, sunday)
    assert rows["fr"].opens_at == MONDAY_NOON.replace(hour=7)
    assert rows["no"].opens_at is None
    assert rows["no"].is_country_blocked
    assert not rows["fr"].is_country_blocked


async def test_staff_keep_the_legal_table(me):
    lead = staff(StaffRole.LEAD)
    shipped = {one.country: one for one in await sending.list_legal_hours(me)}
    assert {"US", "FR"} <= shipped.keys()
    given = LegalHoursUpdate(version=0, quiet_hours=[span("20:00", "09:00")], source="a law")
    made = await sending.put_legal_hours(lead, "NO", given)
    assert (made.version, made.country) == (1, "NO")
    with pytest.raises(StateConflict, match="version_conflict"):
        await sending.put_legal_hours(lead, "NO", given)
    again = LegalHoursUpdate(version=1, quiet_hours=[span("19:00", "09:00")])
    assert (await sending.put_legal_hours(lead, "NO", again)).version == 2
    with pytest.raises(InvalidInput, match="country_unknown"):
        await sending.put_legal_hours(lead, "QQ", given)
    whole_week = LegalHoursUpdate(version=0, quiet_hours=[span("00:00", "00:00")])
    with pytest.raises(InvalidInput, match="hours_never_open"):
        await sending.put_legal_hours(lead, "SE", whole_week)
    await sending.delete_legal_hours(lead, "NO")
    with pytest.raises(NotFound):
        await sending.delete_legal_hours(lead, "NO")


async def test_caps_count_what_was_accepted_and_name_who_set_them(me):
    often = await make_subscriber(me, "+4791234561", name="often")
    rare = await make_subscriber(me, "+4791234562", name="rare")
    async with tenant_scope(me) as scope:
        at = scope.now
        for days, phones in (0, [often]), (1, [often]), (5, [often, rare]):
            reached = [subscriber.phone for subscriber in phones]
            when = at - timedelta(days=days)
            await contacts.record_contacts(scope, ContactKind.ACCEPTED, reached, at=when)
    for fold in (False, True):
        if fold:
            await contacts.fold_contacts(timedelta(0))
        await settings_of(me, SendingRules(frequency_caps=[FrequencyCap(messages=2, days=3)]))
        rows = await rows_at(me, at)
        assert rows["often"].capped_by == "cap:2:3:settings"
        assert (rows["rare"].capped_by, rows["rare"].cap_left) == (None, 2)
    caps = [FrequencyCap(messages=9, days=1), FrequencyCap(messages=1, days=7)]
    made = await group_of(me, "Club", [rare.id], sending=SendingRules(frequency_caps=caps))
    rows = await rows_at(me, at)
    assert rows["rare"].capped_by == f"cap:1:7:group:{made.id}"


async def test_settings_that_leave_nobody_a_minute_are_refused(me):
    closed = SendingRules(
        quiet_hours=[span("08:00", "20:00")], send_windows=[span("09:00", "17:00")]
    )
    with pytest.raises(InvalidInput, match="hours_never_open"):
        await groups.create_group(me, GroupCreate(name="Closed", sending=closed))
    with pytest.raises(InvalidInput, match="hours_never_open"):
        await settings_of(me, closed)
    made = await groups.create_group(me, GroupCreate(name="Open", sending=NIGHT))
    assert made.sending == NIGHT
    renamed = await groups.update_group(me, made.id, GroupUpdate(version=1, name="Still"))
    assert renamed.sending == NIGHT
    with pytest.raises(InvalidInput, match="hours_never_open"):
        await groups.update_group(me, made.id, GroupUpdate(version=2, sending=closed))
    with pytest.raises(InvalidInput, match="country_unknown"):
        await settings_of(me, blocked_countries=["NO", "ZZ"])
    with pytest.raises(StateConflict, match="version_conflict"):
        await sending.update_sending_settings(
            me, SendingSettingsUpdate(version=7, sending=SendingRules())
        )


@pytest.mark.parametrize(
    ("phone", "kind"),
    [
        ("+4791234567", None),
        ("+4722334455", "fixed_line"),
        ("+448001111111", "toll_free"),
        ("+5491123456789", None),
        ("+999123456789", "unknown"),
    ],
)
async def test_numbers_that_no_text_reaches(phone, kind):
    assert unreachable_kind(phone) == kind


async def test_deselected_groups_leave_out_whoever_is_named(me):
    ada = await make_subscriber(me, "+4791234561", name="ada")
    await make_subscriber(me, "+4791234562", name="bo")
    made = await group_of(me, "Staff", [ada.id])
    rows = await rows_at(me, MONDAY_NOON, all=True, deselected_group_ids=[made.id])
    assert [r.deselected_by for r in rows.values()] == [f"group:{made.id}", None]
    single = {"subscriber_ids": [ada.id], "deselected_ids": [ada.id]}
    rows = await rows_at(me, MONDAY_NOON, **single, deselected_group_ids=[made.id])
    assert (rows["ada"].is_deselected, rows["ada"].deselected_by) == (True, None)
