"""What an import reads of a list that has just begun to grow: its own rows, whatever was counted or
planned when the table was nearly empty.
"""

import asyncpg
import pytest

from backend.audience.queries import staging
from backend.db.engine import DATABASE
from backend.db.scope import tenant_scope
from tests.audience.factories import csv_of, imported, make_subscriber, norwegian_rows, parsed
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio

ROWS = 3_000
PLANNED_ONCE_AFTER = 5  # executions with a plan of their own, before a connection keeps one
READ = (
    "SELECT coalesce(sum(idx_tup_fetch), 0)::bigint + coalesce(sum(seq_tup_read), 0)::bigint"
    " FROM pg_stat_xact_user_tables WHERE relname = 'subscribers'"
)


async def one_each(connection: asyncpg.Connection, me) -> None:
    """Every tenant has one subscriber: which of them it is says the tenant as well as the key."""
    for number in range(3):
        await make_subscriber(member_of(await make_tenant(f"Tenant {number}")))
    await connection.execute("ANALYZE subscribers")


async def one_list(connection: asyncpg.Connection, me) -> None:
    """A first, small file on the same connection; it is read whole for each of its members."""
    await connection.execute("VACUUM ANALYZE subscribers")
    small = norwegian_rows(range(ROWS, ROWS + 2 * PLANNED_ONCE_AFTER))
    await imported(me, csv_of("phone,name,shop", *small), new_group="Few", default_country="NO")


@pytest.mark.parametrize("before", [one_each, one_list])
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
