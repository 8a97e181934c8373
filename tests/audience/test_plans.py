"""What is read of a list that has just begun to grow: the rows that were asked for, whatever was
counted or planned when the table was nearly empty or its tenant was not there yet.
"""

from typing import NamedTuple
from uuid import UUID

import asyncpg
import pytest

from backend.audience.queries import candidates, contacts, staging, subscribers
from backend.db.engine import DATABASE
from backend.db.scope import tenant_scope
from tests.audience.factories import csv_of, imported, make_subscriber, norwegian_rows, parsed
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio

ROWS = 6_000
PLANNED_ONCE_AFTER = 5  # executions with a plan of their own, before a connection keeps one
READ = (
    "SELECT coalesce(sum(idx_tup_fetch), 0)::bigint + coalesce(sum(seq_tup_read), 0)::bigint"
    " FROM pg_stat_xact_user_tables WHERE relname IN ('subscribers', 'group_members')"
)
LEAF_PERCENT_MIN = 10


async def one_each(connection: asyncpg.Connection, me) -> None:
    """Every tenant has one subscriber: which of them it is says the tenant as well as the key."""
    for number in range(3):
        await make_subscriber(member_of(await make_tenant(f"Tenant {number}")))
    await connection.execute("ANALYZE subscribers")


async def one_each_and_a_deep_key(connection: asyncpg.Connection, me) -> None:
    """As on a long list: the key has a level more than the index of phones, which begins alike."""
    await connection.execute(f"ALTER INDEX subscribers_pkey SET (fillfactor = {LEAF_PERCENT_MIN})")
    await one_each(connection, me)


async def one_list(connection: asyncpg.Connection, me) -> None:
    """A first, small file on the same connection; it is read whole for each of its members."""
    await connection.execute("VACUUM ANALYZE subscribers")
    small = norwegian_rows(range(ROWS, ROWS + 2 * PLANNED_ONCE_AFTER))
    await imported(me, csv_of("phone,name,shop", *small), new_group="Few", default_country="NO")


@pytest.fixture
async def pages_full_again(database):
    yield
    connection = await database.connect()
    await connection.execute("ALTER INDEX subscribers_pkey RESET (fillfactor)")
    await connection.close()


@pytest.mark.usefixtures("pages_full_again")
@pytest.mark.parametrize("before", [one_each, one_each_and_a_deep_key, one_list])
async def test_members_are_checked_by_the_key(database, files, before):
    await DATABASE.close()
    await DATABASE.open(database.login_url, connections_max=1)
    me = member_of(await make_tenant())
    connection = await database.connect()
    try:
        await before(connection, me)
    finally:
        await connection.close()
    found = await parsed(
        me,
        csv_of("phone,name,shop", *norwegian_rows(range(ROWS))),
        new_group="All",
        default_country="NO",
    )
    async with tenant_scope(me) as scope:
        already = await scope.value(READ)
        counts = await staging.apply_lines(
            scope,
            found.id,
            (0, ROWS + 2),
            consent=("import", None, None),
            group_id=found.options.group_id,
        )
        read = await scope.value(READ) - already
    assert counts["added"] == ROWS
    assert read <= 2 * ROWS


PAGE = 100
PAGE_READ_MAX = 4 * PAGE
"""A person, their membership, and for a page in order the one behind it."""


@pytest.fixture(params=["counted before they came", "counted since"])
async def newcomer(request, database, files):
    """A tenant with a list, beside one with a list that was there before."""
    counted = member_of(await make_tenant("Counted"))
    await imported(
        counted, csv_of("phone,name,shop", *norwegian_rows(range(500))), default_country="NO"
    )
    await count(database)
    me = member_of(await make_tenant("Newcomer"))
    lines = csv_of("phone,name,shop", *norwegian_rows(range(ROWS)))
    made = await imported(me, lines, new_group="All", default_country="NO")
    if request.param == "counted since":
        await count(database)
    return me, made


async def count(database) -> None:
    connection = await database.connect()
    await connection.execute("ANALYZE subscribers, group_members, opt_outs, opt_out_events")
    await connection.close()


class Some(NamedTuple):
    """Of a list that went into one group: people in the midst of it, in order."""

    group_id: UUID
    ids: list[UUID]
    phones: list[str]


async def everybody(scope, some) -> None:
    nobody = candidates.Filters(scope.now)
    assert len(await candidates.everybody(scope, "", some.ids[0], PAGE, nobody)) == PAGE


async def one_group(scope, some) -> None:
    nobody = candidates.Filters(scope.now)
    found = await candidates.chosen(
        scope, "", some.ids[0], PAGE, nobody, group_ids=[some.group_id], subscriber_ids=[]
    )
    assert len(found) == PAGE


async def chosen_ones(scope, some) -> None:
    nobody = candidates.Filters(scope.now)
    found = await candidates.chosen(
        scope, "", None, PAGE, nobody, group_ids=[], subscriber_ids=some.ids
    )
    assert [len(person.group_ids) for person in found] == [1] * PAGE


async def known_ones(scope, some) -> None:
    assert await subscribers.known_subscribers(scope, some.ids) == set(some.ids)
    assert len(await subscribers.hold(scope, some.ids)) == PAGE


async def page_of_people(scope, some) -> None:
    assert len(await subscribers.subscribers_page(scope, some.ids[0], PAGE)) == PAGE


async def page_of_group(scope, some) -> None:
    group = some.group_id
    assert len(await subscribers.group_page(scope, group, some.ids[0], PAGE)) == PAGE


async def one_phone(scope, some) -> None:
    assert await subscribers.id_of_phone(scope, some.phones[0]) == some.ids[0]
    assert not await contacts.is_opted_out(scope, some.phones[0], "")


async def dead_numbers(scope, some) -> None:
    assert await subscribers.mark_number(scope, some.phones, "unreachable") == PAGE
    assert await subscribers.mark_number(scope, some.phones, "unreachable") == 0


async def few_of_a_name(scope, some) -> None:
    """Persons 43, 430 to 439 and 4300 to 4399."""
    assert len(await subscribers.search_names(scope, "person 43", None, 2 * PAGE)) == 111
    assert not await subscribers.search_names(scope, "nobody", None, PAGE)


@pytest.mark.parametrize(
    "look",
    [
        everybody,
        one_group,
        chosen_ones,
        known_ones,
        page_of_people,
        page_of_group,
        one_phone,
        dead_numbers,
        few_of_a_name,
    ],
)
async def test_a_tenant_is_read_by_key_counted_or_not(newcomer, look):
    me, made = newcomer
    async with tenant_scope(me) as scope:
        rows = await scope.rows(
            "SELECT id, phone FROM subscribers ORDER BY id OFFSET 1000 LIMIT $1", PAGE
        )
        some = Some(
            made.options.group_id, [row["id"] for row in rows], [row["phone"] for row in rows]
        )
        already = await scope.value(READ)
        await look(scope, some)
        assert await scope.value(READ) - already <= PAGE_READ_MAX


async def test_a_list_of_known_people_is_compared_by_their_phones(newcomer):
    me, _ = newcomer
    again = csv_of("phone,name,shop", *norwegian_rows(range(ROWS)))
    found = await parsed(me, again, new_group="Again", default_country="NO")
    async with tenant_scope(me) as scope:
        already = await scope.value(READ)
        known = await staging.known_people(scope, found.id)
        read = await scope.value(READ) - already
    assert known["existing"] == ROWS
    assert read <= 2 * ROWS
